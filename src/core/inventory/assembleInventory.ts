import { t } from '../l10n';
import type { Fragment, HostDraft } from './fragment';
import type { Group, Host, Inventory, ReadOnly, SourceRange } from './model';
import { jumpCycles } from './jumpCycles';
import { ProblemReport } from './problemReport';
import { ReferenceResolver, type Selectable } from './referenceResolver';
import { topKeys } from './schema';
import { outerSections, type Sections } from './section';
import { placeOf, SectionAssembly } from './sectionAssembly';
import type { SectionToken } from './sectionToken';

const defaultConcurrency = 50;

/** Joins the fragments of all files, the inventory's own first, into what they mean together. */
export function assembleInventory(
  fragments: readonly [Fragment, ...Fragment[]],
  sections: Sections,
): Inventory {
  return new Assembly(fragments, sections).inventory();
}

/** The entries of one inventory while they are being resolved. */
class Assembly {
  private readonly problems: ProblemReport;
  private readonly drafts = new Map<string, HostDraft>();
  /** Hosts and unsound ones, in order. */
  private readonly selectable = new Map<string, Selectable>();
  private readonly references: ReferenceResolver;

  constructor(
    private readonly fragments: readonly [Fragment, ...Fragment[]],
    private readonly sections: Sections,
  ) {
    this.problems = new ProblemReport(fragments.flatMap((fragment) => fragment.problems));
    for (const fragment of fragments) this.addHosts(fragment);
    this.reportJumpCycles();
    this.references = new ReferenceResolver(fragments, this.selectable, this.problems);
  }

  inventory(): Inventory {
    const [root] = this.fragments;
    const groups = this.groups();
    const hosts = this.hosts(groups);
    const entries = new SectionAssembly(
      this.sections,
      this.fragments,
      hosts,
      this.references,
      this.problems,
    ).all();
    if (this.selectable.size === 0 && !this.hasEntriesOfTheirOwn()) this.reportEmpty(root);
    const files = [...new Set(this.fragments.flatMap((fragment) => fragment.files))];
    return {
      file: root.file,
      hosts,
      groups,
      section: <Entry>({ key }: SectionToken<Entry>) =>
        (entries.get(key) ?? new Map()) as ReadonlyMap<string, Entry>,
      topKeys: topKeys(this.sections),
      concurrency: root.concurrency ?? defaultConcurrency,
      defaultSsh: root.defaultSsh,
      problems: this.problems.sorted(files),
      files,
    };
  }

  /** Whether there is something to work on without hosts. */
  private hasEntriesOfTheirOwn(): boolean {
    const keys = outerSections(this.sections).flatMap(({ key, standsAlone }) => (standsAlone ? key : []));
    return this.fragments.some(({ sections }) => keys.some((key) => sections.get(key)?.drafts.length));
  }

  private addHosts(fragment: Fragment): void {
    const reported = new Set<SourceRange>();
    for (const host of fragment.hosts) {
      const first = this.drafts.get(host.name);
      if (!first) {
        this.drafts.set(host.name, host);
        this.selectable.set(host.name, host);
      } else if (!reported.has(host.source)) {
        // One problem for an entry, however many of its names are taken.
        reported.add(host.source);
        this.problems.add(
          'error',
          t('duplicate host “{0}”: the first is in {1}', host.name, placeOf(first.source, host.source)),
          host.source,
        );
      }
    }
    for (const name of fragment.unsoundHosts) {
      if (!this.selectable.has(name)) this.selectable.set(name, { name, labels: {} });
    }
  }

  private reportJumpCycles(): void {
    for (const cycle of jumpCycles(this.drafts)) {
      const names = [...cycle, cycle[0]!].map(({ name }) => name).join(' → ');
      this.problems.add('error', t('cyclic proxyJump: {0}', names), cycle[0]!.source);
    }
  }

  private hosts(groups: ReadonlyMap<string, Group>): Map<string, Host> {
    const groupsOf = new Map<string, string[]>();
    for (const group of groups.values()) {
      for (const name of group.hosts) {
        const names = groupsOf.get(name);
        if (names) names.push(group.name);
        else groupsOf.set(name, [group.name]);
      }
    }
    const readOnly = this.readOnly(groups);
    return new Map(
      [...this.drafts].map(([name, draft]) => {
        const policy = readOnly(name);
        return [name, { ...draft, groups: groupsOf.get(name) ?? [], ...(policy && { readOnly: policy }) }];
      }),
    );
  }

  /** Which group makes a host read-only. One whose members are not all known may mean any host. */
  private readOnly(groups: ReadonlyMap<string, Group>): (host: string) => ReadOnly | undefined {
    const policies = new Map<string, ReadOnly>();
    let everywhere: ReadOnly | undefined;
    for (const { name, hosts } of groups.values()) {
      const source = this.references.groups.get(name)?.find((draft) => draft.readOnly)?.readOnly;
      if (!source) continue;
      const policy = { group: name, source };
      if (this.references.unsoundGroups.has(name)) everywhere ??= policy;
      for (const host of hosts) if (!policies.has(host)) policies.set(host, policy);
    }
    return (host) => policies.get(host) ?? everywhere;
  }

  private groups(): Map<string, Group> {
    const groups = new Map<string, Group>();
    for (const [name, [first]] of this.references.groups) {
      const members = this.references.membersOf(name);
      const hosts = [...this.drafts.keys()].filter((host) => members.has(host));
      groups.set(name, { name, hosts, source: first!.source });
    }
    return groups;
  }

  private reportEmpty({ file, problems }: Fragment): void {
    const start: SourceRange = { file, line: 1, column: 1, endLine: 1, endColumn: 1 };
    if (problems.every(({ severity }) => severity !== 'error'))
      this.problems.add(
        'error',
        t('the inventory has no hosts: add some under “hosts” or “imports”'),
        start,
        undefined,
        [{ kind: 'import' }],
      );
  }
}
