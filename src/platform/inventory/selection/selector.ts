import { MusterError } from '../../errors/errors';
import { t } from '../../l10n/l10n';
import type { Group, Host } from '../model';
import { parseSelector, SelectorSyntaxError, type Term } from './selectorSyntax';
import { unansweredGroups, unknownOf, unknownText } from '../sources/unknownHosts';
import { suggest } from './suggest';

type Selectable = Pick<Host, 'name' | 'labels'>;

/** What selectors are resolved against; an Inventory is one. */
export interface SelectorScope<H extends Selectable = Host> {
  readonly hosts: ReadonlyMap<string, H>;
  readonly groups: ReadonlyMap<
    string,
    { readonly hosts: Iterable<string> } & Pick<Group, 'origin' | 'unknown'>
  >;
  /** Sources may find more hosts at any time: a name that nothing has selects nothing, and is no mistake. */
  readonly open?: boolean;
}

/** Why selectors select nothing sound. */
export interface SelectionProblem {
  message: string;
  /** The selector at fault and where in it, counted from 0. */
  selector: string;
  offset: number;
  /** How much of it, to its end if undefined. */
  length?: number;
  suggestion?: string;
  hint?: string;
  /** The name that nothing has. */
  missing?: { section: 'hosts' | 'groups'; name: string };
  /**
   * `syntax` and `unknown` are mistakes wherever they stand; `empty` may be intended; `unanswered` names a group whose
   * hosts are unknown.
   */
  kind: 'syntax' | 'unknown' | 'empty' | 'unanswered';
}

export interface Selection<H> {
  /** In the inventory's order. Where a selector matches nothing, what the others select; else none with a problem. */
  hosts: H[];
  /** The first one. */
  problem?: SelectionProblem;
}

/**
 * The hosts that the selectors select, in the inventory's order. Several selectors mean OR; those made of
 * exclusions only (`!canary`) are taken from the others' union, or from all hosts if there are no others.
 * @throws MusterError USAGE when a selector cannot be read, names what is unknown, or matches no host; INVENTORY when it
 * names a group whose source has not answered
 */
export function selectHosts<H extends Selectable = Host>(
  scope: SelectorScope<H>,
  selectors: readonly string[],
): H[] {
  const { hosts, problem } = resolveSelectors(scope, selectors);
  if (!problem) return hosts;
  const { kind, message, offset, selector } = problem;
  const where =
    kind === 'syntax' ? t('{0} (at character {1} of “{2}”)', message, offset + 1, selector) : message;
  const hint = problem.suggestion ? t('Did you mean “{0}”?', problem.suggestion) : problem.hint;
  throw new MusterError(kind === 'unanswered' ? 'INVENTORY' : 'USAGE', where, { phase: 'inventory', hint });
}

/** The groups without an answer whose hosts the selectors, none meaning all hosts, might select as well. */
export function unknownAmong(scope: SelectorScope<Selectable>, selectors: readonly string[]): string[] {
  const all = unansweredGroups(scope);
  if (all.length === 0) return [];
  const readable = selectors.flatMap((selector) => {
    const parsed = readSelector(scope, selector);
    return 'terms' in parsed ? [parsed.terms] : [];
  });
  const positive = readable.filter((terms) => terms.some(({ negated }) => !negated));
  const widest = positive.length > 0 ? positive : [[]];
  return [...new Set(widest.flatMap((terms) => unknownOf(scope, terms, all)))];
}

/** How many hosts the selectors match, and what is wrong with them: for showing live while they are typed. */
export function countSelection<H extends Selectable>(
  scope: SelectorScope<H>,
  selectors: readonly string[],
): { count: number; problem?: SelectionProblem } {
  const { hosts, problem } = resolveSelectors(scope, selectors);
  return { count: problem ? 0 : hosts.length, problem };
}

