import { t } from '../../l10n/l10n';
import type { Fragment, GroupDraft, Reference } from '../fragment';
import { nameProblem } from '../hostName';
import { hasAnswered, type Host, type Origin, type ProblemFix, type SourceRange } from '../model';
import type { ProblemReport } from './problemReport';
import {
  resolveSelectors,
  type SelectionProblem,
  type SelectorScope,
  unknownAmong,
} from '../selection/selector';
import { unansweredGroups } from '../sources/unknownHosts';
import { suggest } from '../selection/suggest';

export type Selectable = Pick<Host, 'name' | 'labels'>;

/** What references to hosts and groups mean. Mistakes in them are reported where they stand. */
export class ReferenceResolver {
  /** By name; several files may each say something of a group. */
  readonly groups = new Map<string, GroupDraft[]>();
  /** Groups whose members are not all known, because of a mistake in them or in a group that they are made of. */
  readonly unsoundGroups = new Set<string>();
  private readonly members = new Map<string, ReadonlySet<string>>();
  /** Groups being resolved now, outermost first. */
  private readonly resolving: string[] = [];
  /** The reference being resolved now. */
  private at: SourceRange | undefined;
  /** Hosts are missing for a reason that is known: that something selects none follows from it. */
  private readonly lacksHosts: boolean;
  private readonly scope: SelectorScope<Selectable>;
  /** The groups without an answer that each group may hold hosts of. */
  private readonly unknown = new Map<string, readonly string[]>();
  private readonly unanswered: readonly string[];

  /** @param selectable hosts and unsound ones, in order, so that an unsound host's name is no mistake */
  constructor(
    fragments: readonly Fragment[],
    groups: readonly GroupDraft[],
    readonly selectable: ReadonlyMap<string, Selectable>,
    private readonly problems: ProblemReport,
  ) {
    for (const group of groups) {
      const same = this.groups.get(group.name);
      if (same) same.push(group);
      else this.groups.set(group.name, [group]);
    }
    const membersOf = (name: string) => this.membersOf(name);
    const unknownIn = (name: string) => this.unknownIn(name);
    const lazyGroup = (name: string) => ({
      get hosts() {
        return membersOf(name);
      },
      get unknown() {
        return unknownIn(name);
      },
      origin: this.originOf(name),
    });
    this.scope = {
      hosts: selectable,
      groups: new Map([...this.groups.keys()].map((name) => [name, lazyGroup(name)])),
      open: groups.some(({ origin }) => origin),
    };
    this.unanswered = unansweredGroups(this.scope);
    this.lacksHosts =
      this.unanswered.length > 0 || fragments.some((fragment) => fragment.unsoundHosts.length > 0);
  }

  /** What finds the hosts of a group. */
  originOf(name: string): Origin | undefined {
    return this.groups.get(name)?.find(({ origin }) => origin)?.origin;
  }

  /** The groups without an answer whose hosts this group may hold as well. */
  unknownIn(name: string): readonly string[] {
    const known = this.unknown.get(name);
    if (known || this.unanswered.length === 0) return known ?? [];
    // For what is asked meanwhile, in a cycle of groups.
    this.unknown.set(name, []);
    const found = (this.groups.get(name) ?? []).flatMap(({ origin, hosts, select, children }) => [
      ...(origin && !hasAnswered(origin) ? [name] : []),
      ...hosts.flatMap(({ text }) => this.unknownOf([text])),
      ...(select.length > 0 ? this.unknownOf(select.map(({ text }) => text)) : []),
      ...children.flatMap(({ text }) => this.unknownIn(text.replace(/^@/, ''))),
    ]);
    const distinct = [...new Set(found)];
    this.unknown.set(name, distinct);
    return distinct;
  }

  private unknownOf(selectors: readonly string[]): string[] {
    return unknownAmong(this.scope, selectors);
  }

  /** Resolves a group on demand: groups may select by groups, in any order. */
  membersOf(name: string): ReadonlySet<string> {
    const known = this.members.get(name);
    if (known) {
      if (this.unsoundGroups.has(name)) this.markUnsound();
      return known;
    }
    const cycleStart = this.resolving.indexOf(name);
    if (cycleStart >= 0) {
      this.markUnsound();
      const cycle = [...this.resolving.slice(cycleStart), name].join(' → ');
      if (this.at) this.problems.add('error', t('cyclic groups: {0}', cycle), this.at);
      return new Set();
    }
    this.resolving.push(name);
    const drafts = this.groups.get(name) ?? [];
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
      if (this.groups.has(name)) return this.within(child.range, () => [...this.membersOf(name)]);
      const fix = { kind: 'create', section: 'groups', name } as const;
      this.problems.add('error', t('no group “{0}”', name), child.range, suggest(name, this.groups.keys()), [
        fix,
      ]);
      this.markUnsound();
      return [];
    });
    // One that only says readOnly gives that to the group of the same name in another file.
    const isPolicy = draft.readOnly !== undefined && !isAlone;
    if (parts.length + draft.children.length === 0 && !draft.names && !isPolicy) {
      this.problems.add('warning', t('group “{0}” has no hosts', draft.name), draft.source);
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
  select(references: readonly Reference[]): { hosts: string[]; sound: boolean } {
    const [first] = references;
    if (!first) return { hosts: [], sound: true };
    const problemsBefore = this.problems.count;
    const texts = references.map(({ text }) => text);
    const { hosts, problem } = this.within(first.range, () => resolveSelectors(this.scope, texts));
    // Emptiness that follows from something already reported is no news.
    const explained = this.lacksHosts || this.problems.count > problemsBefore;
    if (problem && !(problem.kind === 'empty' && explained)) this.reportSelection(references, problem);
    const sound = !problem || problem.kind === 'empty';
    if (!sound) this.markUnsound();
    return { hosts: hosts.map(({ name }) => name), sound };
  }

  private reportSelection(references: readonly Reference[], problem: SelectionProblem): void {
    const reference = references.find(({ text }) => text === problem.selector) ?? references[0]!;
    if (problem.kind === 'empty')
      this.problems.add(
        'warning',
        t('{0}: this selects nothing', problem.message),
        reference.range,
        problem.suggestion,
      );
    else
      this.problems.add(
        'error',
        problem.message,
        reference.part(problem.offset, problem.length),
        problem.suggestion,
        problem.missing && createFixes(problem.missing),
      );
  }
}

/** A word that nothing has as its name may be meant as either. */
function createFixes({ section, name }: NonNullable<SelectionProblem['missing']>): ProblemFix[] {
  if (nameProblem(name) !== undefined) return [];
  const sections = section === 'hosts' ? (['hosts', 'groups'] as const) : (['groups'] as const);
  return sections.map((one) => ({ kind: 'create', section: one, name }));
}
