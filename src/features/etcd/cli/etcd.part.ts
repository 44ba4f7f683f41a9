/** The commands on etcd: one bundle of its own, in which each evaluates what it needs only. */
import { carriedOut } from '../../../shell/cli/carriedOut';
import type { DeleteOptions } from './commands/deleteKeys';
import type { ExportOptions } from './commands/exportKeys';
import type { GetOptions } from './commands/getKey';
import type { HistoryOptions } from './commands/historyOfKey';
import type { ImportOptions } from './commands/importKeys';
import type { ListOptions } from './commands/listKeys';
import type { PutOptions } from './commands/putKey';
import type { WatchOptions } from './commands/watchKeys';
import type { EtcdOptions } from './etcdOptions';
import { EtcdSession } from './etcdSession';
import type { EtcdWork } from './etcdWork';

const onEtcd = <Options extends EtcdOptions>(load: () => Promise<EtcdWork<Options>>) =>
  carriedOut<Options>(async (operands, options, cli) => {
    await using session = await EtcdSession.start(options, cli);
    const work = await load();
    const status = await work(operands, options, session, cli);
    return cli.interruption.exitStatus ?? status;
  });

export const ls = onEtcd<ListOptions>(async () => (await import('./commands/listKeys')).listKeys);
export const get = onEtcd<GetOptions>(async () => (await import('./commands/getKey')).getKey);
export const put = onEtcd<PutOptions>(async () => (await import('./commands/putKey')).putKey);
export const del = onEtcd<DeleteOptions>(async () => (await import('./commands/deleteKeys')).deleteKeys);
export const watch = onEtcd<WatchOptions>(async () => (await import('./commands/watchKeys')).watchKeys);
export const diff = onEtcd<EtcdOptions>(
  async () => (await import('./commands/comparePrefixes')).comparePrefixes,
);
export const history = onEtcd<HistoryOptions>(
  async () => (await import('./commands/historyOfKey')).historyOfKey,
);
export const exportPrefix = onEtcd<ExportOptions>(
  async () => (await import('./commands/exportKeys')).exportKeys,
);
export const importPrefix = onEtcd<ImportOptions>(
  async () => (await import('./commands/importKeys')).importKeys,
);
