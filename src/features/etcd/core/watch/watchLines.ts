import { errorReport } from '../../../../platform/errors/errors';
import { keyJson, valueJson } from '../client/etcdJson';
import type { KeyDifference, WatchEvent, WatchRecord } from './etcdWatchRecord';

/** The documented lines of a record, each to become one line of NDJSON. */
export function* watchLines(record: WatchRecord): Generator<object, void, undefined> {
  const { type, ...rest } = record;
  if (record.type === 'events') {
    for (const event of record.events) yield eventLine(event);
  } else if (record.type === 'disconnected') {
    const { endpoint, revision, error } = record;
    yield { event: type, endpoint, revision, error: errorReport(error) };
  } else if (record.type === 'difference') {
    const { revision, changes, last, deletionsKnown } = record;
    for (const change of changes) yield differenceLine(revision, change);
    if (last) yield { event: 'converged', revision, deletionsKnown };
  } else if (record.type === 'resumed') yield { event: type, ...rest, awayMs: Math.round(record.awayMs) };
  else if (record.type === 'detour') yield { event: type, ...rest, silentMs: Math.round(record.silentMs) };
  else if (record.type !== 'snapshot') yield { event: type, ...rest };
}

export function eventLine(event: WatchEvent): object {
  const { revision, type, key, current, previous, previousUnknown, lease } = event;
  return {
    ...{ revision, type, ...keyJson(key) },
    ...(current && valueJson(current.value)),
    ...(previous && valueJson(previous.value, 'prevValue')),
    ...(previousUnknown && { prevUnknown: true }),
    ...(lease && { leaseExpired: lease === 'expired' ? true : lease }),
  };
}

export function differenceLine(revision: number, { key, current, previousRevision }: KeyDifference): object {
  return {
    ...{ event: 'difference', revision, type: current ? 'put' : 'delete', ...keyJson(key) },
    ...(current && { ...valueJson(current.value), modRevision: current.modRevision }),
    ...(previousRevision !== undefined && { previousRevision }),
  };
}