/** As `selectHosts`, with the problem returned instead of thrown. */
export function resolveSelectors<H extends Selectable>(
  scope: SelectorScope<H>,
  selectors: readonly string[],
): Selection<H> {
  const members = new Map<string, ReadonlySet<string>>();
  const selected = new Set<string>();
  const exclusions: Term[][] = [];
  let problem: SelectionProblem | undefined;
  for (const selector of selectors) {
    const parsed = readSelector(scope, selector);
    if ('problem' in parsed) return { hosts: [], problem: parsed.problem };
    if (parsed.terms.every((term) => term.negated)) {
      exclusions.push(parsed.terms);
      continue;
    }
    const matched = matchAll(scope, parsed.terms, members);
    if (matched.length === 0) problem ??= emptyProblem(scope, selector, parsed.terms);
    for (const host of matched) selected.add(host.name);
  }
  const fromAll = selectors.length === exclusions.length;
  const hosts = [...scope.hosts.values()].filter(
    (host) =>
      (fromAll || selected.has(host.name)) &&
      exclusions.every((terms) => terms.every((term) => meets(scope, term, host, members))),
  );
  if (problem || hosts.length > 0) return { hosts, problem };
  const message =
    selectors.length === 0 || scope.hosts.size === 0
      ? t('the inventory has no hosts')
      : t('{0} leaves no host', selectors.map((selector) => `“${selector}”`).join(' '));
  const hint = unknownHint(scope);
  return {
    hosts: [],
    problem: { kind: 'empty', message, selector: selectors[0] ?? '', offset: 0, ...(hint && { hint }) },
  };
}

function readSelector(
  scope: SelectorScope<Selectable>,
  selector: string,
): { terms: Term[] } | { problem: SelectionProblem } {
  try {
    const terms = parseSelector(selector);
    for (const term of terms) {
      const unknown = unknownName(scope, term);
      const kind = unknown ? 'unknown' : 'unanswered';
      const fault = unknown ?? unansweredName(scope, term);
      if (fault)
        return { problem: { kind, selector, offset: term.offset, length: term.text.length, ...fault } };
    }
    return { terms };
  } catch (error) {
    if (!(error instanceof SelectorSyntaxError)) throw error;
    return { problem: { kind: 'syntax', message: error.message, selector, offset: error.offset } };
  }
}

/** A typing error must not widen a selection, so unknown names are errors even when excluded. */
function unknownName(scope: SelectorScope<Selectable>, term: Term): NameFault | undefined {
  const { hosts, groups, open } = scope;
  if (term.kind === 'group') {
    if ([...groups.keys()].some((name) => term.pattern.matches(name))) return undefined;
    return {
      message: t('no group “{0}”', term.name),
      suggestion: prefixed('@', suggest(term.name, groups.keys())),
      ...(term.pattern.names?.size === 1 && { missing: { section: 'groups', name: term.name } }),
    };
  }
  if (term.kind !== 'word' || !term.pattern.names || open) return undefined;
  const names = [...term.pattern.names];
  if (names.some((name) => hosts.has(name) || groups.has(name))) return undefined;
  if (names.length > 1) return { message: t('no host is among “{0}”', term.text.replace(/^!\s*/, '')) };
  const name = names[0]!;
  const unknown = unknownHint(scope);
  return {
    message: t('no host or group “{0}”', name),
    // What it may be after all is not to be taken for a mistake.
    suggestion: unknown === undefined ? suggest(name, [...groups.keys(), ...hosts.keys()]) : undefined,
    missing: { section: 'hosts', name },
    hint:
      unknown ??
      t('Selectors are a name, a glob, a range, @group, label=value; list the hosts with `muster hosts`.'),
  };
}

/** A selection must not shrink because a source has not answered: whoever names its group is told. */
function unansweredName(scope: SelectorScope<Selectable>, term: Term): NameFault | undefined {
  if (scope.open || !(term.kind === 'group' || (term.kind === 'word' && isGroupWord(scope, term))))
    return undefined;
  const message = unknownText(scope, unknownOf(scope, [{ ...term, negated: false }]));
  return message === undefined
    ? undefined
    : { message, hint: t('Mend what keeps it from answering, or select other hosts.') };
}

