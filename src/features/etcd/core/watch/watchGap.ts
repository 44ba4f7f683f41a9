import { MusterError } from '../../../../platform/errors/errors';
import type { KeyDifference, WatchRecord } from './etcdWatchRecord';
import { type KeyRange, type KeyValue, singleKey } from '../client/etcdModel';
import type { TrackedKeys } from './trackedKeys';
import type { WatchedCluster } from './watchedCluster';

export interface Gap {
  /** The last revision that is unknown; the state at it is known. */
  to: number;
  reason: 'compacted' | 'rewritten';
}

/** Values that are read at the same time to find a difference. */
const readsAtOnce = 16;

/** Whether the state of `range` at `revision` cannot be read any more. */
export async function compactedAt(
  cluster: WatchedCluster,
  { start }: KeyRange,
  revision: number,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await cluster.range(singleKey(start), { keysOnly: true, revision, signal });
    return false;
  } catch (error) {
    if (MusterError.is(error, 'COMPACTED')) return true;
    throw error;
  }
}

/**
 * The net difference of a gap that begins with the revision `from`: what `before` knows of the keys, compared with what
 * they are after the gap, which is put into `after`. Returns the number of keys then, or undefined when a compaction
 * has overtaken the reading.
 */
export async function* differencesOf(
  cluster: WatchedCluster,
  range: KeyRange,
  { from, to, reason, before, after }: Gap & { from: number; before: TrackedKeys; after: TrackedKeys },
  signal: AbortSignal,
): AsyncGenerator<WatchRecord, number | undefined, undefined> {
  let held = 0;
  const present = new Set<string>();
  const deletionsKnown = before.known;
  const record = (changes: KeyDifference[], last: boolean): WatchRecord => {
    return { type: 'difference', revision: to, changes, deletionsKnown, last };
  };
  const isChanged = (kv: KeyValue) =>
    deletionsKnown
      ? before.revisionOf(kv.key) !== kv.modRevision
      : kv.modRevision >= from || reason === 'rewritten';
  const read = async ({ key }: KeyValue): Promise<KeyDifference> => {
    const { kvs } = await cluster.range(singleKey(key), { revision: to, signal });
    return { key, previousRevision: before.revisionOf(key), current: kvs[0] };
  };
  try {
    for await (const { kvs } of cluster.list(range, { keysOnly: true, revision: to, signal })) {
      held += kvs.length;
      for (const kv of kvs) {
        after.put(kv);
        if (deletionsKnown) present.add(kv.key.toString('latin1'));
      }
      const changed = kvs.filter(isChanged);
      for (let begin = 0; begin < changed.length; begin += readsAtOnce)
        yield record(await Promise.all(changed.slice(begin, begin + readsAtOnce).map(read)), false);
    }
  } catch (error) {
    if (MusterError.is(error, 'COMPACTED')) return undefined;
    throw error;
  }
  const gone = [...before.missingIn(present)];
  yield record(
    gone.map(({ key, revision }) => ({ key, previousRevision: revision, current: undefined })),
    true,
  );
  return held;
}
