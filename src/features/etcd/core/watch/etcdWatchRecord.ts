import type { MusterError } from '../../../../platform/errors/errors';
import type { Key, KeyValue } from '../client/etcdModel';
import type { WayChange } from './watchWays';

/** A change of one key. */
export interface WatchEvent {
  type: 'put' | 'delete';
  key: Key;
  /** The revision of the change; several keys share it when they were changed in one transaction. */
  revision: number;
  /** The key after a put. */
  current: KeyValue | undefined;
  /**
   * The key before the change; undefined when it did not exist, or when `previousUnknown`: that revision was compacted.
   */
  previous: KeyValue | undefined;
  previousUnknown: boolean;
  /**
   * Of deletions of a key that had a lease. `expired`: the lease has ended (its time was over or it was revoked, which
   * etcd does not tell apart) right when the key went. `maybe`: the lease is gone now, but the deletion was seen too
   * late, or the lease could not be asked for. undefined: the key was deleted by itself.
   */
  lease?: 'expired' | 'maybe';
}

/** A key that differs between two known states; what happened in between is unknown. */
export interface KeyDifference {
  key: Key;
  /** The modRevision before; undefined when the key was not there. Values before are not kept. */
  previousRevision: number | undefined;
  /** The key now; undefined when it is gone. */
  current: KeyValue | undefined;
}

/**
 * What a watch tells, in order. Between `connected` and the end every revision of the range is told exactly once: by
 * `events`, or as a part of the span of a `gap`.
 */
export type WatchRecord =
  /** The watch runs on `endpoint`; events after `revision` follow. Once, after the snapshot. */
  | { type: 'connected'; endpoint: string; revision: number }
  /** A page of the state at `revision`, if it was asked for. The last has `last`, and may be empty. */
  | { type: 'snapshot'; revision: number; kvs: KeyValue[]; last: boolean }
  /** Changes in the order of their revisions; a large transaction may go on in the next record. */
  | { type: 'events'; events: WatchEvent[] }
  /** The watch is alive and complete up to `revision` without a change. */
  | { type: 'progress'; revision: number }
  /** The connection is lost; the watch goes on trying until it is closed. `revision`: everything up to it was told. */
  | { type: 'disconnected'; endpoint: string; error: MusterError; revision: number }
  /** It runs again; changes after `revision` follow. */
  | { type: 'resumed'; endpoint: string; revision: number; awayMs: number }
  /**
   * etcd lives, but what follows `revision` did not come for `silentMs`, or is known to be too much for it: from now on
   * it is asked for in another way, until it was told. `patience`: an answer may take longer; `unsplit`: in one message
   * of up to 512 MiB; `withoutPrevious`: without what was before each event, which is read by itself as far as possible.
   */
  | { type: 'detour'; endpoint: string; revision: number; change: WayChange; silentMs: number }
  /**
   * The changes from revision `from` to revision `to`, both included, are unknown and always will be: `compacted`
   * while the watch was away or lagged, or `rewritten`: the cluster was restored from a backup and has another history
   * (then `to` may be less than `from`). `difference` records follow.
   */
  | { type: 'gap'; from: number; to: number; reason: 'compacted' | 'rewritten' }
  /**
   * The net difference that a gap made, against the state before it; it leads to the state at `revision`.
   * `deletionsKnown` is false when the keys from before were not known or too many to keep: then keys that are gone
   * are missing, and so is `previousRevision`. The last page has `last`.
   */
  | {
      type: 'difference';
      revision: number;
      changes: KeyDifference[];
      deletionsKnown: boolean;
      last: boolean;
    };

export interface WatchOptions {
  /** The first revision to tell, for the past; by default what comes after now. */
  fromRevision?: number;
  /** Tells the state before the first event: keys only, or with values. Not together with `fromRevision`. */
  snapshot?: 'keys' | 'values';
  /** Whether events carry what was before; true by default. */
  previous?: boolean;
  /** Keys that are remembered to tell after a gap which are gone; 200,000 by default, 0: none. */
  maxTrackedKeys?: number;
  /** Milliseconds of silence after which a sign of life is asked for; 1000 by default, and as long for the answer. */
  idleMs?: number;
  signal?: AbortSignal;
}
