import { t } from '../l10n/l10n';
import type { Fragment, GroupDraft, HostDraft } from './fragment';
import type { BecomeSettings, Group, Host, HostBecome, Inventory, ReadOnly, SourceRange } from './model';
import { jumpCycles } from './jumpCycles';
import { MergedHosts } from './mergedHosts';
import { ProblemReport } from './yaml/problemReport';
import { ReferenceResolver, type Selectable } from './yaml/referenceResolver';
import { topKeys } from './schema/schema';
import { outerSections, type Section, type Sections } from './section';
import { SectionAssembly } from './sectionAssembly';
import type { SectionToken } from './sectionToken';
import { finish, type Steps } from './steps';

const defaultConcurrency = 50;

/** Joins the fragments of all files, the inventory's own first, into what they mean together. */
export function assembleInventory(...parts: Parameters<typeof assembling>): Inventory {
  return finish(assembling(...parts));
}

/** As `assembleInventory`, yielding between groups, hosts and entries. */
export function* assembling(
  fragments: readonly [Fragment, ...Fragment[]],
  sections: Sections,
): Steps<Inventory> {
  return yield* new Assembly(fragments, sections).inventory();
}

/** The entries of one inventory while they are being resolved. */
class Assembly {
  private readonly problems: ProblemReport;
  private readonly merged: MergedHosts;
  private readonly drafts: ReadonlyMap<string, HostDraft>;
  /** Hosts and unsound ones, in order. */
  private readonly selectable: Map<string, Selectable>;
  private readonly references: ReferenceResolver;

  constructor(
    private readonly fragments: readonly [Fragment, ...Fragment[]],
    private readonly sections: Sections,
  ) {
    this.problems = new ProblemReport(fragments.flatMap((fragment) => fragment.problems));
    const groupNames = fragments.flatMap((fragment) => [
      ...fragment.groups.map(({ name }) => name),
      ...this.sectionsOfGroups().flatMap(({ key }) => [...(fragment.sections.get(key)?.names ?? [])]),
    ]);
    this.merged = new MergedHosts(fragments, groupNames, this.problems);
    this.drafts = this.merged.drafts;
    this.selectable = new Map<string, Selectable>(this.drafts);
    for (const name of fragments.flatMap(({ unsoundHosts }) => unsoundHosts))
      if (!this.selectable.has(name)) this.selectable.set(name, { name, labels: {} });
    this.reportJumpCycles();
    const groups = fragments.flatMap((fragment) => [...fragment.groups, ...this.foundGroups(fragment)]);
    this.references = new ReferenceResolver(fragments, groups, this.selectable, this.problems);
  }

