import { describe, expect, it } from 'vitest';
import { checks } from '../../../src/features/checks/core/check';
import { isSuperseded, TargetChanges } from '../../../src/shell/editor/fleets/targetChanges';
import { parseInventory } from '../../harness/inventories';

const inventoryOf = (hosts: string, checks = '{ port: { type: tcp, port: 80 } }') =>
  parseInventory(`hosts: ${hosts}\nchecks: ${checks}\n`, '/fleet/muster.yaml');

const base = '{ a: { address: 10.0.0.1, labels: { port: "80" } }, b: { address: 10.0.0.2 } }';

/** The hosts whose results are those of something else. */
function others(...inventories: ReturnType<typeof inventoryOf>[]): string[] {
  const changes = new TargetChanges();
  const [last] = inventories.map((inventory) => changes.follow(inventory)).slice(-1);
  return ['a', 'b'].filter((host) => last?.(host, 'port') ?? false);
}

describe('What was found under a name', () => {
  it('is of the same while neither the host nor the check changes what is asked', () => {
    const slower = '{ port: { type: tcp, port: 80, timeout: 9s } }';
    expect(others(inventoryOf(base))).toEqual([]);
    expect(others(inventoryOf(base), inventoryOf(base))).toEqual([]);
    expect(others(inventoryOf(base), inventoryOf(base, slower))).toEqual([]);
  });

  it.each([
    ['address', '{ a: { address: 10.0.0.9, labels: { port: "80" } }, b: { address: 10.0.0.2 } }'],
    ['label', '{ a: { address: 10.0.0.1, labels: { port: "81" } }, b: { address: 10.0.0.2 } }'],
    [
      'ssh',
      '{ a: { address: 10.0.0.1, labels: { port: "80" }, ssh: { port: 2222 } }, b: { address: 10.0.0.2 } }',
    ],
    [
      'transport',
      '{ a: { address: 10.0.0.1, labels: { port: "80" }, transport: local }, b: { address: 10.0.0.2 } }',
    ],
  ])('is of another host when its %s changes', (_, changed) => {
    expect(others(inventoryOf(base), inventoryOf(changed))).toEqual(['a']);
  });

  it.each([
    ['settings', '{ port: { type: tcp, port: 81 } }'],
    ['type', '{ port: { type: http, url: "http://localhost/" } }'],
  ])('is of another check when its %s change', (_, changed) => {
    expect(others(inventoryOf(base), inventoryOf(base, changed))).toEqual(['a', 'b']);
  });

  it('while the inventory changed is told from what is found under the name now', () => {
    const before = inventoryOf(base);
    const target = { host: before.hosts.get('a')!, check: before.section(checks).get('port')! };
    expect(isSuperseded(target, inventoryOf(base))).toBe(false);
    expect(isSuperseded(target, inventoryOf('{ b: { address: 10.0.0.2 } }'))).toBe(false);
    expect(isSuperseded(target, inventoryOf('{ a: { address: 10.0.0.9 } }'))).toBe(true);
    expect(isSuperseded(target, inventoryOf(base, '{ port: { type: tcp, port: 81 } }'))).toBe(true);
  });

  it('is of another host when the name was gone in between', () => {
    const without = inventoryOf('{ b: { address: 10.0.0.2 } }');
    expect(others(inventoryOf(base), without, inventoryOf(base))).toEqual([]);
    const elsewhere = inventoryOf('{ a: { address: 10.0.0.9 }, b: { address: 10.0.0.2 } }');
    expect(others(inventoryOf(base), without, elsewhere)).toEqual(['a']);
  });
});
