import type { NamedEntry } from '../../../platform/inventory/fragment';
import type { SshSettings } from '../../../platform/inventory/model';
import type { SectionToken } from '../../../platform/inventory/sectionToken';

/** What is asked for hosts. */
export type Registry =
  | { readonly kind: 'etcd'; readonly cluster: string; readonly prefix: string }
  | { readonly kind: 'srv'; readonly name: string; readonly resolver?: string; readonly refreshMs: number };

/** A group whose hosts are found: an entry of the section `discover`. */
export interface Discovery extends NamedEntry {
  readonly registry: Registry;
  /** They win over what is registered: a label that is written here cannot be forged. */
  readonly labels: Readonly<Record<string, string>>;
  /** How its hosts are reached; only a file says that. */
  readonly ssh: SshSettings;
  /** The defaults of its file. */
  readonly defaultSsh: SshSettings;
}

export const discoveries: SectionToken<Discovery> = { key: 'discover' };

/** A registry as people are told of it. */
export function registryText(registry: Registry): string {
  return registry.kind === 'etcd' ? `etcd ${registry.cluster} ${registry.prefix}` : `SRV ${registry.name}`;
}
