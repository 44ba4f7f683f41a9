import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { planFleet, type WebTemper } from '../../../../src/features/lab/core/fleetPlan';
import { createWebApplication } from '../../../../src/features/lab/core/webService';

describe('a web application of the lab', () => {
  it.each<[WebTemper, boolean]>([
    ['steady', true],
    ['failing', false],
    ['slow', false],
    ['flapping', false],
  ])('that is %s is healthy at first: %s', (temper, healthy) => {
    const plan = { ...planFleet(3)[0]!, temper };
    expect(createWebApplication(plan).nextHealthy()).toBe(healthy);
  });

  it('that is flapping is down twice and up twice', async () => {
    const application = createWebApplication({ ...planFleet(3)[0]!, temper: 'flapping' });
    const server = createServer(application.handle).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const health = `http://127.0.0.1:${(server.address() as AddressInfo).port}/health`;
    const seen: [number, boolean][] = [];
    while (seen.length < 6) {
      const foretold = application.nextHealthy();
      seen.push([(await fetch(health)).status, foretold]);
    }
    server.close();
    expect(seen).toEqual([503, 503, 200, 200, 503, 503].map((status) => [status, status === 200]));
  });
});
