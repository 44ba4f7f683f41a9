import { describe, expect, it } from 'vitest';
import { startDnsmasq } from '../../../harness/dnsmasq';
import { freePort } from '../../../harness/ports';
import { until } from '../../../harness/until';
import { FollowedInventory } from './discoveryFixture';

const follow = (port: number, name = '_db._tcp.test') =>
  new FollowedInventory(
    `discover: { db: { srv: ${name}, resolver: '127.0.0.1:${port}', refresh: 1s, labels: { role: db } } }\n`,
  );

describe('Hosts that SRV records name', () => {
  it('have the target as name and address, and the service’s port as a label', async () => {
    await using server = await startDnsmasq([
      'srv-host=_db._tcp.test,db-2.test,5432,20,5',
      'srv-host=_db._tcp.test,db-1.test,5432,10,5',
      'srv-host=_db._tcp.test,db-1.test,5433,30,5',
    ]);
    await using inventory = follow(server.port);
    await until('the records', () => inventory.hosts.length === 3);
    const { hosts, problems } = inventory.now;
    expect(problems).toEqual([]);
    expect([...hosts.values()].map(({ name, address, labels }) => [name, address, labels])).toEqual([
      ['db-1.test', 'db-1.test', { port: '5432', priority: '10', weight: '5', role: 'db' }],
      ['db-2.test', 'db-2.test', { port: '5432', priority: '20', weight: '5', role: 'db' }],
      ['db-1.test:5433', 'db-1.test', { port: '5433', priority: '30', weight: '5', role: 'db' }],
    ]);
  });

  it('are none where there is no such name, which is an answer', async () => {
    await using server = await startDnsmasq(['host-record=other.test,10.0.0.1']);
    await using inventory = follow(server.port);
    await until('the answer', () => inventory.originOf('db').state === 'current');
    expect(inventory.hosts).toEqual([]);
    expect(inventory.problems).toEqual([expect.stringContaining('group “db” has no hosts')]);
  });

  it('are unknown where the name server does not know', async () => {
    // It has nobody to ask beyond its own zone, and says so.
    await using server = await startDnsmasq([]);
    await using inventory = follow(server.port, '_db._tcp.example.com');
    await until('the refusal', () => inventory.originOf('db').state === 'unknown');
    expect(inventory.originOf('db').reason).toBe('the name server answers REFUSED');
  });

  it('are unknown where nobody answers', async () => {
    await using inventory = follow(await freePort());
    await until('the failure', () => inventory.originOf('db').state === 'unknown');
  });

  it('stay as they were while the name server is away, and follow it when it is back', async () => {
    const server = await startDnsmasq(['srv-host=_db._tcp.test,db-1.test,5432']);
    await using inventory = follow(server.port);
    await until('the record', () => inventory.hosts.length === 1);
    await server[Symbol.asyncDispose]();
    await until('it is stale', () => inventory.originOf('db').state === 'stale');
    expect(inventory.hosts).toEqual(['db-1.test db-1.test']);
    await using again = await startDnsmasq(['srv-host=_db._tcp.test,db-9.test,5432'], server.port);
    await until('the new record', () => inventory.hosts.join() === 'db-9.test db-9.test');
    expect(again.port).toBe(server.port);
    expect(inventory.originOf('db').state).toBe('current');
  });
});
