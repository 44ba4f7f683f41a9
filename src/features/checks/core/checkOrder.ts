import { MusterError } from '../../../platform/errors/errors';
import { compactHostSet } from '../../../platform/inventory/selection/hostSet';
import { t } from '../../../platform/l10n/l10n';
import type { Check, CheckTarget } from './check';
import type { CheckStatus } from './probe';

/** What is looked at of a result. */
interface Ended {
  host: string;
  check: string;
  status: CheckStatus;
  message: string;
}

/** Targets in an order in which what they come `after` stands before them. */
export interface CheckOrder {
  readonly targets: readonly CheckTarget[];
  /** For a pass: the groups that each waits for, by numbers in `targets`. */
  readonly waitsFor: ReadonlyMap<number, readonly (readonly number[])[]>;
  /** Why a target is not checked, after these results; undefined if it is. */
  hindrance(target: CheckTarget, results: ReadonlyMap<CheckTarget, Ended>): MusterError | undefined;
}

/**
 * How `after` orders the targets of one batch; undefined if it says nothing of them. What is not in the batch is not
 * waited for: who chooses one check means that one.
 */
export function orderOf(targets: readonly CheckTarget[]): CheckOrder | undefined {
  if (!targets.some(({ check }) => check.after?.length)) return undefined;
  const groupsOf = groupsAmong(targets);
  const ordered: CheckTarget[] = [];
  const numbers = new Map<CheckTarget, number>();
  const begun = new Set<CheckTarget | readonly CheckTarget[]>();
  const visit = (target: CheckTarget) => {
    if (begun.has(target)) return;
    begun.add(target);
    for (const group of groupsOf(target)) {
      if (begun.has(group)) continue;
      begun.add(group);
      group.forEach(visit);
    }
    numbers.set(target, ordered.push(target) - 1);
  };
  targets.forEach(visit);
  const numbered = new Map<readonly CheckTarget[], readonly number[]>();
  const numbersOf = (group: readonly CheckTarget[]) => {
    const known = numbered.get(group);
    if (known) return known;
    const made = group.map((target) => numbers.get(target)!);
    numbered.set(group, made);
    return made;
  };
  const waiting = ordered.filter((target) => groupsOf(target).length > 0);
  return {
    targets: ordered,
    waitsFor: new Map(waiting.map((target) => [numbers.get(target)!, groupsOf(target).map(numbersOf)])),
    hindrance: (target, results) => {
      for (const group of groupsOf(target)) {
        const unfit = group.flatMap((one) => results.get(one) ?? []).filter(isUnfit);
        if (unfit.length > 0) return hindranceBy(unfit);
      }
      return undefined;
    },
  };
}

/** What a target of the batch comes after: on its host where that is checked there, else wherever it is checked. */
function groupsAmong(targets: readonly CheckTarget[]): (target: CheckTarget) => readonly CheckTarget[][] {
  const byCheck = new Map<string, Map<string, CheckTarget>>();
  for (const target of targets) {
    const hosts = byCheck.get(target.check.name) ?? new Map<string, CheckTarget>();
    byCheck.set(target.check.name, hosts.set(target.host.name, target));
  }
  const everywhere = new Map([...byCheck].map(([name, hosts]) => [name, [...hosts.values()]]));
  const hostsOf = new Map<Check, ReadonlySet<string>>();
  const isOn = (check: Check, host: string) => {
    const known = hostsOf.get(check) ?? new Set(check.hosts);
    hostsOf.set(check, known);
    return known.has(host);
  };
  const groups = new Map<CheckTarget, CheckTarget[][]>();
  return (target) => {
    const known = groups.get(target);
    if (known) return known;
    const found = (target.check.after ?? []).flatMap((name): CheckTarget[][] => {
      const all = everywhere.get(name);
      if (!all) return [];
      if (!isOn(all[0]!.check, target.host.name)) return [all];
      const same = byCheck.get(name)!.get(target.host.name);
      return same ? [[same]] : [];
    });
    groups.set(target, found);
    return found;
  };
}

/** What was not checked is not known to work. */
function isUnfit({ status }: Ended): boolean {
  return status === 'unhealthy' || status === 'skipped';
}

function hindranceBy(unfit: readonly Ended[]): MusterError {
  const sick = unfit.filter(({ status }) => status === 'unhealthy');
  const those = sick.length > 0 ? sick : unfit;
  const { check, message } = those[0]!;
  const hosts = compactHostSet(those.map(({ host }) => host));
  return new MusterError(
    'DEPENDENCY',
    sick.length > 0
      ? t('not checked: “{0}” is unhealthy on {1}', check, hosts)
      : t('not checked: “{0}” was skipped on {1}', check, hosts),
    { cause: new Error(message) },
  );
}
