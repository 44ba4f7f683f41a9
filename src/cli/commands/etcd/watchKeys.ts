import { prefixRange } from '../../../core/etcd/etcdModel';
import type { WatchEvent, WatchRecord } from '../../../core/etcd/etcdWatchRecord';
import { errorReport } from '../../../core/errors';
import type { EtcdWork } from '../../etcdWork';
import { type EtcdOptions, readKey, readRevision } from '../../etcdOptions';
import { exitStatus } from '../../exitStatus';
import { JsonRecords, keyJson, valueJson } from '../../output/etcdOutput';

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
    if (record.type !== 'progress' || options.progress) await lines.write(recordLines(record));
  return exitStatus.ok;
};

/** The documented lines of a record. */
function* recordLines(record: WatchRecord): Generator<object> {
  const { type, ...rest } = record;
  if (record.type === 'events') {
    for (const event of record.events) yield eventLine(event);
  } else if (record.type === 'disconnected') {
    const { endpoint, revision, error } = record;
    yield { event: type, endpoint, revision, error: errorReport(error) };
  } else if (record.type === 'difference') {
    const { revision, changes, last, deletionsKnown } = record;
    for (const { key, current, previousRevision } of changes) {
      yield {
        ...{ event: type, revision, type: current ? 'put' : 'delete', ...keyJson(key) },
        ...(current && { ...valueJson(current.value), modRevision: current.modRevision }),
        ...(previousRevision !== undefined && { previousRevision }),
      };
    }
    if (last) yield { event: 'converged', revision, deletionsKnown };
  } else if (record.type === 'resumed') yield { event: type, ...rest, awayMs: Math.round(record.awayMs) };
  else if (record.type !== 'snapshot') yield { event: type, ...rest };
}

function eventLine({ revision, type, key, current, previous, previousUnknown, lease }: WatchEvent): object {
  return {
    ...{ revision, type, ...keyJson(key) },
    ...(current && valueJson(current.value)),
    ...(previous && valueJson(previous.value, 'prevValue')),
    ...(previousUnknown && { prevUnknown: true }),
    ...(lease && { leaseExpired: lease === 'expired' ? true : lease }),
  };
}
