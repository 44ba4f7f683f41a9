import { describe, expect, it } from 'vitest';
import type { Check } from '../../../../src/features/checks/core/check';
import { parseInventory } from '../../../harness/inventories';
import type { Fleet } from '../../../../src/shell/editor/fleets/fleet';
import {
  childrenOf,
  childrenWith,
  rootsOf,
  targetsBelow,
  type TestNode,
} from '../../../../src/features/testExplorer/editor/testNodes';
import { checks } from '../../../../src/features/checks/core/check';

/** As much of a Fleet as has no need of an editor. */
function fleetOf(text: string, id = 'fleet'): Fleet {
  const inventory = parseInventory(text, '/fleet/muster.yaml');
  const checksOf = (host: string): Check[] =>
    [...inventory.section(checks).values()].filter(({ hosts }) => hosts.includes(host));
  return {
    ...{ id, label: id, inventory, checksOf },
    targetsOf: (names: Iterable<string>) =>
      [...names].flatMap((name) =>
        checksOf(name).map((check) => ({ host: inventory.hosts.get(name)!, check })),
      ),
  } as unknown as Fleet;
}

const fleet = fleetOf(`
hosts: { 'web-[1:2]': {}, db: {}, idle: {} }
groups:
  web: { hosts: [web-1, web-2, web-1] }
  both: { children: [web] }
  quiet: { hosts: idle }
checks:
  port: { type: tcp, port: 1, on: [web-*, db] }
  login: { type: ssh, on: db }
`);
const named = (nodes: readonly TestNode[], id: RegExp) => nodes.find((node) => id.test(node.id))!;
const names = (nodes: readonly TestNode[]) => nodes.map(({ id }) => id);
const targets = (node: TestNode) => targetsBelow(node).map(({ host, check }) => `${host.name} ${check.name}`);

describe('The rows of the Test Explorer', () => {
  it('are groups of hosts with checks, what no group holds, and the checks themselves', () => {
    expect(names(rootsOf([fleet]))).toEqual(['fleet@web', 'fleet@both', 'fleet#ungrouped', 'fleet#checks']);
  });

  it('stand below their inventory where there are several, without those that have no checks', () => {
    const other = fleetOf('hosts: { a: {} }\n', 'other');
    expect(names(rootsOf([fleet, other]))).toEqual(['fleet']);
    expect(names(childrenOf(rootsOf([fleet, other])[0]!))).toEqual(names(rootsOf([fleet])));
  });

  it('hold each host once per group, and each check once per host', () => {
    const web = named(rootsOf([fleet]), /@web$/);
    expect(names(childrenOf(web))).toEqual(['web-1', 'web-2']);
    const db = childrenOf(named(rootsOf([fleet]), /#ungrouped$/))[0]!;
    expect(names(childrenOf(db))).toEqual(['port', 'login']);
  });

  it('lead from a check to its hosts', () => {
    const checks = childrenOf(named(rootsOf([fleet]), /#checks$/));
    expect(names(checks)).toEqual(['port', 'login']);
    expect(names(childrenOf(checks[0]!))).toEqual(['web-1', 'web-2', 'db']);
    expect(targets(checks[1]!)).toEqual(['db login']);
  });

  it('have below them what running them checks', () => {
    const [web, , ungrouped] = rootsOf([fleet]);
    expect(targets(web!)).toEqual(['web-1 port', 'web-2 port']);
    expect(targets(ungrouped!)).toEqual(['db port', 'db login']);
  });

  it('are found for one target without making the others', () => {
    const [target] = targetsBelow(rootsOf([fleet])[0]!);
    const root: TestNode = { kind: 'fleet', id: 'fleet', fleet };
    const groups = childrenWith(root, target!);
    expect(names(groups)).toEqual(['fleet@web', 'fleet@both']);
    const host = childrenWith(groups[0]!, target!);
    expect([...names(host), ...names(childrenWith(host[0]!, target!))]).toEqual(['web-1', 'port']);
  });
});
