import type { Check, Host, Inventory } from '../../core/inventory/model';
import type { TreeItem } from 'vscode';
import type { Fleet } from '../fleets/fleet';

export interface FleetNode {
  readonly kind: 'fleet';
  readonly id: string;
  readonly fleet: Fleet;
  readonly parent: undefined;
  readonly hosts: readonly string[];
  children?: readonly HostNode[] | readonly GroupNode[];
}

export interface GroupNode {
  readonly kind: 'group';
  readonly id: string;
  readonly fleet: Fleet;
  readonly parent: FleetNode | undefined;
  /** undefined for the hosts that no group holds. */
  readonly name: string | undefined;
  readonly hosts: readonly string[];
  children?: readonly HostNode[];
}

export interface HostNode {
  readonly kind: 'host';
  readonly id: string;
  readonly fleet: Fleet;
  readonly parent: FleetNode | GroupNode | undefined;
  readonly host: Host;
  children?: readonly (CheckNode | BranchNode)[];
}

export interface CheckNode {
  readonly kind: 'check';
  readonly id: string;
  readonly fleet: Fleet;
  readonly parent: HostNode;
  readonly host: Host;
  readonly check: Check;
}

/** A row that a feature adds below a host, such as a forwarded port. */
export interface BranchNode {
  readonly kind: 'branch';
  readonly id: string;
  readonly fleet: Fleet;
  readonly parent: HostNode;
  readonly host: Host;
  readonly row: BranchRow;
}

/** What a feature shows below a host, and has its commands called with. */
export interface BranchRow {
  /** Distinct among the rows of the host. */
  readonly key: string;
  item(): TreeItem;
}

export type RowsBelow = (fleet: Fleet, host: string) => readonly BranchRow[];

export type HostsNode = FleetNode | GroupNode | HostNode | CheckNode | BranchNode;

/**
 * The nodes of the Hosts view. Ids are made of names, so that what is expanded and selected outlives a reload;
 * children are made when the view asks for them, since most of 5,000 hosts are never opened.
 */
export class HostNodes {
  readonly roots: readonly HostsNode[];
  private readonly nodesByHost = new Map<string, HostNode[]>();

  constructor(
    fleets: readonly Fleet[],
    private readonly rowsBelow: RowsBelow,
  ) {
    const [only] = fleets;
    this.roots = only && fleets.length === 1 ? this.membersOf(only, undefined) : fleets.map(fleetNode);
  }

  childrenOf(node: HostsNode): readonly HostsNode[] {
    switch (node.kind) {
      case 'fleet':
        return (node.children ??= this.membersOf(node.fleet, node));
      case 'group':
        return (node.children ??= this.hostNodes(node.fleet, node, node.hosts));
      case 'host':
        return (node.children ??= [...checkNodes(node), ...this.branchNodes(node)]);
      case 'check':
      case 'branch':
        return [];
    }
  }

  /** The nodes of a host that the view has asked for so far. */
  nodesOf(fleet: Fleet, host: string): readonly HostNode[] {
    return this.nodesByHost.get(keyOf(fleet, host)) ?? [];
  }

  /** The rows of a fleet that count hosts. */
  setsOf(fleet: Fleet): readonly (FleetNode | GroupNode)[] {
    return this.roots
      .flatMap((node): readonly HostsNode[] =>
        node.kind === 'fleet' ? [node, ...(node.children ?? [])] : [node],
      )
      .filter((node) => node.kind === 'fleet' || node.kind === 'group')
      .filter((node) => node.fleet === fleet);
  }

  /** Forgets the rows below a host: what features add there has changed. */
  renew(fleet: Fleet, host: string): readonly HostNode[] {
    const nodes = this.nodesOf(fleet, host);
    for (const node of nodes) node.children = undefined;
    return nodes;
  }

  private branchNodes(node: HostNode): BranchNode[] {
    const { fleet, host } = node;
    return this.rowsBelow(fleet, host.name).map((row) => ({
      ...{ kind: 'branch' as const, id: `${node.id}\0branch\0${row.key}` },
      ...{ fleet, parent: node, host, row },
    }));
  }

  /** Groups, then what is in none; without groups the hosts themselves. */
  private membersOf(fleet: Fleet, parent: FleetNode | undefined): readonly GroupNode[] | readonly HostNode[] {
    const inventory = fleet.inventory;
    if (!inventory) return [];
    if (inventory.groups.size === 0) return this.hostNodes(fleet, parent, [...inventory.hosts.keys()]);
    const ungrouped = ungroupedHosts(inventory);
    const groups = [...inventory.groups.values()].map((group) => ({ name: group.name, hosts: group.hosts }));
    return [...groups, ...(ungrouped.length > 0 ? [{ name: undefined, hosts: ungrouped }] : [])].map(
      ({ name, hosts }): GroupNode => ({
        kind: 'group',
        id: `${fleet.id}\0group\0${name ?? ''}`,
        fleet,
        parent,
        name,
        hosts,
      }),
    );
  }

  private hostNodes(
    fleet: Fleet,
    parent: FleetNode | GroupNode | undefined,
    names: readonly string[],
  ): readonly HostNode[] {
    return names.flatMap((name) => {
      const host = fleet.inventory?.hosts.get(name);
      if (!host) return [];
      const node: HostNode = {
        kind: 'host',
        id: `${parent?.id ?? fleet.id}\0host\0${name}`,
        fleet,
        parent,
        host,
      };
      const key = keyOf(fleet, name);
      const nodes = this.nodesByHost.get(key);
      if (nodes) nodes.push(node);
      else this.nodesByHost.set(key, [node]);
      return [node];
    });
  }
}

function fleetNode(fleet: Fleet): FleetNode {
  const hosts = [...(fleet.inventory?.hosts.keys() ?? [])];
  return { kind: 'fleet', id: fleet.id, fleet, parent: undefined, hosts };
}

function checkNodes(node: HostNode): CheckNode[] {
  const { fleet, host } = node;
  return fleet.checksOf(host.name).map((check) => ({
    kind: 'check',
    id: `${node.id}\0check\0${check.name}`,
    fleet,
    parent: node,
    host,
    check,
  }));
}

function ungroupedHosts(inventory: Inventory): string[] {
  const grouped = new Set([...inventory.groups.values()].flatMap((group) => [...group.hosts]));
  return [...inventory.hosts.keys()].filter((name) => !grouped.has(name));
}

function keyOf(fleet: Fleet, host: string): string {
  return `${fleet.id}\0${host}`;
}

/** The names of the hosts below a node. */
export function hostNamesOf(node: HostsNode): readonly string[] {
  return node.kind === 'fleet' || node.kind === 'group' ? node.hosts : [node.host.name];
}
