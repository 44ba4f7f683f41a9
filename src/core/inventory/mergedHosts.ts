import { t, text } from '../l10n';
import type { Fragment, HostDraft } from './fragment';
import { compactHostSet } from './hostSet';
import type { SourceRange } from './model';
import type { ProblemReport } from './problemReport';
import { placeOf } from './sectionAssembly';

/** Names that one problem lists at most. */
const shownNames = 20;

/** The hosts of all fragments, each name once: what a file declares is never replaced by what a source found. */
export class MergedHosts {
  private readonly merged = new Map<string, HostDraft>();
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

  /** A machine that several sources know by one name and address is in the groups of all of them. */
  private addFound({ hosts }: Fragment, group: string): void {
    const declared: string[] = [];
    const elsewhere: string[] = [];
    const contradicted: string[] = [];
    for (const host of hosts) {
      const first = this.merged.get(host.name);
      if (this.taken.has(host.name) || (first && !first.foundBy)) declared.push(host.name);
      else if (!first) this.merged.set(host.name, host);
      else if (first.address !== host.address) elsewhere.push(host.name);
      else {
        const labels = { ...host.labels, ...first.labels };
        if (Object.entries(host.labels).some(([label, value]) => labels[label] !== value))
          contradicted.push(host.name);
        this.merged.set(host.name, { ...first, labels, foundBy: [...first.foundBy!, group] });
      }
    }
    const report = (message: string, names: readonly string[]) => {
      if (names.length > 0) this.problems.add('warning', t(message, group, listed(names)), hosts[0]!.source);
    };
    report(text('“{0}”: left out {1}: files have hosts or groups of that name'), declared);
    report(text('“{0}”: left out {1}: another source has found it at another address'), elsewhere);
    report(text('“{0}”: another source gives {1} other labels, and these are taken'), contradicted);
  }
}

function listed(names: readonly string[]): string {
  const shown = compactHostSet(names.slice(0, shownNames));
  return names.length > shownNames ? t('{0} and {1} more', shown, names.length - shownNames) : shown;
}
