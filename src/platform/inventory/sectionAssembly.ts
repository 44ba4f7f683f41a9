import { t } from '../l10n/l10n';
import type { NamedEntry, Fragment, Reference, Targets } from './fragment';
import { compactHostSet } from './selection/hostSet';
import type { Host, SourceRange } from './model';
import type { ProblemDetails, ProblemReport } from './yaml/problemReport';
import type { ReferenceResolver } from './yaml/referenceResolver';
import { outerSections, type Scope, type Sections } from './section';
import type { SectionToken } from './sectionToken';
import { unfitValue } from './shell/shellLine';
import { shellPlaceholders } from './shell/shellPlaces';
import { finish, type Steps } from './steps';
import { suggest } from './selection/suggest';

/** The sections of one inventory while their entries are being resolved, each when it is first asked for. */
export class SectionAssembly implements Scope {
  private readonly assembled = new Map<string, ReadonlyMap<string, unknown>>();
  private readonly drafts = new Map<string, readonly NamedEntry[]>();

  constructor(
    private readonly sections: Sections,
    private readonly fragments: readonly Fragment[],
    readonly hosts: ReadonlyMap<string, Host>,
    private readonly references: ReferenceResolver,
    private readonly problems: ProblemReport,
  ) {}

  /** Every section, so that the problems of all are known. */
  *all(): Steps<ReadonlyMap<string, ReadonlyMap<string, unknown>>> {
    for (const { key } of this.sections) yield* this.assembling(key);
    return this.assembled;
  }

  section<Entry>({ key }: SectionToken<Entry>): ReadonlyMap<string, Entry> {
    return finish(this.assembling(key)) as ReadonlyMap<string, Entry>;
  }

  private *assembling(key: string): Steps<ReadonlyMap<string, unknown>> {
    const known = this.assembled.get(key);
    if (known) return known;
    const section = this.sections.find((one) => one.key === key);
    const entries = new Map<string, unknown>();
    const drafts = section ? this.draftsOf('within' in section ? section.within : key) : [];
    for (const draft of drafts) {
      const entry = section?.assemble(draft, this);
      if (entry !== undefined) entries.set(draft.name, entry);
      yield;
    }
    if (section && 'relate' in section) section.relate?.(drafts, entries as Map<string, NamedEntry>, this);
    this.assembled.set(key, entries);
    return entries;
  }

  /** Without those whose name is taken: these are reported. */
  private draftsOf(key: string): readonly NamedEntry[] {
    let drafts = this.drafts.get(key);
    if (!drafts) this.drafts.set(key, (drafts = this.firstOfName(key)));
    return drafts;
  }

  private firstOfName(key: string): NamedEntry[] {
    const section = outerSections(this.sections).find((one) => one.key === key);
    if (!section) return [];
    const places = new Map<string, SourceRange>();
    const drafts = this.fragments.flatMap((fragment) => fragment.sections.get(key)?.drafts ?? []);
    return drafts.filter(({ name, source }) => {
      const first = places.get(name);
      if (first) this.report('error', t(section.duplicate, name, placeOf(first, source)), source);
      else places.set(name, source);
      return !first;
    });
  }

  find<Entry>(token: SectionToken<Entry>, reference: Reference, unknown: string): Entry | undefined {
    const entries = this.section(token);
    return this.isWritten(token, reference, unknown) ? entries.get(reference.text) : undefined;
  }

  isWritten<Entry>({ key }: SectionToken<Entry>, { text, range }: Reference, unknown: string): boolean {
    if (this.fragments.some(({ sections }) => sections.get(key)?.names.has(text))) return true;
    const written = this.fragments.flatMap(({ sections }) => [...(sections.get(key)?.names ?? [])]);
    this.report('error', unknown, range, suggest(text, written));
    return false;
  }

  namesHost({ text, range }: Reference): boolean {
    const { selectable } = this.references;
    // What a source found may be gone in a moment, and may need what is named here to be found at all.
    if (selectable.has(text) && !this.hosts.get(text)?.foundBy) return true;
    const fix = { kind: 'create', section: 'hosts', name: text } as const;
    const declared = [...selectable.keys()].filter((name) => !this.hosts.get(name)?.foundBy);
    this.report('error', t('no host “{0}”', text), range, suggest(text, declared), [fix]);
    return false;
  }

  select(
    on: readonly Reference[] | undefined,
    everywhere: Iterable<string> = this.hosts.keys(),
  ): string[] | undefined {
    if (!on?.length) return [...everywhere].filter((name) => this.hosts.has(name));
    const { hosts, sound } = this.references.select(on);
    return sound ? hosts.filter((name) => this.hosts.has(name)) : undefined;
  }

  hostsOf(
    entry: string,
    { on, labels, commandLines }: Targets,
    everywhere?: Iterable<string>,
  ): string[] | undefined {
    const hosts = this.select(on, everywhere)?.map((name) => this.hosts.get(name)!);
    return hosts && this.withValues(this.withLabels(hosts, entry, labels), entry, commandLines);
  }

  report(...details: ProblemDetails): void {
    this.problems.add(...details);
  }

  /**
   * The hosts that have every label the texts of an entry speak of. What was registered somewhere is not a mistake in a
   * file, and must not take a host out of a check: that fails, and says why.
   */
  private withLabels(hosts: readonly Host[], entry: string, labels: Targets['labels']): Host[] {
    const lacking = new Set<Host>();
    for (const [label, range] of labels) {
      const without = hosts.filter((host) => !host.foundBy && !Object.hasOwn(host.labels, label));
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
      this.report('error', message, range, near && `{label.${near}}`);
    }
    return hosts.filter((host) => !lacking.has(host));
  }

  /** The hosts whose values can be put in the command lines of an entry. */
  private withValues(hosts: readonly Host[], entry: string, lines: Targets['commandLines']): string[] {
    const refused = new Set<Host>();
    for (const { text, range } of lines) {
      const placeholders = shellPlaceholders(text);
      const byFault = new Map<string, Host[]>();
      for (const host of hosts) {
        const fault = host.foundBy ? undefined : unfitValue(placeholders, host);
        if (fault === undefined) continue;
        refused.add(host);
        byFault.set(fault, [...(byFault.get(fault) ?? []), host]);
      }
      for (const [fault, unfit] of byFault)
        this.report('error', t('{0} leaves out {1}: {2}', entry, shownHosts(unfit), fault), range);
    }
    return hosts.filter((host) => !refused.has(host)).map(({ name }) => name);
  }
}

function shownHosts(hosts: readonly Host[]): string {
  const names = compactHostSet(hosts.slice(0, 100).map(({ name }) => name));
  return names.length > 60 ? t('{0} hosts', hosts.length) : names;
}

/** Where the first is, seen from the second. */
export function placeOf(first: SourceRange, second: SourceRange): string {
  return first.file === second.file ? t('line {0}', first.line) : `${first.file}:${first.line}`;
}
