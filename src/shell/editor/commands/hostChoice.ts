import { compactHostSet } from '../../../platform/inventory/selection/hostSet';
import type { Fleet } from '../fleets/fleet';
import { type GroupNode, hostNamesOf, type HostsNode } from '../hosts/hostNodes';
import type { HostChoice } from './pickHosts';
import { splitSelectors } from './splitSelectors';

/** The hosts below the rows; rows of another inventory than the first's are left out. */
export function choiceOf(nodes: readonly HostsNode[]): HostChoice | undefined {
  const [first] = nodes;
  if (!first) return undefined;
  const { fleet } = first;
  const names = new Set(nodes.filter((node) => node.fleet === fleet).flatMap((node) => hostNamesOf(node)));
  const hosts = [...names].flatMap((name) => fleet.inventory?.hosts.get(name) ?? []);
  if (hosts.length === 0) return undefined;
  const group = nodes.length === 1 && first.kind === 'group' ? wholeGroup(first) : undefined;
  const selector = group === undefined ? compactHostSet(names) : `@${group}`;
  return { fleet, hosts, selector };
}

/** The group that the row stands for, unless a filter or a label chose its hosts. */
function wholeGroup({ fleet, name, label, hosts }: GroupNode): string | undefined {
  if (name === undefined || label !== undefined) return undefined;
  return fleet.inventory?.groups.get(name)?.hosts.length === hosts.length ? name : undefined;
}

/** @throws MusterError INVENTORY when the selector cannot be read, names what is unknown, or matches no host */
export async function choiceBySelector(fleet: Fleet, selector: string): Promise<HostChoice> {
  const { selectHosts } = await import('../../../platform/inventory/selection/selector');
  return { fleet, selector, hosts: selectHosts(fleet.inventory!, splitSelectors(selector)) };
}

/** Rows of the Hosts view, told from the arguments of a key binding. */
export function isHostsNode(value: unknown): value is HostsNode {
  return typeof value === 'object' && value !== null && 'kind' in value && 'fleet' in value;
}
