import { describe, expect, it } from 'vitest';
import type { CheckStatus } from '../../../src/features/checks/core/probe';
import { parseInventory } from '../../harness/inventories';
import { CheckVerdicts } from '../../../src/shell/editor/fleets/checkVerdicts';
import type { Fleet } from '../../../src/shell/editor/fleets/fleet';
import {
  type HostArrangement,
  readArrangement,
  usualArrangement,
} from '../../../src/shell/editor/hosts/hostArrangement';
import {
  hostNamesOf,
  HostNodes,
  type HostsNode,
  type HostsShape,
} from '../../../src/shell/editor/hosts/hostNodes';
import { checks } from '../../../src/features/checks/core/check';

/** As much of a Fleet as has no need of an editor. */
function fleetOf(text: string, id = 'fleet'): Fleet {
  const inventory = parseInventory(text, '/fleet/muster.yaml');
  const checksOf = (host: string) =>
    [...inventory.section(checks).values()].filter(({ hosts }) => hosts.includes(host));
  return { ...{ id, label: id, inventory, checksOf }, verdicts: new CheckVerdicts() } as unknown as Fleet;
}

const text = `
hosts:
  web-10: { labels: { env: prod, zone: b } }
  web-2: { labels: { env: prod, zone: a } }
  db: { labels: { env: dev } }
  idle: {}
groups:
  web: { hosts: [web-10, web-2] }
  all-prod: { select: env=prod }
checks:
  port: { type: tcp, port: 1, on: db }
`;

const shape = (arrangement: Partial<HostArrangement> = {}, rest: Partial<HostsShape> = {}): HostsShape => ({
  ...{ arrangement: { ...usualArrangement, ...arrangement }, shows: () => true, rowsBelow: () => [] },
  ...rest,
});
const nodesOf = (fleets: Fleet | Fleet[], ...how: Parameters<typeof shape>) =>
  new HostNodes([fleets].flat(), shape(...how));

function nameOf(node: HostsNode): string {
  switch (node.kind) {
    case 'fleet':
      return node.fleet.label;
    case 'group':
      return node.name ?? '(rest)';
    case 'host':
      return node.host.name;
    case 'check':
      return node.check.name;
    case 'branch':
      return node.row.key;
  }
}

/** Every row as it is indented on screen, hosts without what is below them. */
function outline(nodes: HostNodes, below: readonly HostsNode[] = nodes.roots, indent = ''): string[] {
  return below.flatMap((node) => [
    indent + nameOf(node),
    ...(node.kind === 'host' ? [] : outline(nodes, nodes.childrenOf(node), `${indent}  `)),
  ]);
}

function record(fleet: Fleet, host: string, status: CheckStatus): void {
  fleet.verdicts.record({ host, check: 'port', status, latencyMs: 1, message: status });
}

