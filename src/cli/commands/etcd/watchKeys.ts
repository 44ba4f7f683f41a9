import { prefixRange } from '../../../core/etcd/etcdModel';
import { watchLines } from '../../../core/etcd/watchLines';
import type { EtcdWork } from '../../etcdWork';
import { type EtcdOptions, readKey, readRevision } from '../../etcdOptions';
import { exitStatus } from '../../exitStatus';
import { JsonRecords } from '../../output/etcdOutput';

export interface WatchOptions extends EtcdOptions {
  rev?: string;
  progress?: boolean;
}

/** `muster etcd watch`: until it is stopped. What is not read is not taken from etcd. */
export const watchKeys: EtcdWork<WatchOptions> = async ([prefix], options, session, { terminal }) => {
  const fromRevision = readRevision(options.rev, '--rev');
  const entry = session.entry(options.cluster);
  const { etcd, call } = await session.open(entry);
  const range = prefixRange(prefix === undefined ? Buffer.from(entry.prefix) : readKey(prefix, options));
  const lines = new JsonRecords(terminal.stdout, true);
  for await (const record of etcd.watch(range, { fromRevision, signal: call.signal }))
    if (record.type !== 'progress' || options.progress) await lines.write(watchLines(record));
  return exitStatus.ok;
};
