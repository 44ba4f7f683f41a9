import { describe, expect, it } from 'vitest';
import { parseInventory } from '../../../harness/inventories';
import { planFleet, type PlacedHost } from '../../../../src/features/lab/core/fleetPlan';
import { inventoryText, knownHostsText } from '../../../../src/features/lab/core/workspaceText';
import { checks } from '../../../../src/features/checks/core/check';

function placed(count: number, port: (index: number, service: number) => number): PlacedHost[] {
  return planFleet(count).map((plan, index) => ({
    ...plan,
    address: `127.0.0.${index + 11}`,
    ports: {
      ssh: port(index, 0),
      ...(plan.role === 'web' && { http: port(index, 1) }),
      ...(plan.certificateDays !== undefined && { https: port(index, 2) }),
      ...(plan.role === 'db' && { database: port(index, 3) }),
      ...(plan.role === 'cache' && { cache: port(index, 4) }),
    },
  }));
}

describe("the lab's inventory", () => {
  it.each([3, 4, 5, 6, 12, 60])('of %i hosts is sound, with the same ports on every host or not', (count) => {
    for (const port of [
      (_: number, service: number) => 40_000 + service,
      (index: number, service: number) => 40_000 + index * 10 + service,
    ]) {
      const inventory = parseInventory(inventoryText(placed(count, port), 'ops'), '/lab/muster.yaml');
      expect(inventory.problems).toEqual([]);
      expect(inventory.hosts.size).toBe(count);
    }
  });

  it('gives each host its address, its port, the key and the way through the bastion', () => {
    const hosts = placed(12, (index) => 40_000 + index);
    const inventory = parseInventory(inventoryText(hosts, 'ops'), '/lab/muster.yaml');
    const database = hosts.find(({ name }) => name === 'db-2')!;
    expect(inventory.hosts.get('db-2')).toMatchObject({
      address: database.address,
      labels: { role: 'db', env: 'prod' },
      ssh: {
        user: 'ops',
        port: database.ports.ssh,
        identityFile: ['/lab/keys/id_ed25519'],
        knownHosts: ['/lab/keys/known_hosts'],
        proxyJump: ['bastion'],
      },
    });
  });

  it('has a check of every type', () => {
    const inventory = parseInventory(
      inventoryText(
        placed(12, () => 40_000),
        'ops',
      ),
      '/lab/muster.yaml',
    );
    const types = [...inventory.section(checks).values()].map(({ type }) => type);
    expect([...new Set(types)].sort()).toEqual(['command', 'http', 'ssh', 'tcp', 'tls']);
  });
});

describe("the lab's known_hosts", () => {
  it('names every host by address and port, without the comment of its key', () => {
    const hosts = placed(3, (index) => 40_000 + index);
    const keys = new Map(hosts.map(({ name }) => [name, `ssh-ed25519 KEY-${name} ${name}`]));
    expect(knownHostsText(hosts, keys).split('\n')).toEqual([
      '[127.0.0.11]:40000 ssh-ed25519 KEY-web-01',
      '[127.0.0.12]:40001 ssh-ed25519 KEY-web-02',
      '[127.0.0.13]:40002 ssh-ed25519 KEY-db-1',
      '',
    ]);
  });
});
