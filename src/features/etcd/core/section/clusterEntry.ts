import type { SourceRange } from '../../../../platform/inventory/model';
import type { SectionToken } from '../../../../platform/inventory/sectionToken';
import type { EtcdSettings } from '../client/etcdSettings';

/** An etcd cluster of the section `etcd`. */
export interface ClusterEntry extends EtcdSettings {
  /** What its folders of keys end with. */
  readonly separator: string;
  /** Milliseconds for one request. */
  readonly timeoutMs: number;
  /** What relative paths of its files are relative to. */
  readonly directory: string;
  readonly source: SourceRange;
}

export const clusterEntries: SectionToken<ClusterEntry> = { key: 'etcd' };
