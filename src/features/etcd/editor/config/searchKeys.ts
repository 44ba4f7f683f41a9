import type { EtcdCluster } from '../../core/client/etcdCluster';
import { keyAfter, prefixRange } from '../../core/client/etcdModel';
import type { LevelPage } from '../../core/keys/listLevel';
import type { CallOptions } from '../../core/client/etcdTransport';
import type { KeyFilter } from './keyFilter';

export interface KeySearch {
  filter: KeyFilter;
  /** Where to go on. */
  from: Buffer | undefined;
  /** Keys at most. */
  limit: number;
  /** Keys looked at, at most; all by default. */
  maxSearched?: number;
  options: CallOptions;
}

/** Keys that a filter lets through, read page by page until there are enough of them. */
export async function searchKeys(connection: EtcdCluster, search: KeySearch): Promise<LevelPage> {
  const { filter, from, limit, maxSearched = Infinity, options } = search;
  const whole = prefixRange(filter.prefix);
  const entries: LevelPage['entries'] = [];
  const range = { start: from ?? whole.start, end: whole.end };
  let searched = 0;
  for await (const { kvs, remaining } of connection.list(range, { ...options, keysOnly: true })) {
    for (const kv of kvs) {
      if (!filter.matches(kv.key)) continue;
      entries.push({ kind: 'key', bytes: kv.key, kv });
      if (entries.length === limit) return { entries, next: keyAfter(kv.key) };
    }
    searched += kvs.length;
    if (searched >= maxSearched && remaining > 0) return { entries, next: keyAfter(kvs.at(-1)!.key) };
  }
  return { entries, next: undefined };
}
