import type { RangeAnswer } from '../client/etcdMessages';
import { type KeyRange, keyAfter, type KeyValue, prefixRange } from '../client/etcdModel';
import { entryBelow } from './keyFolders';

export interface FolderEntry {
  readonly kind: 'folder';
  /** The prefix that the keys in it share, separator included. */
  readonly bytes: Buffer;
}

export interface KeyLeaf {
  readonly kind: 'key';
  readonly bytes: Buffer;
  /** Without its value. */
  readonly kv: KeyValue;
}

export type LevelEntry = FolderEntry | KeyLeaf;

export interface LevelPage {
  /** In the order of keys. */
  entries: LevelEntry[];
  /** Where the next page begins; undefined after the last one. */
  next: Buffer | undefined;
}

export interface LevelRequest {
  prefix: Buffer;
  separator: Buffer;
  /** The `next` of the page before. */
  from?: Buffer;
  /** Entries at most, 1 or more. */
  limit: number;
}

/** Asks for keys without values, at most `limit` of them. */
export type RangeKeys = (range: KeyRange, limit: number) => Promise<Pick<RangeAnswer, 'kvs' | 'more'>>;

/** Keys in the first question; later ones ask for more as long as keys lie side by side. */
const firstPage = 64;
const largestPage = 1_000;

/**
 * One level of a tree of keys. A folder costs one question however much is in it: its keys are skipped, not read.
 */
export async function listLevel(rangeKeys: RangeKeys, request: LevelRequest): Promise<LevelPage> {
  const { prefix, separator, limit } = request;
  const whole = prefixRange(prefix);
  const entries: LevelEntry[] = [];
  let start = request.from ?? whole.start;
  let pageSize = Math.min(firstPage, limit + 1);
  for (;;) {
    const { kvs, more } = await rangeKeys({ start, end: whole.end }, pageSize);
    let skipTo: Buffer | undefined;
    for (const kv of kvs) {
      if (skipTo && kv.key.compare(skipTo) < 0) continue;
      if (entries.length === limit) return { entries, next: kv.key };
      const { kind, bytes } = entryBelow(prefix, kv.key, separator);
      if (kind === 'key') entries.push({ kind, bytes, kv });
      else {
        entries.push({ kind, bytes });
        skipTo = prefixRange(bytes).end;
      }
    }
    const last = kvs.at(-1);
    if (!more || !last) return { entries, next: undefined };
    const isInFolder = skipTo !== undefined && last.key.compare(skipTo) < 0;
    start = isInFolder ? skipTo! : keyAfter(last.key);
    pageSize = isInFolder ? firstPage : Math.min(pageSize * 4, largestPage);
    if (isInFolder && isEndOfAll(start)) return { entries, next: undefined };
  }
}

/** After a folder whose prefix has no end, nothing follows. */
function isEndOfAll(key: Buffer): boolean {
  return key.length === 1 && key[0] === 0;
}
