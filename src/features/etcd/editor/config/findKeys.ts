import type { EtcdCluster } from '../../core/client/etcdCluster';
import { prefixRange } from '../../core/client/etcdModel';
import type { CallOptions } from '../../core/client/etcdTransport';
import { escapedBytes } from '../../core/keys/keyText';
import { beginsWith, containing } from './keyFilter';
import { searchKeys } from './searchKeys';

/** Where the keys of a cluster are. */
export interface KeyPlace {
  prefix: Buffer;
  separator: Buffer;
}

export interface FindRequest extends KeyPlace {
  /** The beginning of keys, with or without the cluster's prefix, or a part of them; `\xNN` is read as a byte. */
  text: string;
  /** Keys found at most. */
  limit: number;
  /** Keys looked at, at most, to find those that have the text in them. */
  maxSearched: number;
  options: CallOptions;
}

export interface FoundKeys {
  /** Those that begin with the text come first, and the text as a whole key before all. */
  keys: Buffer[];
  /** How many begin with the text, where they are more than `keys`. */
  total: number | undefined;
  /** Whether there may be others that have the text in them. */
  more: boolean;
  /** Whether this is the last answer. */
  done: boolean;
}

/**
 * Finds keys by what somebody types of them. Answers with those that begin with the text, which costs one question, and
 * then, where they leave room, also with those that have it anywhere below the cluster's prefix.
 */
export async function* findKeys(
  connection: EtcdCluster,
  { text, limit, maxSearched, options, ...place }: FindRequest,
): AsyncGenerator<FoundKeys, void, undefined> {
  const beginning = wholeKey(text, place);
  const range = { ...options, limit: limit + 1, keysOnly: true };
  const { kvs, count } = await connection.range(prefixRange(beginning), range);
  const keys = kvs.slice(0, limit).map(({ key }) => key);
  const total = kvs.length > limit ? count : undefined;
  const isAll = text === '' || total !== undefined;
  yield { keys, total, more: false, done: isAll };
  if (isAll) return;
  const isPart = containing(text, escapedBytes(text));
  const matches = (key: Buffer) => isPart(key) && !beginsWith(key, beginning);
  const { entries, next } = await searchKeys(connection, {
    filter: { prefix: place.prefix, matches },
    from: undefined,
    limit: limit - keys.length + 1,
    maxSearched,
    options,
  });
  const all = [...keys, ...entries.map(({ bytes }) => bytes)];
  yield { keys: all.slice(0, limit), total, more: next !== undefined, done: true };
}

/** The key that a text means: below the cluster's prefix, unless it is written with it or begins like it. */
export function wholeKey(text: string, { prefix, separator }: KeyPlace): Buffer {
  const typed = escapedBytes(text);
  if (beginsWith(typed, prefix)) return typed;
  if (beginsWith(prefix, typed)) return prefix;
  const isWhole = separator.length > 0 && [prefix, typed].every((key) => beginsWith(key, separator));
  return isWhole ? typed : Buffer.concat([prefix, typed]);
}
