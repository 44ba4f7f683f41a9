import type { Inventory, Problem } from '../../../platform/inventory/model';
import { checks } from '../../../features/checks/core/check';
import { discoveries } from '../../../features/discovery/core/discovery';

/**
 * Whether an edit broke the inventory rather than changed it: it brought an error that was not there before, and
 * took away hosts, checks or what finds hosts; these come and go by themselves. Then the last good inventory stays on screen. An old error elsewhere never hides an edit.
 */
export function isBrokenEdit(last: Inventory, next: Inventory): boolean {
  const before = new Set(errorsOf(last).map((problem) => problem.message));
  const isNew = errorsOf(next).some((problem) => !before.has(problem.message));
  return (
    isNew &&
    (loses(declaredIn(last), next.hosts) ||
      loses(last.section(checks), next.section(checks)) ||
      loses(last.section(discoveries), next.section(discoveries)))
  );
}

function errorsOf(inventory: Inventory): Problem[] {
  return inventory.problems.filter((problem) => problem.severity === 'error');
}

function declaredIn({ hosts }: Inventory): ReadonlyMap<string, unknown> {
  return new Map([...hosts].filter(([, { foundBy }]) => !foundBy));
}

function loses(last: ReadonlyMap<string, unknown>, next: ReadonlyMap<string, unknown>): boolean {
  return [...last.keys()].some((name) => !next.has(name));
}
