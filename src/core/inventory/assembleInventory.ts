import { t } from '../l10n';
import type { CheckDraft, Fragment, GroupDraft, HostDraft, Reference } from './fragment';
import { nameProblem } from './hostName';
import type {
  ChangeRule,
  Check,
  EtcdCluster,
  Group,
  Host,
  Inventory,
  InventoryLog,
  Problem,
  ProblemFix,
  ProfilerEntry,
  ReadOnly,
  SourceRange,
} from './model';
import { compactHostSet } from './hostSet';
import { jumpCycles } from './jumpCycles';
import { resolveSelectors, type SelectionProblem, type SelectorScope } from './selector';
import { suggest } from './suggest';

const defaultConcurrency = 50;

/** Joins the fragments of all files, the inventory's own first, into what they mean together. */
export function assembleInventory(fragments: readonly [Fragment, ...Fragment[]]): Inventory {
  return new Assembly(fragments).inventory();
}

type Selectable = Pick<Host, 'name' | 'labels'>;

/** The names of one inventory while they are being resolved. */
class Assembly {
  private readonly problems: Problem[];
  private readonly drafts = new Map<string, HostDraft>();
  /** Hosts and unsound ones, in order: what selectors see, so that an unsound host's name is no mistake. */
  private readonly selectable = new Map<string, Selectable>();
  private readonly groupDrafts = new Map<string, GroupDraft[]>();
  private readonly members = new Map<string, ReadonlySet<string>>();
  /** Groups whose members are not all known, because of a mistake in them or in a group that they are made of. */
  private readonly unsoundGroups = new Set<string>();
  /** Groups being resolved now, outermost first. */
  private readonly resolving: string[] = [];
  /** The reference being resolved now. */
  private at: SourceRange | undefined;
  private readonly hasUnsoundHosts: boolean;
  private readonly scope: SelectorScope<Selectable>;

  constructor(private readonly fragments: readonly [Fragment, ...Fragment[]]) {
    this.problems = fragments.flatMap((fragment) => fragment.problems);
    this.hasUnsoundHosts = fragments.some((fragment) => fragment.unsoundHosts.length > 0);
    for (const fragment of fragments) this.addHosts(fragment);
    this.reportJumpCycles();
    for (const group of fragments.flatMap((fragment) => fragment.groups)) {
      const same = this.groupDrafts.get(group.name);
      if (same) same.push(group);
      else this.groupDrafts.set(group.name, [group]);
    }
    const membersOf = (name: string) => this.membersOf(name);
    const lazyGroup = (name: string) => ({
      get hosts() {
        return membersOf(name);
      },
    });
    this.scope = {
      hosts: this.selectable,
      groups: new Map([...this.groupDrafts.keys()].map((name) => [name, lazyGroup(name)])),
    };
  }

  inventory(): Inventory {
    const [root] = this.fragments;
    const groups = this.groups();
    const hosts = this.hosts(groups);
    const etcd = this.clusters();
    const checks = this.checks(hosts, etcd);
    const hasClusters = this.fragments.some((fragment) => fragment.clusters.length > 0);
    if (this.selectable.size === 0 && !hasClusters) this.reportEmpty(root);
    return {
      file: root.file,
      hosts,
      groups,
      checks,
      etcd,
      profilers: this.profilers(hosts),
      logs: this.logs(hosts),
      changeRules: this.changeRules(hosts, checks, etcd),
      concurrency: root.concurrency ?? defaultConcurrency,
      defaultSsh: root.defaultSsh,
      problems: this.sortedProblems(),
      files: [...new Set(this.fragments.flatMap((fragment) => fragment.files))],
    };
  }

  private report(
    severity: Problem['severity'],
    message: string,
    range: SourceRange,
    suggestion?: string,
    fixes?: Problem['fixes'],
  ): void {
    this.problems.push({
      ...{ severity, message, range },
      ...(suggestion !== undefined && { suggestion }),
      ...(fixes && { fixes }),
    });
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
        this.report(
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
      this.report('error', t('cyclic proxyJump: {0}', names), cycle[0]!.source);
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
      const source = this.groupDrafts.get(name)?.find((draft) => draft.readOnly)?.readOnly;
      if (!source) continue;
      const policy = { group: name, source };
      if (this.unsoundGroups.has(name)) everywhere ??= policy;
      for (const host of hosts) if (!policies.has(host)) policies.set(host, policy);
    }
    return (host) => policies.get(host) ?? everywhere;
  }

