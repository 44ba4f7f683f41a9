/** What etcd stores and answers, with numbers for revisions: they stay far below 2^53. */

/** Any bytes but none; not always text. */
export type Key = Buffer;

export interface KeyValue {
  key: Key;
  /** Empty when only keys were asked for. */
  value: Buffer;
  createRevision: number;
  /** The revision of the last change: what writes are guarded by. */
  modRevision: number;
  /** Changes since the key was created, that one included. */
  version: number;
  /** The lease that the key ends with, as etcdctl prints it (hexadecimal), or undefined. */
  lease: string | undefined;
}

/** Keys from `start` up to, but without, `end`. */
export interface KeyRange {
  start: Key;
  /** undefined: only the key `start`; `\0` alone: everything from `start` on, as in etcd's API. */
  end: Buffer | undefined;
}

/** The end of a range without an end. */
export const endOfAll = Buffer.from([0]);

/** One key. */
export function singleKey(key: Key): KeyRange {
  return { start: key, end: undefined };
}

/** All keys that begin with `prefix`; all keys for an empty one. */
export function prefixRange(prefix: Buffer): KeyRange {
  // A key has one byte at least.
  return { start: prefix.length === 0 ? endOfAll : prefix, end: prefixEnd(prefix) };
}

/** The first key after all that begin with `prefix`. */
function prefixEnd(prefix: Buffer): Buffer {
  for (let index = prefix.length - 1; index >= 0; index--) {
    const byte = prefix[index]!;
    if (byte === 0xff) continue;
    const end = Buffer.from(prefix.subarray(0, index + 1));
    end[index] = byte + 1;
    return end;
  }
  return endOfAll;
}

/** The first key that sorts after `key`. */
export function keyAfter(key: Key): Buffer {
  return Buffer.concat([key, endOfAll]);
}

/** Whether `key` lies in `range`. */
export function inRange(range: KeyRange, key: Key): boolean {
  if (range.end === undefined) return key.equals(range.start);
  return key.compare(range.start) >= 0 && (range.end.equals(endOfAll) || key.compare(range.end) < 0);
}
