import { emptyFragment, type Fragment, type HostDraft } from '../../../platform/inventory/fragment';
import { problemOf } from '../../../platform/inventory/yaml/problemReport';
import { mergeSsh } from '../../../platform/inventory/sshConfig/sshDefaults';
import { t } from '../../../platform/l10n/l10n';
import type { Discovery } from './discovery';
import type { Registration } from './registration';

/** Hosts of one source at most. */
export const mostHosts = 10_000;
/** Problems of one source that are shown; of more, the number. */
const mostProblems = 20;

/** What one key or record registers, or why it registers nothing. */
export type Found = Registration | { readonly fault: string };

/** What a source found, by what people know it by: a key, or a record. */
export class FoundHosts {
  private readonly entries = new Map<string, { readonly text: string; readonly found: Found }>();

  constructor(private readonly discovery: Discovery) {}

  get size(): number {
    return this.entries.size;
  }

  /** `text` is what people know the key by. False if the same was known already. */
  set(key: string, text: string, read: () => Registration): boolean {
    const entry = { text, found: foundBy(read) };
    if (JSON.stringify(this.entries.get(key)) === JSON.stringify(entry)) return false;
    this.entries.set(key, entry);
    return true;
  }

  delete(key: string): boolean {
    return this.entries.delete(key);
  }

  /** In the order of the keys, so that hosts stay where they are when others come and go. */
  fragment(): Fragment {
    const { source, name: group } = this.discovery;
    const fragment = { ...emptyFragment(source.file), files: [] };
    const hosts = new Map<string, HostDraft>();
    const problems: string[] = [];
    const report = (text: string, fault: string) => problems.push(t('“{0}”: {1}: {2}', group, text, fault));
    for (const { text, found } of [...this.entries.values()].sort((a, b) => (a.text < b.text ? -1 : 1))) {
      if ('fault' in found) report(text, found.fault);
      else if (hosts.has(found.name)) report(text, t('the host {0} is registered twice', found.name));
      else {
        hosts.set(found.name, this.draft(found));
        if (found.leftOut)
          report(
            text,
            t('left out labels that are too many, too long or cannot be shown: {0}', shown(found.leftOut)),
          );
      }
    }
    fragment.hosts.push(...hosts.values());
    const rest = problems.length - mostProblems;
    if (rest > 0) problems.splice(mostProblems, rest, t('“{0}”: … and {1} more problems', group, rest));
    fragment.problems.push(...problems.map((message) => problemOf('warning', message, source)));
    return fragment;
  }

  private draft({ name, address, labels }: Registration): HostDraft {
    const { name: group, ssh, defaultSsh, source, labels: own } = this.discovery;
    return {
      ...{ name, address, source, variables: {}, foundBy: [group] },
      labels: { ...labels, ...own },
      ...(own && { writtenLabels: own }),
      ssh: mergeSsh(name, defaultSsh, ssh),
    };
  }
}

function foundBy(read: () => Registration): Found {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { fault: error.message };
  }
}

function shown(names: readonly string[]): string {
  return names.length > 5 ? `${names.slice(0, 5).join(', ')}, …` : names.join(', ');
}
