import { Uri } from 'vscode';
import { keyOfPath, pathOfKey } from '../../core/keys/keyPath';

export const etcdScheme = 'muster-etcd';
/** Read-only documents of values as they were, and of those that are no text. */
export const etcdValueScheme = 'muster-etcd-value';

/** A key of a cluster, by the names of the inventory. */
export interface EtcdKeyName {
  cluster: string;
  key: Buffer;
  /** Id of the fleet; needed only where several inventories have a cluster of that name. */
  inventory?: string;
}

/**
 * `muster-etcd://CLUSTER/key`. VS Code writes authorities in lower case, so what is not of `a-z 0-9 . - _` stands as
 * `~` with the hexadecimal digits of its UTF-8 bytes.
 */
export function etcdUri({ cluster, key, inventory }: EtcdKeyName, scheme = etcdScheme): Uri {
  return Uri.from({
    scheme,
    authority: cluster.replace(/[^a-z0-9._-]/gu, escaped),
    path: pathOfKey(key),
    query: inventory === undefined ? '' : `inventory=${inventory}`,
  });
}

/** What `etcdUri` was made of; undefined for a path that is no key. */
export function readEtcdUri({ authority, path, query }: Uri): EtcdKeyName | undefined {
  try {
    const cluster = decodeURIComponent(authority.replace(/%/g, '%25').replace(/~(?=[0-9a-f]{2})/gi, '%'));
    const inventory = /^inventory=(.+)$/.exec(query)?.[1];
    return { cluster, key: keyOfPath(path), ...(inventory !== undefined && { inventory }) };
  } catch {
    return undefined;
  }
}

function escaped(character: string): string {
  return [...Buffer.from(character)].map((byte) => `~${byte.toString(16).padStart(2, '0')}`).join('');
}