  private groups(): Map<string, Group> {
    const groups = new Map<string, Group>();
    for (const [name, [first]] of this.groupDrafts) {
      const members = this.membersOf(name);
      const hosts = [...this.drafts.keys()].filter((host) => members.has(host));
      groups.set(name, { name, hosts, source: first!.source });
    }
    return groups;
  }

  /** Resolves a group on demand: groups may select by groups, in any order. */
  private membersOf(name: string): ReadonlySet<string> {
    const known = this.members.get(name);
    if (known) {
      if (this.unsoundGroups.has(name)) this.markUnsound();
      return known;
    }
    const cycleStart = this.resolving.indexOf(name);
    if (cycleStart >= 0) {
      this.markUnsound();
      const cycle = [...this.resolving.slice(cycleStart), name].join(' → ');
      if (this.at) this.report('error', t('cyclic groups: {0}', cycle), this.at);
      return new Set();
    }
    this.resolving.push(name);
    const drafts = this.groupDrafts.get(name) ?? [];
    const isAlone = drafts.length === 1;
    const names = new Set(drafts.flatMap((draft) => this.membersOfDraft(draft, isAlone)));
    this.resolving.pop();
    this.members.set(name, names);
    return names;
  }

  /** The groups being resolved now lack members. */
  private markUnsound(): void {
    for (const name of this.resolving) this.unsoundGroups.add(name);
  }

  private membersOfDraft(draft: GroupDraft, isAlone: boolean): string[] {
    if (draft.unsound) this.markUnsound();
    const parts = [
      ...draft.hosts.map((reference) => [reference]),
      ...(draft.select.length > 0 ? [draft.select] : []),
    ];
    const selected = parts.flatMap((references) => this.select(references).hosts);
    const inherited = draft.children.flatMap((child) => {
      const name = child.text.replace(/^@/, '');
      if (this.groupDrafts.has(name)) return this.within(child.range, () => [...this.membersOf(name)]);
      const fix = { kind: 'create', section: 'groups', name } as const;
      this.report('error', t('no group “{0}”', name), child.range, suggest(name, this.groupDrafts.keys()), [
        fix,
      ]);
      this.markUnsound();
      return [];
    });
    // One that only says readOnly gives that to the group of the same name in another file.
    const isPolicy = draft.readOnly !== undefined && !isAlone;
    if (parts.length + draft.children.length === 0 && !draft.names && !isPolicy) {
      this.report('warning', t('group “{0}” has no hosts', draft.name), draft.source);
    }
    return [...(draft.names ?? []), ...selected, ...inherited];
  }

  /** Runs `work` with `range` as the place to which cycles found meanwhile are put down. */
  private within<T>(range: SourceRange, work: () => T): T {
    const outer = this.at;
    this.at = range;
    try {
      return work();
    } finally {
      this.at = outer;
    }
  }

  /** The names that references select, in order; unsound when they contain a mistake. */
  private select(references: readonly Reference[]): { hosts: string[]; sound: boolean } {
    const [first] = references;
    if (!first) return { hosts: [], sound: true };
    const problemsBefore = this.problems.length;
    const texts = references.map(({ text }) => text);
    const { hosts, problem } = this.within(first.range, () => resolveSelectors(this.scope, texts));
    // Emptiness that follows from something already reported is no news.
    const explained = this.hasUnsoundHosts || this.problems.length > problemsBefore;
    if (problem && !(problem.kind === 'empty' && explained)) this.reportSelection(references, problem);
    const sound = !problem || problem.kind === 'empty';
    if (!sound) this.markUnsound();
    return { hosts: hosts.map(({ name }) => name), sound };
  }

  private reportSelection(references: readonly Reference[], problem: SelectionProblem): void {
    const reference = references.find(({ text }) => text === problem.selector) ?? references[0]!;
    if (problem.kind === 'empty')
      this.report('warning', t('{0}: this selects nothing', problem.message), reference.range);
    else
      this.report(
        'error',
        problem.message,
        reference.part(problem.offset, problem.length),
        problem.suggestion,
        problem.missing && createFixes(problem.missing),
      );
  }

  private checks(
    hosts: ReadonlyMap<string, Host>,
    clusters: ReadonlyMap<string, EtcdCluster>,
  ): Map<string, Check> {
    const checks = new Map<string, Check>();
    const drafts = this.fragments.flatMap((fragment) => fragment.checks);
    const duplicate = (name: string, place: string) =>
      t('duplicate check “{0}”: the first is in {1}', name, place);
    for (const { on, labels, cluster, ...check } of this.firstOfName(drafts, (draft) => draft, duplicate)) {
      if (cluster && !this.isCluster(cluster, clusters)) continue;
      const everywhere =
        cluster && !on ? this.placeOfCluster(clusters.get(cluster.text)!, check.source) : hosts.keys();
      const entry = t('check “{0}”', check.name);
      const names = this.hostsOf(entry, on, labels, hosts, everywhere);
      if (names) checks.set(check.name, { ...check, hosts: names });
    }
    return checks;
  }

