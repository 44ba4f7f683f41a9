import type { ListOptions, Page } from '../client/etcdListing';
import type { RangeAnswer } from '../client/etcdMessages';
import type { KeyRange } from '../client/etcdModel';
import type { CallOptions, EtcdTransport } from '../client/etcdTransport';

/** What the watch needs of a cluster. */
export interface WatchedCluster {
  readonly transport: EtcdTransport;
  range(
    range: KeyRange,
    options: CallOptions & { keysOnly?: boolean; revision?: number },
  ): Promise<RangeAnswer>;
  list(range: KeyRange, options: ListOptions): AsyncGenerator<Page, void, undefined>;
  count(range: KeyRange, options: CallOptions & { revision?: number }): Promise<number>;
  lease(id: string, options: CallOptions): Promise<{ ttl: number | undefined }>;
}
