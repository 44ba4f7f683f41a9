import { t } from '../l10n';
import type { CheckDraft, Fragment, HostDraft, Reference } from './fragment';
import type {
  ChangeRule,
  Check,
  EtcdCluster,
  Group,
  Host,
  Inventory,
  InventoryLog,
  ProfilerEntry,
  ReadOnly,
  SourceRange,
} from './model';
import { compactHostSet } from './hostSet';
import { jumpCycles } from './jumpCycles';
import { ProblemReport } from './problemReport';
import { ReferenceResolver, type Selectable } from './referenceResolver';
import { unfitValue } from './shellLine';
import { shellPlaceholders } from './shellPlaces';
import { suggest } from './suggest';

const defaultConcurrency = 50;

/** Joins the fragments of all files, the inventory's own first, into what they mean together. */
export function assembleInventory(fragments: readonly [Fragment, ...Fragment[]]): Inventory {
  return new Assembly(fragments).inventory();
}

/** The entries of one inventory while they are being resolved. */
class Assembly {
  private readonly problems: ProblemReport;
  private readonly drafts = new Map<string, HostDraft>();
  /** Hosts and unsound ones, in order. */
  private readonly selectable = new Map<string, Selectable>();
  private readonly references: ReferenceResolver;

  constructor(private readonly fragments: readonly [Fragment, ...Fragment[]]) {
    this.problems = new ProblemReport(fragments.flatMap((fragment) => fragment.problems));
    for (const fragment of fragments) this.addHosts(fragment);
    this.reportJumpCycles();
    this.references = new ReferenceResolver(fragments, this.selectable, this.problems);
  }

  inventory(): Inventory {
    const [root] = this.fragments;
    const groups = this.groups();
    const hosts = this.hosts(groups);
    const etcd = this.clusters();
    const checks = this.checks(hosts, etcd);
    const hasClusters = this.fragments.some((fragment) => fragment.clusters.length > 0);
    if (this.selectable.size === 0 && !hasClusters) this.reportEmpty(root);
    const files = [...new Set(this.fragments.flatMap((fragment) => fragment.files))];
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
      problems: this.problems.sorted(files),
      files,
    };
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

