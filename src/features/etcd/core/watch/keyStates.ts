import { MusterError } from '../../../../platform/errors/errors';
import { t } from '../../../../platform/l10n/l10n';
import type { EtcdCluster } from '../client/etcdCluster';
import { type Key, type KeyValue, singleKey } from '../client/etcdModel';
import type { CallOptions } from '../client/etcdTransport';
import { EtcdWatch } from './etcdWatch';

/** A state that a key had from its revision on. */
export interface KeyState {
  revision: number;
  /** undefined: it was deleted, or did not exist yet. */
  kv: KeyValue | undefined;
}

export interface KeyStates {
  /** The oldest first; the last one is the state now. */
  states: KeyState[];
  /** The first revision that can be read; what lies before is gone, unless it is 1. */
  oldest: number;
  /** States left out at the beginning, since there are too many. */
  forgotten: number;
  /** False when the key does not exist now, and etcd could not prove that it told every deletion of it. */
  isProven: boolean;
}

/** Milliseconds without an event, after which a key that does not exist is taken to have no more. */
const quietMs = 2_000;
/** States of one key that are kept, and bytes of their values. */
const kept = { states: 1_000, bytes: 32 * 1024 * 1024 };

/**
 * The states that etcd still has of a key, deletions included: the state at the oldest revision that is not compacted,
 * then every event since, told by a watch from the past.
 * @throws MusterError as the cluster's other calls
 */
export async function keyStates(
  connection: EtcdCluster,
  key: Key,
  options: CallOptions = {},
): Promise<KeyStates> {
  const now = await connection.range(singleKey(key), options);
  const oldest = await oldestRevision(connection, now.revision, options);
  const first = await connection.get(key, { ...options, revision: oldest });
  const states: KeyState[] = first ? [{ revision: first.modRevision, kv: first }] : [];
  const end = now.kvs[0]?.modRevision;
  let forgotten = 0;
  let isProven = true;
  if (oldest >= now.revision || states.at(-1)?.revision === end) {
    const isComplete = end !== undefined || oldest >= now.revision;
    if (isComplete) return { states, oldest, forgotten, isProven };
  }
  await using watch = new EtcdWatch(connection, singleKey(key), {
    ...{ fromRevision: oldest + 1, previous: false, maxTrackedKeys: 0, idleMs: quietMs },
    ...(options.signal && { signal: options.signal }),
  });
  // Servers before 3.5 prove nothing to a watch that has no events.
  const quiet = end === undefined ? new QuietEnd(watch) : undefined;
  for await (const record of watch) {
    if (record.type === 'gap')
      throw new MusterError('COMPACTED', t('the history was compacted while it was read'), {
        hint: t('Try again.'),
      });
    if (record.type === 'progress' && record.revision >= now.revision) break;
    if (record.type !== 'events') continue;
    quiet?.heard();
    for (const { revision, current } of record.events) states.push({ revision, kv: current });
    forgotten += forgetOldest(states);
    if (end !== undefined && states.at(-1)!.revision >= end) break;
  }
  quiet?.stop();
  isProven = !quiet?.isOver;
  return { states, oldest, forgotten, isProven };
}

/** Takes the oldest states away that are too many or too large. Returns how many. */
function forgetOldest(states: KeyState[]): number {
  let bytes = 0;
  let first = states.length - 1;
  for (; first >= Math.max(0, states.length - kept.states); first--) {
    bytes += states[first]!.kv?.value.length ?? 0;
    if (bytes > kept.bytes) break;
  }
  return states.splice(0, first + 1).length;
}

/** Ends a watch that has told nothing for a while. */
class QuietEnd {
  isOver = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly watch: EtcdWatch) {
    this.heard();
  }

  heard(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.isOver = true;
      this.watch.close();
    }, quietMs);
  }

  stop(): void {
    clearTimeout(this.timer);
  }
}

/** The first revision that was not compacted, found by halving. */
export async function oldestRevision(
  connection: EtcdCluster,
  newest: number,
  options: CallOptions = {},
): Promise<number> {
  let low = 1;
  let high = Math.max(1, newest);
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (await isReadable(connection, middle, options)) high = middle;
    else low = middle + 1;
  }
  return low;
}

async function isReadable(connection: EtcdCluster, revision: number, options: CallOptions): Promise<boolean> {
  try {
    await connection.get(Buffer.from([0]), { ...options, revision });
    return true;
  } catch (error) {
    if (MusterError.is(error, 'COMPACTED')) return false;
    throw error;
  }
}
