import { l10n } from 'vscode';
import { type KeyRange, prefixRange, singleKey } from '../../core/client/etcdModel';
import { keyText } from '../../core/keys/keyText';
import type { Cluster } from '../clusters/cluster';

/** Documents of values that a watch has told. */
export const watchedValueScheme = 'muster-watched';

/** Where a watch begins. */
export type WatchStart =
  | { kind: 'now' }
  /** Tells what is there first. */
  | { kind: 'snapshot' }
  | { kind: 'revision'; revision: number };

/** What is watched, by names: the cluster may not be there yet. */
export interface WatchTarget {
  cluster: string;
  /** Id of the fleet. */
  inventory: string;
  /** What tells the cluster from another one of its name: revisions are of one cluster. */
  identity: string;
  prefix: Buffer;
  /** Only the key `prefix` itself. */
  isKey: boolean;
}

export function targetOf(cluster: Cluster, prefix: Buffer, isKey: boolean): WatchTarget {
  const { name, fleet } = cluster;
  return { cluster: name, inventory: fleet.id, identity: identityOf(cluster), prefix, isKey };
}

export function identityOf({ settings }: Cluster): string {
  return JSON.stringify([settings.endpoints, settings.through ?? '']);
}

export function rangeOf({ prefix, isKey }: WatchTarget): KeyRange {
  return isKey ? singleKey(prefix) : prefixRange(prefix);
}

export function titleOf({ cluster, prefix }: WatchTarget): string {
  return `${cluster}: ${prefix.length === 0 ? l10n.t('all keys') : keyText(prefix, 80)}`;
}