  private checks(
    hosts: ReadonlyMap<string, Host>,
    clusters: ReadonlyMap<string, EtcdCluster>,
  ): Map<string, Check> {
    const checks = new Map<string, Check>();
    const drafts = this.fragments.flatMap((fragment) => fragment.checks);
    const duplicate = (name: string, place: string) =>
      t('duplicate check “{0}”: the first is in {1}', name, place);
    for (const { on, labels, commandLines, cluster, ...check } of this.firstOfName(
      drafts,
      (draft) => draft,
      duplicate,
    )) {
      if (cluster && !this.isCluster(cluster, clusters)) continue;
      const everywhere =
        cluster && !on ? this.placeOfCluster(clusters.get(cluster.text)!, check.source) : hosts.keys();
      const entry = t('check “{0}”', check.name);
      const needed = { labels, commandLines };
      const names = this.hostsOf(entry, on, needed, hosts, everywhere);
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
        this.problems.add('error', t('no host “{0}”', through.text), through.range, near, [fix]);
      } else clusters.set(settings.name, settings);
    }
    return clusters;
  }

  private profilers(hosts: ReadonlyMap<string, Host>): Map<string, ProfilerEntry> {
    const profilers = new Map<string, ProfilerEntry>();
    const drafts = this.fragments.flatMap((fragment) => fragment.profilers);
    const duplicate = (name: string, place: string) =>
      t('duplicate profiler “{0}”: the first is in {1}', name, place);
    for (const { profiler, on, ...needed } of this.firstOfName(
      drafts,
      (draft) => draft.profiler,
      duplicate,
    )) {
      const names = this.hostsOf(t('profiler “{0}”', profiler.name), on, needed, hosts);
      if (names) profilers.set(profiler.name, { ...profiler, hosts: names });
    }
    return profilers;
  }

  private logs(hosts: ReadonlyMap<string, Host>): Map<string, InventoryLog> {
    const logs = new Map<string, InventoryLog>();
    const drafts = this.fragments.flatMap((fragment) => fragment.logs);
    const duplicate = (name: string, place: string) =>
      t('duplicate source of logs “{0}”: the first is in {1}', name, place);
    for (const { on, labels, commandLines, ...log } of this.firstOfName(
      drafts,
      (draft) => draft,
      duplicate,
    )) {
      const needed = { labels, commandLines };
      const names = this.hostsOf(t('log “{0}”', log.name), on, needed, hosts);
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
      if (first) this.problems.add('error', duplicate(name, placeOf(first, source)), source);
      else places.set(name, source);
      return !first;
    });
  }

  /** The hosts that an entry selects and that have the values it needs; undefined if it selects by a mistake. */
  private hostsOf(
    entry: string,
    on: readonly Reference[] | undefined,
    needed: Needed,
    hosts: ReadonlyMap<string, Host>,
    everywhere: Iterable<string> = hosts.keys(),
  ): string[] | undefined {
    const selection = on?.length ? this.references.select(on) : { hosts: [...everywhere], sound: true };
    if (!selection.sound) return undefined;
    const sound = selection.hosts.flatMap((name) => hosts.get(name) ?? []);
    return this.withValues(this.withLabels(sound, entry, needed.labels), entry, needed.commandLines);
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
          const selection =
            on.length > 0 ? this.references.select(on) : { hosts: [...hosts.keys()], sound: true };
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
    if (!isWritten)
      this.problems.add('error', t('no check “{0}”', text), range, suggest(text, checks.keys()));
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
    this.problems.add('warning', message, on[0]?.range ?? source);
  }

  private isCluster({ text, range }: Reference, clusters: ReadonlyMap<string, EtcdCluster>): boolean {
    if (clusters.has(text)) return true;
    if (!this.fragments.some(({ unsoundClusters }) => unsoundClusters.includes(text)))
      this.problems.add('error', t('no etcd cluster “{0}”', text), range, suggest(text, clusters.keys()));
    return false;
  }

  /** Where a check of a cluster stands that does not say so: asking once is enough. */
  private placeOfCluster({ name, through }: EtcdCluster, source: SourceRange): string[] {
    if (through !== undefined) return [through];
    const message = t(
      'the check of cluster “{0}” asks all of it: say with “on” for which host it stands',
      name,
    );
    this.problems.add('error', message, source);
    return [];
  }

  /** The hosts that have every label the texts of an entry speak of. */
  private withLabels(hosts: readonly Host[], entry: string, labels: Needed['labels']): Host[] {
    const lacking = new Set<Host>();
    for (const [label, range] of labels) {
      const without = hosts.filter((host) => !Object.hasOwn(host.labels, label));
      if (without.length === 0) continue;
      for (const host of without) lacking.add(host);
      const candidates = new Set(without.flatMap((host) => Object.keys(host.labels)));
      const near = suggest(label, candidates);
      const shown = shownHosts(without);
      const needed = `{label.${label}}`;
      const message =
        without.length === 1
          ? t('{0} needs {1}, which {2} has not', entry, needed, shown)
          : t('{0} needs {1}, which {2} have not', entry, needed, shown);
      this.problems.add('error', message, range, near && `{label.${near}}`);
    }
    return hosts.filter((host) => !lacking.has(host));
  }

  /** The hosts whose values can be put in the command lines of an entry. */
  private withValues(hosts: readonly Host[], entry: string, lines: Needed['commandLines']): string[] {
    const refused = new Set<Host>();
    for (const { text, range } of lines) {
      const placeholders = shellPlaceholders(text);
      const byFault = new Map<string, Host[]>();
      for (const host of hosts) {
        const fault = unfitValue(placeholders, host);
        if (fault === undefined) continue;
        refused.add(host);
        byFault.set(fault, [...(byFault.get(fault) ?? []), host]);
      }
      for (const [fault, unfit] of byFault)
        this.problems.add('error', t('{0} leaves out {1}: {2}', entry, shownHosts(unfit), fault), range);
    }
    return hosts.filter((host) => !refused.has(host)).map(({ name }) => name);
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

/** What the values of hosts must be for an entry. */
type Needed = Pick<CheckDraft, 'labels' | 'commandLines'>;

function shownHosts(hosts: readonly Host[]): string {
  const names = compactHostSet(hosts.slice(0, 100).map(({ name }) => name));
  return names.length > 60 ? t('{0} hosts', hosts.length) : names;
}

function placeOf(first: SourceRange, second: SourceRange): string {
  return first.file === second.file ? t('line {0}', first.line) : `${first.file}:${first.line}`;
}