  *inventory(): Steps<Inventory> {
    const [root] = this.fragments;
    const groups = yield* this.groups();
    const hosts = yield* this.hosts(groups);
    const entries = yield* new SectionAssembly(
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

  /** The groups whose hosts sources find, also where these have not answered yet. */
  private foundGroups({ file, sections }: Fragment): GroupDraft[] {
    const answers = new Map(
      this.fragments.flatMap(({ found }) => (found ? [[found.group, found.origin]] : [])),
    );
    return this.sectionsOfGroups().flatMap((section) => {
      const written = sections.get(section.key);
      if (!written) return [];
      const none = { hosts: [], select: [], children: [] };
      const groups = written.drafts.map((draft): GroupDraft => {
        const { name, source } = draft;
        const answer = answers.get(name) ?? { from: section.origin!(draft), state: 'waiting' as const };
        const reason = this.merged.uncertain.get(name);
        const origin = reason === undefined ? answer : { ...answer, state: 'contested' as const, reason };
        const names = this.namesFoundBy(name);
        if (names.length === 0 && origin.state === 'current')
          this.problems.add(
            'warning',
            t('group “{0}” has no hosts: {1} has none', name, origin.from),
            source,
          );
        return { ...none, name, source, names, origin };
      });
      const sound = new Set(groups.map(({ name }) => name));
      // A reference to one with a mistake is not a second mistake.
      const origin = { from: section.key, state: 'unknown', reason: t('its entry has a mistake') } as const;
      const others = [...written.names].filter((name) => !sound.has(name));
      return [
        ...groups,
        ...others.map((name) => ({ ...none, name, names: [], origin, source: startOf(file) })),
      ];
    });
  }

  private sectionsOfGroups(): Section[] {
    return outerSections(this.sections).filter((section) => 'origin' in section);
  }

  private namesFoundBy(group: string): string[] {
    return [...this.drafts.values()].flatMap(({ name, foundBy }) => (foundBy?.includes(group) ? name : []));
  }

  private reportJumpCycles(): void {
    // A jump that has the name of a host that a source found does not mean that one.
    const declared = new Map([...this.drafts].filter(([, { foundBy }]) => !foundBy));
    for (const cycle of jumpCycles(declared)) {
      const names = [...cycle, cycle[0]!].map(({ name }) => name).join(' → ');
      this.problems.add('error', t('cyclic proxyJump: {0}', names), cycle[0]!.source);
    }
  }

  private *hosts(groups: ReadonlyMap<string, Group>): Steps<Map<string, Host>> {
    const groupsOf = new Map<string, string[]>();
    for (const group of groups.values()) {
      for (const name of group.hosts) {
        const names = groupsOf.get(name);
        if (names) names.push(group.name);
        else groupsOf.set(name, [group.name]);
      }
    }
    yield;
    const policyOf = this.readOnly(groups);
    const becomeOf = this.become(groups);
    const hosts = new Map<string, Host>();
    for (const [name, { defaultBecome, ...draft }] of this.drafts) {
      const readOnly = policyOf(name);
      const become = becomeOf(name, draft, defaultBecome);
      hosts.set(name, {
        ...{ ...draft, groups: groupsOf.get(name) ?? [] },
        ...(readOnly && { readOnly }),
        ...(become && { become }),
      });
      yield;
    }
    return hosts;
  }

  /**
   * How a host's commands become another user: as it says itself, or the group with the fewest hosts that says how (of
   * several the first), or its file. The first of these is whose password it is; what that leaves out, the next ones say.
   */
  private become(
    groups: ReadonlyMap<string, Group>,
  ): (name: string, own: HostDraft, fallback?: BecomeSettings) => HostBecome | undefined {
    const declared = [...groups.values()]
      .flatMap(({ name, hosts }) => {
        const become = this.references.groups.get(name)?.find((draft) => draft.become)?.become;
        return become ? [{ become: { ...become, declaredBy: `group ${name}` }, hosts: new Set(hosts) }] : [];
      })
      .sort((one, other) => one.hosts.size - other.hosts.size);
    return (name, { become: own }, fallback) => {
      const said = [
        ...(own ? [own] : []),
        ...declared.flatMap(({ become, hosts }) => (hosts.has(name) ? [become] : [])),
        ...(fallback ? [{ ...fallback, declaredBy: 'defaults' }] : []),
      ];
      const [first] = said;
      return (
        first && {
          ...(Object.assign({}, ...said.toReversed()) as BecomeSettings),
          declaredBy: first.declaredBy,
        }
      );
    };
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

  private *groups(): Steps<Map<string, Group>> {
    const groups = new Map<string, Group>();
    for (const [name, [first]] of this.references.groups) {
      const members = this.references.membersOf(name);
      const hosts = [...this.drafts.keys()].filter((host) => members.has(host));
      const origin = this.references.originOf(name);
      const unknown = this.references.unknownIn(name);
      groups.set(name, {
        ...{ name, hosts, source: first!.source },
        ...(origin && { origin }),
        ...(unknown.length > 0 && { unknown }),
      });
      yield;
    }
    return groups;
  }

  private reportEmpty({ file, problems }: Fragment): void {
    if (problems.every(({ severity }) => severity !== 'error'))
      this.problems.add(
        'error',
        t('the inventory has no hosts: add some under “hosts” or “imports”'),
        startOf(file),
        undefined,
        [{ kind: 'import' }],
      );
  }
}

function startOf(file: string): SourceRange {
  return { file, line: 1, column: 1, endLine: 1, endColumn: 1 };
}
