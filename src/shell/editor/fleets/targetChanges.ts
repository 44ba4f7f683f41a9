import { isDeepStrictEqual } from 'node:util';
import { type Check, checks } from '../../../features/checks/core/check';
import type { CheckTarget } from '../../../features/checks/core/checkBatch';
import type { Host, Inventory } from '../../../platform/inventory/model';

/** Names kept of what is in the inventory no more, of hosts and of checks. */
const goneLimit = 10_000;

/** Whether what was found under a name was found for something else. */
export type IsAnother = (host: string, check: string) => boolean;

/** What the names of an inventory stood for last, those included that have gone: they may come back as others. */
export class TargetChanges {
  private readonly hosts = new Map<string, Host>();
  private readonly checks = new Map<string, Check>();

  /** Takes over what the names stand for now; undefined when none of them stood for something else before. */
  follow(inventory: Inventory): IsAnother | undefined {
    const hosts = renewed(this.hosts, inventory.hosts, isSameHost);
    const others = renewed(this.checks, inventory.section(checks), isSameCheck);
    if (hosts.size === 0 && others.size === 0) return undefined;
    return (host, check) => hosts.has(host) || others.has(check);
  }
}

/** Whether an inventory has something else under the names of a target; what it has no more is not. */
export function isSuperseded({ host, check }: CheckTarget, inventory: Inventory): boolean {
  const nextHost = inventory.hosts.get(host.name);
  const nextCheck = inventory.section(checks).get(check.name);
  return (
    (nextHost !== undefined && !isSameHost(host, nextHost)) ||
    (nextCheck !== undefined && !isSameCheck(check, nextCheck))
  );
}

/** The names that stood for something else before. */
function renewed<T>(
  known: Map<string, T>,
  now: ReadonlyMap<string, T>,
  isSame: (before: T, now: T) => boolean,
): Set<string> {
  const others = new Set<string>();
  for (const [name, entry] of now) {
    const before = known.get(name);
    if (before !== undefined && !isSame(before, entry)) others.add(name);
    // What has gone stands first, the longest gone before the others.
    known.delete(name);
    known.set(name, entry);
  }
  for (const name of known.keys()) {
    if (known.size <= now.size + goneLimit) break;
    known.delete(name);
  }
  return others;
}

/** Labels count because a check's texts may hold them. */
function isSameHost(before: Host, now: Host): boolean {
  return (
    before === now ||
    (before.address === now.address &&
      (before.transport ?? 'ssh') === (now.transport ?? 'ssh') &&
      isDeepStrictEqual(before.ssh, now.ssh) &&
      isDeepStrictEqual(before.labels, now.labels))
  );
}

/** The timeout does not count: it changes how long an answer may take, not who gives it. */
function isSameCheck(before: Check, now: Check): boolean {
  return before === now || (before.type === now.type && isDeepStrictEqual(before.input, now.input));
}
