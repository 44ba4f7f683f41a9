import type { EtcdCluster } from '../../core/etcd/etcdCluster';
import { keyAfter, prefixRange } from '../../core/etcd/etcdModel';
import type { LevelPage } from '../../core/etcd/listLevel';
import type { CallOptions } from '../../core/etcd/etcdTransport';
import type { KeyFilter } from './keyFilter';

export interface KeySearch {
  filter: KeyFilter;
  /** Where to go on. */
  from: Buffer | undefined;
  /** Keys at most. */
  limit: number;
  options: CallOptions;
}

/** Keys that a filter lets through, read page by page until there are enough of them. */
export async function searchKeys(connection: EtcdCluster, search: KeySearch): Promise<LevelPage> {
  const { filter, from, limit, options } = search;
  const whole = prefixRange(filter.prefix);
  const entries: LevelPage['entries'] = [];
  const range = { start: from ?? whole.start, end: whole.end };
  for await (const { kvs } of connection.list(range, { ...options, keysOnly: true })) {
    for (const kv of kvs) {
      if (!filter.matches(kv.key)) continue;
      entries.push({ kind: 'key', bytes: kv.key, kv });
      if (entries.length === limit) return { entries, next: keyAfter(kv.key) };
    }
  }
  return { entries, next: undefined };
}