  private clusters(): Map<string, EtcdCluster> {
    const clusters = new Map<string, EtcdCluster>();
    const drafts = this.fragments.flatMap((fragment) => fragment.clusters);
    const duplicate = (name: string, place: string) =>
      t('duplicate cluster “{0}”: the first is in {1}', name, place);
    for (const { settings, through } of this.firstOfName(drafts, (draft) => draft.settings, duplicate)) {
      if (through && !this.selectable.has(through.text)) {
        const fix = { kind: 'create', section: 'hosts', name: through.text } as const;
        const near = suggest(through.text, this.selectable.keys());
        this.report('error', t('no host “{0}”', through.text), through.range, near, [fix]);
      } else clusters.set(settings.name, settings);
    }
    return clusters;
  }

  private profilers(hosts: ReadonlyMap<string, Host>): Map<string, ProfilerEntry> {
    const profilers = new Map<string, ProfilerEntry>();
    const drafts = this.fragments.flatMap((fragment) => fragment.profilers);
    const duplicate = (name: string, place: string) =>
      t('duplicate profiler “{0}”: the first is in {1}', name, place);
    for (const { profiler, on, labels } of this.firstOfName(drafts, (draft) => draft.profiler, duplicate)) {
      const names = this.hostsOf(t('profiler “{0}”', profiler.name), on, labels, hosts);
      if (names) profilers.set(profiler.name, { ...profiler, hosts: names });
    }
    return profilers;
  }

  private logs(hosts: ReadonlyMap<string, Host>): Map<string, InventoryLog> {
    const logs = new Map<string, InventoryLog>();
    const drafts = this.fragments.flatMap((fragment) => fragment.logs);
    const duplicate = (name: string, place: string) =>
      t('duplicate source of logs “{0}”: the first is in {1}', name, place);
    for (const { on, labels, ...log } of this.firstOfName(drafts, (draft) => draft, duplicate)) {
      const names = this.hostsOf(t('log “{0}”', log.name), on, labels, hosts);
      if (names) logs.set(log.name, { ...log, hosts: names });
    }
    return logs;
  }

  /** The entries of a section, without those whose name is taken: these are reported. */
  private firstOfName<Draft>(
    drafts: readonly Draft[],
    entryOf: (draft: Draft) => { name: string; source: SourceRange },
    duplicate: (name: string, place: string) => string,
  ): Draft[] {
    const places = new Map<string, SourceRange>();
    return drafts.filter((draft) => {
      const { name, source } = entryOf(draft);
      const first = places.get(name);
      if (first) this.report('error', duplicate(name, placeOf(first, source)), source);
      else places.set(name, source);
      return !first;
    });
  }

  /** The hosts that an entry selects and that have the labels it needs; undefined if it selects by a mistake. */
  private hostsOf(
    entry: string,
    on: readonly Reference[] | undefined,
    labels: CheckDraft['labels'],
    hosts: ReadonlyMap<string, Host>,
    everywhere: Iterable<string> = hosts.keys(),
  ): string[] | undefined {
    const selection = on?.length ? this.select(on) : { hosts: [...everywhere], sound: true };
    if (!selection.sound) return undefined;
    const sound = selection.hosts.flatMap((name) => hosts.get(name) ?? []);
    return this.withLabels(sound, entry, labels);
  }

  private changeRules(
    hosts: ReadonlyMap<string, Host>,
    checks: ReadonlyMap<string, Check>,
    clusters: ReadonlyMap<string, EtcdCluster>,
  ): ChangeRule[] {
    const drafts = this.fragments.flatMap((fragment) => fragment.clusters);
    return drafts
      .filter(({ settings }) => clusters.get(settings.name) === settings)
      .flatMap(({ settings, rules }) =>
        rules.flatMap(({ on, checks: named, ...rule }) => {
          const known = named.filter((reference) => this.isCheck(reference, checks));
          const selection = on.length > 0 ? this.select(on) : { hosts: [...hosts.keys()], sound: true };
          if (known.length < named.length || !selection.sound) return [];
          const affected = selection.hosts.filter((name) => hosts.has(name));
          const readOnly = affected.filter((name) => hosts.get(name)!.readOnly);
          if (rule.run !== undefined && readOnly.length > 0)
            this.reportReadOnlyRun(on, rule.source, readOnly);
          const texts = on.map(({ text }) => text);
          return { ...rule, cluster: settings.name, on: texts, hosts: affected };
        }),
      );
  }

