import type { CheckTarget } from '../../checks/core/checkBatch';
import { type Check, checks } from '../../checks/core/check';
import type { Host, Inventory, SourceRange } from '../../../platform/inventory/model';
import type { Fleet } from '../../../shell/editor/fleets/fleet';

/** What a row of the Test Explorer stands for. The id is unique among the rows beside it. */
export type TestNode =
  | { readonly kind: 'fleet'; readonly id: string; readonly fleet: Fleet }
  | GroupTest
  | { readonly kind: 'host'; readonly id: string; readonly fleet: Fleet; readonly host: Host }
  | { readonly kind: 'byCheck'; readonly id: string; readonly fleet: Fleet }
  | { readonly kind: 'check'; readonly id: string; readonly fleet: Fleet; readonly check: Check }
  | TargetTest;

export interface GroupTest {
  readonly kind: 'group';
  readonly id: string;
  readonly fleet: Fleet;
  /** undefined for the hosts that no group holds. */
  readonly name: string | undefined;
  /** Those that have checks. */
  readonly hosts: readonly string[];
  readonly source: SourceRange | undefined;
}

/** One check on one host: what is run. */
export interface TargetTest extends CheckTarget {
  readonly kind: 'target';
  readonly id: string;
  readonly fleet: Fleet;
  /** Whether the row lies under its host, and is named for its check, or the other way round. */
  readonly under: 'host' | 'check';
}

/** The top rows: groups and the checks; with several inventories each is a row of its own above them. */
export function rootsOf(fleets: readonly Fleet[]): readonly TestNode[] {
  const checked = fleets.filter((fleet) => fleet.inventory && groupsOf(fleet).length > 0);
  if (fleets.length === 1) return checked.flatMap(membersOf);
  return checked.map((fleet) => ({ kind: 'fleet', id: fleet.id, fleet }));
}

export function childrenOf(node: TestNode): readonly TestNode[] {
  const { fleet } = node;
  switch (node.kind) {
    case 'fleet':
      return membersOf(fleet);
    case 'group':
      return node.hosts.flatMap((name) => {
        const host = fleet.inventory?.hosts.get(name);
        return host ? [hostTest(fleet, host)] : [];
      });
    case 'host':
      return fleet.checksOf(node.host.name).map((check) => targetTest(fleet, node.host, check, 'host'));
    case 'byCheck':
      return checksOf(fleet).map((check) => checkTest(fleet, check));
    case 'check':
      return fleet
        .targetsOf(node.check.hosts)
        .filter(({ check }) => check === node.check)
        .map(({ host, check }) => targetTest(fleet, host, check, 'check'));
    case 'target':
      return [];
  }
}

/** Of the children those that hold the target; of a whole inventory only the groups. */
export function childrenWith(node: TestNode, { host, check }: CheckTarget): readonly TestNode[] {
  const { fleet } = node;
  switch (node.kind) {
    case 'fleet':
      return groupsOf(fleet).filter((group) => holdsHost(group, host));
    case 'group':
      return [hostTest(fleet, host)];
    case 'host':
      return [targetTest(fleet, host, check, 'host')];
    case 'byCheck':
      return [checkTest(fleet, check)];
    case 'check':
      return [targetTest(fleet, host, check, 'check')];
    case 'target':
      return [];
  }
}

/** Whether a host is in a group, or in none where the group is that of the others. */
export function holdsHost({ name }: GroupTest, { groups }: Host): boolean {
  return name === undefined ? groups.length === 0 : groups.includes(name);
}

/** Everything below a row, in the inventory's order. */
export function targetsBelow(node: TestNode): readonly CheckTarget[] {
  const { fleet } = node;
  switch (node.kind) {
    case 'fleet':
    case 'byCheck':
      return fleet.targetsOf(fleet.inventory?.hosts.keys() ?? []);
    case 'group':
      return fleet.targetsOf(node.hosts);
    case 'host':
      return fleet.targetsOf([node.host.name]);
    case 'check':
      return fleet.targetsOf(node.check.hosts).filter(({ check }) => check.name === node.check.name);
    case 'target':
      return [{ host: node.host, check: node.check }];
  }
}

/** The place in the inventory that a row leads to. */
export function sourceOf(node: TestNode): SourceRange | undefined {
  switch (node.kind) {
    case 'group':
      return node.source;
    case 'host':
      return node.host.source;
    case 'check':
    case 'target':
      return node.check.source;
    case 'fleet':
    case 'byCheck':
      return undefined;
  }
}

export function targetKey(fleet: Fleet, host: string, check: string): string {
  return `${fleet.id}\0${host}\0${check}`;
}

function membersOf(fleet: Fleet): readonly TestNode[] {
  return [...groupsOf(fleet), { kind: 'byCheck', id: `${fleet.id}#checks`, fleet }];
}

/** Made once for each inventory: a large batch asks for them with every result. */
const groups = new WeakMap<Inventory, readonly GroupTest[]>();

/** The groups that hold hosts with checks, then such hosts in no group. */
function groupsOf(fleet: Fleet): readonly GroupTest[] {
  const { inventory } = fleet;
  if (!inventory) return [];
  let known = groups.get(inventory);
  if (!known) groups.set(inventory, (known = makeGroups(fleet, inventory)));
  return known;
}

function makeGroups(fleet: Fleet, inventory: Inventory): readonly GroupTest[] {
  const isChecked = (host: string) => fleet.checksOf(host).length > 0;
  const ungrouped = [...inventory.hosts.values()].filter((host) => host.groups.length === 0);
  const all: Omit<GroupTest, 'kind' | 'fleet' | 'id'>[] = [
    ...inventory.groups.values(),
    { name: undefined, hosts: ungrouped.map(({ name }) => name), source: undefined },
  ];
  return all
    .map(({ name, hosts, source }): GroupTest => ({
      kind: 'group',
      id: name === undefined ? `${fleet.id}#ungrouped` : `${fleet.id}@${name}`,
      fleet,
      name,
      hosts: [...new Set(hosts)].filter(isChecked),
      source,
    }))
    .filter(({ hosts }) => hosts.length > 0);
}

function checksOf({ inventory }: Fleet): Check[] {
  return [...(inventory?.section(checks).values() ?? [])].filter(({ hosts }) => hosts.length > 0);
}

function hostTest(fleet: Fleet, host: Host): TestNode {
  return { kind: 'host', id: host.name, fleet, host };
}

function checkTest(fleet: Fleet, check: Check): TestNode {
  return { kind: 'check', id: check.name, fleet, check };
}

function targetTest(fleet: Fleet, host: Host, check: Check, under: 'host' | 'check'): TargetTest {
  return { kind: 'target', id: under === 'host' ? check.name : host.name, fleet, host, check, under };
}
