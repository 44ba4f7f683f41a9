import { t } from '../../l10n/l10n';
import { hasAnswered, type Group, type Origin } from '../model';
import type { Term } from '../selection/selectorSyntax';

/** What may be known in part: the groups, with those of them whose sources have no answer. */
export interface PartlyKnown {
  readonly hosts: { has(name: string): boolean };
  readonly groups: ReadonlyMap<string, Pick<Group, 'origin' | 'unknown'>>;
}

/** The groups whose hosts are unknown, because their sources have not answered. */
export function unansweredGroups({ groups }: Pick<PartlyKnown, 'groups'>): string[] {
  return [...groups].flatMap(([name, { origin }]) => (origin && !hasAnswered(origin) ? name : []));
}

/** The groups without an answer whose hosts `terms`, all of which a host must meet, might select as well. */
export function unknownOf(
  scope: PartlyKnown,
  terms: readonly Term[],
  all = unansweredGroups(scope),
): string[] {
  if (all.length === 0) return [];
  const positive = terms.filter(({ negated }) => !negated).map((term) => unknownOfTerm(scope, term, all));
  // A condition whose hosts are all known leaves no others.
  const bound = positive.find((groups) => groups.length === 0) ?? positive[0] ?? all;
  const excluded = terms.filter(({ negated, kind }) => negated && kind !== 'label' && kind !== 'all');
  return [...new Set([...bound, ...excluded.flatMap((term) => unknownOfTerm(scope, term, []))])];
}

function unknownOfTerm(
  { hosts, groups }: PartlyKnown,
  term: Term,
  all: readonly string[],
): readonly string[] {
  if (term.kind === 'group')
    return [...groups].flatMap(([name, { unknown }]) => (term.pattern.matches(name) ? (unknown ?? []) : []));
  if (term.kind !== 'word' || !term.pattern.names) return all;
  const names = [...term.pattern.names];
  if (names.every((name) => hosts.has(name))) return [];
  const [name] = names;
  return (names.length === 1 && groups.get(name!)?.unknown) || (groups.has(name!) ? [] : all);
}

/** Why the hosts of a group are unknown, undefined where they are not. */
export function whyUnknown({ from, state, reason = '' }: Origin): string | undefined {
  switch (state) {
    case 'current':
    case 'stale':
      return undefined;
    case 'waiting':
      return t('{0} has not answered yet', from);
    case 'restricted':
      return t('{0} is not asked in Restricted Mode', from);
    case 'contested':
      return reason ?? '';
    case 'unknown':
      return t('{0} does not answer: {1}', from, reason);
  }
}

/** The same for several groups, as one sentence; undefined for none. */
export function unknownText(
  { groups }: Pick<PartlyKnown, 'groups'>,
  names: readonly string[],
): string | undefined {
  const reasons = names.flatMap((name) => {
    const origin = groups.get(name)?.origin;
    const reason = origin && whyUnknown(origin);
    return reason === undefined ? [] : t('the hosts of “{0}” are unknown: {1}', name, reason);
  });
  return reasons.length > 0 ? reasons.join('; ') : undefined;
}