  private isCheck({ text, range }: Reference, checks: ReadonlyMap<string, Check>): boolean {
    if (checks.has(text)) return true;
    const isWritten = this.fragments.some((fragment) => fragment.checks.some(({ name }) => name === text));
    if (!isWritten) this.report('error', t('no check “{0}”', text), range, suggest(text, checks.keys()));
    return false;
  }

  /** Said when it is written, not when the keys change. */
  private reportReadOnlyRun(on: readonly Reference[], source: SourceRange, names: readonly string[]): void {
    const shown = compactHostSet(names.slice(0, 100));
    const hosts = shown.length > 60 ? t('{0} hosts', names.length) : shown;
    const message =
      names.length === 1
        ? t('“run” is refused while {0} is among the hosts: read-only', hosts)
        : t('“run” is refused while {0} are among the hosts: read-only', hosts);
    this.report('warning', message, on[0]?.range ?? source);
  }

  private isCluster({ text, range }: Reference, clusters: ReadonlyMap<string, EtcdCluster>): boolean {
    if (clusters.has(text)) return true;
    if (!this.fragments.some(({ unsoundClusters }) => unsoundClusters.includes(text)))
      this.report('error', t('no etcd cluster “{0}”', text), range, suggest(text, clusters.keys()));
    return false;
  }

  /** Where a check of a cluster stands that does not say so: asking once is enough. */
  private placeOfCluster({ name, through }: EtcdCluster, source: SourceRange): string[] {
    if (through !== undefined) return [through];
    const message = t(
      'the check of cluster “{0}” asks all of it: say with “on” for which host it stands',
      name,
    );
    this.report('error', message, source);
    return [];
  }

  /** The hosts that have every label the texts of an entry speak of. */
  private withLabels(hosts: readonly Host[], entry: string, labels: CheckDraft['labels']): string[] {
    const lacking = new Set<Host>();
    for (const [label, range] of labels) {
      const without = hosts.filter((host) => !Object.hasOwn(host.labels, label));
      if (without.length === 0) continue;
      for (const host of without) lacking.add(host);
      const names = compactHostSet(without.slice(0, 100).map(({ name }) => name));
      const candidates = new Set(without.flatMap((host) => Object.keys(host.labels)));
      const near = suggest(label, candidates);
      const shown = names.length > 60 ? t('{0} hosts', without.length) : names;
      const needed = `{label.${label}}`;
      const message =
        without.length === 1
          ? t('{0} needs {1}, which {2} has not', entry, needed, shown)
          : t('{0} needs {1}, which {2} have not', entry, needed, shown);
      this.report('error', message, range, near && `{label.${near}}`);
    }
    return hosts.filter((host) => !lacking.has(host)).map(({ name }) => name);
  }

  private reportEmpty({ file, problems }: Fragment): void {
    const start: SourceRange = { file, line: 1, column: 1, endLine: 1, endColumn: 1 };
    if (problems.every(({ severity }) => severity !== 'error'))
      this.report(
        'error',
        t('the inventory has no hosts: add some under “hosts” or “imports”'),
        start,
        undefined,
        [{ kind: 'import' }],
      );
  }

  /** By file, then place; what two sections found alike is said once. */
  private sortedProblems(): Problem[] {
    const files = this.fragments.flatMap((fragment) => fragment.files);
    const order = ({ range }: Problem) => [files.indexOf(range.file), range.line, range.column] as const;
    const key = ({ message, range }: Problem) => [range.file, range.line, range.column, message].join('\0');
    const distinct = [...new Map(this.problems.map((problem) => [key(problem), problem])).values()];
    return distinct.sort((left, right) => {
      const [a, b] = [order(left), order(right)];
      return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
    });
  }
}

/** A word that nothing has as its name may be meant as either. */
function createFixes({ section, name }: NonNullable<SelectionProblem['missing']>): ProblemFix[] {
  if (nameProblem(name) !== undefined) return [];
  const sections = section === 'hosts' ? (['hosts', 'groups'] as const) : (['groups'] as const);
  return sections.map((one) => ({ kind: 'create', section: one, name }));
}

function placeOf(first: SourceRange, second: SourceRange): string {
  return first.file === second.file ? t('line {0}', first.line) : `${first.file}:${first.line}`;
}
