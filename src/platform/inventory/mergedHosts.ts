import { isDeepStrictEqual } from 'node:util';
import { t, text } from '../l10n/l10n';
import type { Fragment, HostDraft } from './fragment';
import { compactHostSet } from './selection/hostSet';
import type { Host, SourceRange } from './model';
import type { ProblemReport } from './yaml/problemReport';
import { placeOf } from './sectionAssembly';

/** Names that one problem lists at most. */
const shownNames = 20;

/** The hosts of all fragments, each name once: what a file declares is never replaced by what a source found. */
export class MergedHosts {
  private readonly merged = new Map<string, HostDraft>();
  /** Names of found hosts that mean nothing, with the groups whose sources found them. */
  private readonly contested = new Map<string, readonly string[]>();
  /** Names of hosts with a mistake, and of groups: a bare word would mean a host that is called so. */
  private readonly taken: ReadonlySet<string>;

  constructor(
    fragments: readonly Fragment[],
    groups: Iterable<string>,
    private readonly problems: ProblemReport,
  ) {
    this.taken = new Set([...fragments.flatMap(({ unsoundHosts }) => unsoundHosts), ...groups]);
    for (const fragment of fragments)
      if (fragment.found) this.addFound(fragment, fragment.found.group);
      else this.addDeclared(fragment);
  }

  get drafts(): ReadonlyMap<string, HostDraft> {
    return this.merged;
  }

  private addDeclared({ hosts }: Fragment): void {
    const reported = new Set<SourceRange>();
    for (const host of hosts) {
      const first = this.merged.get(host.name);
      if (!first) this.merged.set(host.name, host);
      else if (!reported.has(host.source)) {
        // One problem for an entry, however many of its names are taken.
        reported.add(host.source);
        this.problems.add(
          'error',
          t('duplicate host “{0}”: the first is in {1}', host.name, placeOf(first.source, host.source)),
          host.source,
        );
      }
    }
  }

  /** Why the members of a group that a source finds are not certain, by its name. */
  readonly uncertain = new Map<string, string>();

  /**
   * A machine that several sources know by one name and address is in the groups of all of them. What is written in the
   * file for any of them wins over what is registered for others, and where two registrations differ neither is believed.
   * Who may register in one place must not decide what a name means in another: where two entries do not agree on address,
   * written labels or SSH settings, the name means nothing, and the groups of both are uncertain.
   */
  private addFound({ hosts }: Fragment, group: string): void {
    const declared: string[] = [];
    const differing: string[] = [];
    const contested = new Map<string, string[]>();
    for (const host of hosts) {
      const { name } = host;
      const first = this.merged.get(name);
      const known = this.contested.get(name) ?? first?.foundBy;
      if (this.taken.has(name) || (first && !first.foundBy)) declared.push(name);
      else if (!known) this.merged.set(name, host);
      else if (first && agree(first, host)) {
        const { labels, differ } = mergedLabels(first, host);
        if (differ) differing.push(name);
        const writtenLabels = { ...first.writtenLabels, ...host.writtenLabels };
        this.merged.set(name, { ...first, labels, writtenLabels, foundBy: [...known, group] });
      } else {
        this.merged.delete(name);
        this.contested.set(name, [...known, group]);
        for (const other of known) contested.set(other, [...(contested.get(other) ?? []), name]);
      }
    }
    const report = (message: string, names: readonly string[]) => {
      if (names.length > 0) this.problems.add('warning', t(message, group, listed(names)), hosts[0]!.source);
    };
    report(text('“{0}”: left out {1}: files have hosts or groups of that name'), declared);
    report(
      text('“{0}”: another source gives {1} other labels, and those that differ are left out'),
      differing,
    );
    for (const [other, names] of contested) {
      const why = t('“{0}” and “{1}” do not agree on {2}', other, group, listed(names));
      for (const one of [other, group]) this.uncertain.set(one, this.uncertain.get(one) ?? why);
      this.problems.add(
        'warning',
        t('{0}: it is left out, and so the hosts of both are unknown', why),
        hosts[0]!.source,
      );
    }
  }
}

/** Whether two sources mean the same machine, reached in the same way. */
function agree(first: HostDraft, second: HostDraft): boolean {
  const written = Object.entries(second.writtenLabels ?? {});
  return (
    first.address === second.address &&
    isDeepStrictEqual(first.ssh, second.ssh) &&
    written.every(([label, value]) => (first.writtenLabels?.[label] ?? value) === value)
  );
}

function mergedLabels(first: HostDraft, second: HostDraft): { labels: Host['labels']; differ: boolean } {
  const written = { ...first.writtenLabels, ...second.writtenLabels };
  const labels: Record<string, string> = { ...first.labels, ...second.labels };
  let differ = false;
  for (const [label, value] of Object.entries(second.labels)) {
    if ((first.labels[label] ?? value) === value || Object.hasOwn(written, label)) continue;
    differ = true;
    delete labels[label];
  }
  return { labels: { ...labels, ...written }, differ };
}

function listed(names: readonly string[]): string {
  const shown = compactHostSet(names.slice(0, shownNames));
  return names.length > shownNames ? t('{0} and {1} more', shown, names.length - shownNames) : shown;
}
