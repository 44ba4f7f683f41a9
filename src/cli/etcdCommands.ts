/** The commands on etcd: one bundle of its own, in which each evaluates what it needs only. */
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

const onEtcd = <Options extends EtcdOptions>(load: () => Promise<EtcdWork<Options>>) =>
  carriedOut<Options>(async (operands, options, cli) => {
    await using session = await EtcdSession.start(options, cli);
    const work = await load();
    const status = await work(operands, options, session, cli);
    return cli.interruption.exitStatus ?? status;
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
