import { createServer as createHttpServer, type Server } from 'node:http';
import {
  createServer as createTcpServer,
  type AddressInfo,
  type Server as TcpServer,
  type Socket,
} from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { planChecks, runChecks } from '../../../../src/features/checks/core/checkBatch';
import { parseInventory } from '../../../harness/inventories';
import type { HostTransport } from '../../../../src/platform/transport/hostTransport';
import { until } from '../../../harness/until';

/** 1,000 addresses of 127.0.0.0/8: one machine that looks like a fleet. */
const fleet = Array.from({ length: 1_000 }, (_, index) => ({
  name: `host-${String(index).padStart(4, '0')}`,
  address: `127.1.${index >> 8}.${index & 255}`,
}));

/** These checks open no SSH connection; one that did would fail here. */
const noSsh: Pick<HostTransport, 'exec' | 'connect'> = {
  exec: () => Promise.reject(new Error('no SSH in this batch')),
  connect: () => Promise.reject(new Error('no SSH in this batch')),
};

function inventoryOf(hosts: typeof fleet, url: string, timeout = '5s') {
  const entries = hosts.map(({ name, address }) => `  ${name}: { address: ${address} }`);
  return parseInventory(
    `hosts:\n${entries.join('\n')}\nchecks:\n  health: { type: http, url: "${url}", timeout: ${timeout} }\n`,
    '/fleet/muster.yaml',
  );
}

const openSockets = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;

describe('a fan-out over real servers', () => {
  const servers: Server[] = [];
  let port = 0;
  let open = 0;
  let mostOpen = 0;

  beforeAll(async () => {
    for (const { address } of fleet) {
      const server = createHttpServer((_request, response) => response.end('ok'));
      server.on('connection', (socket: Socket) => {
        mostOpen = Math.max(mostOpen, ++open);
        socket.on('close', () => open--);
      });
      await new Promise<void>((resolve) => server.listen(port, address, resolve));
      port = (server.address() as AddressInfo).port;
      servers.push(server);
    }
  });

  afterAll(async () => {
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  });

  afterEach(async () => {
    await until('every socket is closed', () => openSockets() === 0 && open === 0);
  });

  it('checks 1,000 hosts with never more sockets than the concurrency', async () => {
    mostOpen = 0;
    const inventory = inventoryOf(fleet, `http://{address}:${port}/`);
    const streamed: string[] = [];
    const report = await runChecks(planChecks(inventory), {
      transport: noSsh,
      concurrency: 50,
      onResult: ({ host }) => streamed.push(host),
    });
    expect(report.summary).toMatchObject({ total: 1_000, healthy: 1_000, unhealthy: 0, skipped: 0 });
    expect(report.results.map(({ host }) => host)).toEqual(fleet.map(({ name }) => name));
    expect(new Set(streamed).size).toBe(1_000);
    expect(report.summary.p50Ms).toBeGreaterThan(0);
    expect(report.summary.p99Ms).toBeGreaterThanOrEqual(report.summary.p95Ms);
    // The peer hears of a close a little after us.
    expect(mostOpen).toBeLessThanOrEqual(100);
  });

  it('finds the half of the hosts that is down, and why', async () => {
    const down = fleet.map((host, index) =>
      index % 2 ? host : { ...host, address: host.address.replace('127.1.', '127.2.') },
    );
    const report = await runChecks(planChecks(inventoryOf(down, `http://{address}:${port}/`)), {
      transport: noSsh,
      concurrency: 50,
    });
    expect(report.summary).toMatchObject({ healthy: 500, unhealthy: 500 });
    const sick = report.results.filter(({ status }) => status === 'unhealthy');
    expect(sick.every(({ error }) => error?.code === 'REFUSED' && error.phase === 'connect')).toBe(true);
  });

  it('keeps the results so far when it is cancelled in the middle, and skips the others', async () => {
    const cancel = new AbortController();
    let ended = 0;
    const report = await runChecks(planChecks(inventoryOf(fleet, `http://{address}:${port}/`)), {
      transport: noSsh,
      concurrency: 20,
      signal: cancel.signal,
      onResult: () => {
        if (++ended === 100) cancel.abort();
      },
    });
    expect(report.results).toHaveLength(1_000);
    expect(report.summary.healthy).toBeGreaterThanOrEqual(100);
    expect(report.summary.healthy + report.summary.skipped).toBe(1_000);
    expect(report.results.at(-1)).toMatchObject({ status: 'skipped', error: { code: 'CANCELLED' } });
  });
});

describe('hosts that accept and never answer', () => {
  let hanging: TcpServer;
  const accepted = new Set<Socket>();

  beforeAll(async () => {
    hanging = createTcpServer((socket) => {
      accepted.add(socket);
      socket.on('close', () => accepted.delete(socket)).on('error', () => {});
      socket.resume();
    });
    await new Promise<void>((resolve) => hanging.listen(0, '127.0.0.1', resolve));
  });

  afterAll(() => new Promise((resolve) => hanging.close(resolve)));

  it('cost the batch one deadline, not the sum of them, and their sockets are closed', async () => {
    const { port } = hanging.address() as AddressInfo;
    const hosts = fleet.slice(0, 40).map((host) => ({ ...host, address: '127.0.0.1' }));
    const report = await runChecks(planChecks(inventoryOf(hosts, `http://{address}:${port}/`, '300ms')), {
      transport: noSsh,
      concurrency: 40,
    });
    expect(report.summary.unhealthy).toBe(40);
    expect(report.results.every(({ error }) => error?.code === 'TIMEOUT')).toBe(true);
    expect(report.summary.durationMs).toBeLessThan(300 * 20);
    await until('the server sees every socket closed', () => accepted.size === 0 && openSockets() === 0);
  });
});