describe('Rows of the Hosts view', () => {
  it('are groups with their hosts, then the hosts that no group holds', () => {
    expect(outline(nodesOf(fleetOf(text)))).toEqual([
      ...['web', '  web-10', '  web-2', 'all-prod', '  web-10', '  web-2'],
      ...['(rest)', '  db', '  idle'],
    ]);
  });

  it('are hosts alone in an inventory without groups, and in a flat list', () => {
    expect(outline(nodesOf(fleetOf('hosts: { a: {}, b: {} }')))).toEqual(['a', 'b']);
    expect(outline(nodesOf(fleetOf(text), { grouping: { by: 'none' } }))).toEqual([
      'web-10',
      'web-2',
      'db',
      'idle',
    ]);
  });

  it('stand under the values of a label, by name, then those without it', () => {
    const byLabel = (label: string) => outline(nodesOf(fleetOf(text), { grouping: { by: 'label', label } }));
    expect(byLabel('env')).toEqual(['dev', '  db', 'prod', '  web-10', '  web-2', '(rest)', '  idle']);
    expect(byLabel('nobody-has-it')).toEqual(['web-10', 'web-2', 'db', 'idle']);
    expect(byLabel('constructor')).toEqual(['web-10', 'web-2', 'db', 'idle']);
  });

  it('stand under their inventory when there are several', () => {
    const fleets = [fleetOf('hosts: { a: {} }', 'one'), fleetOf('hosts: { a: {} }', 'two')];
    expect(outline(nodesOf(fleets))).toEqual(['one', '  a', 'two', '  a']);
  });

  it('are sorted by name as people count, or the worst first', () => {
    const fleet = fleetOf(text);
    const flat = { grouping: { by: 'none' } } as const;
    expect(outline(nodesOf(fleet, { ...flat, order: 'name' }))).toEqual(['db', 'idle', 'web-2', 'web-10']);
    record(fleet, 'web-2', 'healthy');
    record(fleet, 'web-10', 'degraded');
    record(fleet, 'idle', 'unhealthy');
    expect(outline(nodesOf(fleet, { ...flat, order: 'state' }))).toEqual(['idle', 'web-10', 'db', 'web-2']);
  });

  it('are those that pass the filter; a group without any is not shown, and counts what is', () => {
    const nodes = nodesOf(fleetOf(text), {}, { shows: (_, host) => host === 'web-2' });
    expect(outline(nodes)).toEqual(['web', '  web-2', 'all-prod', '  web-2']);
    expect(nodes.roots.map(hostNamesOf)).toEqual([['web-2'], ['web-2']]);
  });

  it('below a host are its checks, then what features add, asked for again when that changed', () => {
    const fleet = fleetOf(text);
    const keys = ['8080'];
    const rowsBelow = () => keys.map((key) => ({ key, item: () => ({}) }));
    const nodes = nodesOf(fleet, { grouping: { by: 'none' } }, { rowsBelow });
    const db = nodes.roots[2]!;
    expect(nodes.childrenOf(db).map(nameOf)).toEqual(['port', '8080']);
    keys.push('9090');
    expect(nodes.childrenOf(db).map(nameOf)).toEqual(['port', '8080']);
    expect(nodes.renew(fleet, 'db')).toEqual([db]);
    expect(nodes.childrenOf(db).map(nameOf)).toEqual(['port', '8080', '9090']);
  });

  it('keep their ids when the inventory is read again, and differ from each other', () => {
    const ids = (nodes: HostNodes, below: readonly HostsNode[] = nodes.roots): string[] =>
      below.flatMap((node) => [node.id, ...ids(nodes, nodes.childrenOf(node))]);
    const first = ids(nodesOf(fleetOf(text)));
    expect(ids(nodesOf(fleetOf(text)))).toEqual(first);
    expect(new Set(first).size).toBe(first.length);
  });

  it('are made when they are asked for', () => {
    const fleet = fleetOf(text);
    const nodes = nodesOf(fleet);
    expect(nodes.nodesOf(fleet, 'web-2')).toEqual([]);
    nodes.childrenOf(nodes.roots[0]!);
    nodes.childrenOf(nodes.roots[1]!);
    expect(nodes.nodesOf(fleet, 'web-2').map(({ parent }) => parent && nameOf(parent))).toEqual([
      'web',
      'all-prod',
    ]);
  });
});

describe('The arrangement of the Hosts view', () => {
  it('is read back as it was stored', () => {
    const stored: HostArrangement = { grouping: { by: 'label', label: 'env' }, order: 'state' };
    expect(readArrangement(JSON.parse(JSON.stringify(stored)))).toEqual(stored);
    expect(readArrangement({ grouping: { by: 'none' }, order: 'name' })).toEqual({
      grouping: { by: 'none' },
      order: 'name',
    });
  });

  it.each([
    undefined,
    null,
    7,
    'state',
    {},
    { grouping: { by: 'label' }, order: 'colour' },
    { grouping: [] },
  ])('is the usual one for %j', (stored) => {
    expect(readArrangement(stored)).toEqual(usualArrangement);
  });
});
