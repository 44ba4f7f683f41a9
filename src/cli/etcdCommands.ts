/** The commands on etcd: one bundle of its own, in which each evaluates what it needs only. */
import { type ErrorCode, errorChain, errorReport, MusterError } from '../core/errors';
import { printable } from '../core/printable';
import { carriedOut } from './carriedOut';
import type { DeleteOptions } from './commands/etcd/deleteKeys';
import type { ExportOptions } from './commands/etcd/exportKeys';
import type { GetOptions } from './commands/etcd/getKey';
import type { HistoryOptions } from './commands/etcd/historyOfKey';
import type { ImportOptions } from './commands/etcd/importKeys';
import type { ListOptions } from './commands/etcd/listKeys';
import type { PutOptions } from './commands/etcd/putKey';
import type { WatchOptions } from './commands/etcd/watchKeys';
import type { EtcdOptions } from './etcdOptions';
import { EtcdSession } from './etcdSession';
import type { EtcdWork } from './etcdWork';
import { exitStatus } from './exitStatus';

/** What every command reports in the same way. */
const usual: readonly ErrorCode[] = ['INVENTORY', 'READ_ONLY', 'CANCELLED'];

const onEtcd = <Options extends EtcdOptions>(load: () => Promise<EtcdWork<Options>>) =>
  carriedOut<Options>(async (operands, options, cli) => {
    try {
      await using session = await EtcdSession.start(options, cli);
      const work = await load();
      const status = await work(operands, options, session, cli);
      return cli.interruption.exitStatus ?? status;
    } catch (error) {
      if (!(error instanceof MusterError) || usual.includes(error.code)) throw error;
      if (cli.interruption.exitStatus !== undefined) return cli.interruption.exitStatus;
      const { causes, ...report } = errorReport(error);
      // Those of gRPC say the same once more.
      const news = causes.filter((cause) => !/^\d+ [A-Z_]+: /.test(cause) && !cause.includes(report.message));
      const [first, ...rest] = errorChain({ ...report, causes: news });
      const place = error.host === undefined ? '' : `${printable(error.host)}: `;
      for (const line of [`muster: ${place}${first}`, ...rest]) cli.terminal.note(printable(line, 500));
      return exitStatus.failed;
    }
  });

export const ls = onEtcd<ListOptions>(async () => (await import('./commands/etcd/listKeys')).listKeys);
export const get = onEtcd<GetOptions>(async () => (await import('./commands/etcd/getKey')).getKey);
export const put = onEtcd<PutOptions>(async () => (await import('./commands/etcd/putKey')).putKey);
export const del = onEtcd<DeleteOptions>(async () => (await import('./commands/etcd/deleteKeys')).deleteKeys);
export const watch = onEtcd<WatchOptions>(async () => (await import('./commands/etcd/watchKeys')).watchKeys);
export const diff = onEtcd<EtcdOptions>(
  async () => (await import('./commands/etcd/comparePrefixes')).comparePrefixes,
);
export const history = onEtcd<HistoryOptions>(
  async () => (await import('./commands/etcd/historyOfKey')).historyOfKey,
);
export const exportPrefix = onEtcd<ExportOptions>(
  async () => (await import('./commands/etcd/exportKeys')).exportKeys,
);
export const importPrefix = onEtcd<ImportOptions>(
  async () => (await import('./commands/etcd/importKeys')).importKeys,
);