function unknownHint(scope: SelectorScope<Selectable>): string | undefined {
  const text = unknownText(scope, unansweredGroups(scope));
  return text && t('It may be there all the same: {0}.', text);
}

const prefixed = (prefix: string, text: string | undefined) =>
  text === undefined ? undefined : prefix + text;

function emptyProblem(
  scope: SelectorScope<Selectable>,
  selector: string,
  terms: readonly Term[],
): SelectionProblem {
  const words = terms.filter((term) => term.kind === 'word' && !term.negated);
  const [near] = scope.open
    ? words.flatMap((term) => unknownName({ ...scope, open: false }, term)?.suggestion ?? [])
    : [];
  return {
    ...{ kind: 'empty', message: t('no host matches “{0}”', selector), selector, offset: 0 },
    ...(near !== undefined && { suggestion: near }),
    hint:
      words.length > 1
        ? t('A comma means AND: give alternatives as separate selectors.')
        : unknownHint(scope),
  };
}

type NameFault = Pick<SelectionProblem, 'message' | 'suggestion' | 'hint' | 'missing'>;
type Members = Map<string, ReadonlySet<string>>;

function matchAll<H extends Selectable>(
  scope: SelectorScope<H>,
  terms: readonly Term[],
  members: Members,
): H[] {
  const candidates = namedCandidates(scope, terms) ?? [...scope.hosts.values()];
  return candidates.filter((host) => terms.every((term) => meets(scope, term, host, members)));
}

/** Names given one by one need no walk over every host. */
function namedCandidates<H extends Selectable>(
  scope: SelectorScope<H>,
  terms: readonly Term[],
): H[] | undefined {
  for (const term of terms) {
    if (term.kind !== 'word' || term.negated || !term.pattern.names) continue;
    const hosts = [...term.pattern.names].flatMap((name) => scope.hosts.get(name) ?? []);
    if (hosts.length > 0) return hosts;
  }
  return undefined;
}

function meets(scope: SelectorScope<Selectable>, term: Term, host: Selectable, members: Members): boolean {
  return meetsPositive(scope, term, host, members) !== term.negated;
}

function meetsPositive(
  scope: SelectorScope<Selectable>,
  term: Term,
  host: Selectable,
  members: Members,
): boolean {
  switch (term.kind) {
    case 'all':
      return true;
    case 'group':
      return membersOf(scope, term, members).has(host.name);
    case 'label': {
      const value = Object.hasOwn(host.labels, term.label) ? host.labels[term.label] : undefined;
      return (value !== undefined && term.values.some((pattern) => pattern.matches(value))) === term.equal;
    }
    case 'word':
      return isGroupWord(scope, term)
        ? membersOf(scope, term, members).has(host.name)
        : term.pattern.matches(host.name);
  }
}

/** A bare word is a group only if no host has that name: `@` says group in any case. */
function isGroupWord({ hosts, groups }: SelectorScope<Selectable>, term: Term & { kind: 'word' }): boolean {
  if (term.pattern.names?.size !== 1) return false;
  const [name] = term.pattern.names;
  return !hosts.has(name!) && groups.has(name!);
}

function membersOf(
  { groups }: SelectorScope<Selectable>,
  term: Term & { kind: 'group' | 'word' },
  cache: Members,
): ReadonlySet<string> {
  const key = term.text.replace(/^!\s*/, '').replace(/^@/, '');
  let names = cache.get(key);
  if (!names) {
    const matching = [...groups].filter(([name]) => term.pattern.matches(name));
    names = new Set(matching.flatMap(([, group]) => [...group.hosts]));
    cache.set(key, names);
  }
  return names;
}
