import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLab, type Lab } from '../../../../src/features/lab/core/startLab';
import type { PlacedHost } from '../../../../src/features/lab/core/fleetPlan';
import { runProgram } from './openSsh';

describe('the services of the lab', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab();
  });
  afterAll(() => lab.stop());

  const hostNamed = (name: string): PlacedHost => lab.hosts.find((host) => host.name === name)!;

  function get(
    name: string,
    path: string,
  ): Promise<{ status: number | undefined; body: string; ms: number }> {
    const { address, ports } = hostNamed(name);
    const startedAt = performance.now();
    return new Promise((resolve, reject) => {
      request({ host: address, port: ports.http, path, agent: false }, (response) => {
        void text(response).then((body) =>
          resolve({ status: response.statusCode, body, ms: performance.now() - startedAt }),
        );
      })
        .on('error', reject)
        .end();
    });
  }

  function openssl(name: string, ...options: string[]): ReturnType<typeof runProgram> {
    const { address, ports } = hostNamed(name);
    return runProgram('openssl', [
      ...['s_client', '-connect', `${address}:${ports.https}`, '-verify_ip', address],
      ...['-verify_return_error', ...options],
    ]);
  }

  it('answer a health check with their state', async () => {
    const { status, body } = await get('web-01', '/health');
    expect(status).toBe(200);
    expect(JSON.parse(body)).toMatchObject({ status: 'up', host: 'web-01' });
  });

  it('have one host that always fails', async () => {
    for (let request = 1; request <= 3; request++) {
      const { status, body } = await get('web-02', '/health');
      expect([status, JSON.parse(body).status]).toEqual([503, 'down']);
    }
  });

  it('have one host that answers only after the time of the check', async () => {
    const { status, ms } = await get('web-03', '/health');
    expect(status).toBe(200);
    expect(ms).toBeGreaterThan(1500);
  });

  it('have one host that is down twice and up twice in turns, and says what comes next', async () => {
    const seen = [];
    for (let request = 1; request <= 4; request++) {
      const isSick = lab.sick.some(({ host }) => host === 'web-04');
      seen.push([isSick, (await get('web-04', '/health')).status]);
      await get('web-04', '/metrics');
    }
    expect(seen).toEqual([
      [true, 503],
      [true, 503],
      [false, 200],
      [false, 200],
    ]);
  });

  it('count their requests in metrics', async () => {
    const requests = async (): Promise<number> =>
      Number(
        /^http_requests_total\{path="\/health"\} (\d+)$/m.exec((await get('web-05', '/metrics')).body)![1],
      );
    const before = await requests();
    await get('web-05', '/health?verbose');
    expect(await requests()).toBe(before + 1);
  });

  it.each(['/nothing', '/constructor', '/../health'])('have no page at %s', async (path) => {
    expect((await get('web-01', path)).status).toBe(404);
  });

  it('speak TLS with a certificate that the lab authority vouches for', async () => {
    const { code, stdout } = await openssl('web-01', '-CAfile', join(lab.directory, 'keys', 'ca.pem'));
    expect(code).toBe(0);
    expect(stdout).toContain('Verify return code: 0 (ok)');
  });

  it('speak TLS that nobody else trusts', async () => {
    expect((await openssl('web-01')).code).not.toBe(0);
  });

  it('have one certificate that expires in a week', async () => {
    const { stdout } = await openssl('web-06', '-CAfile', join(lab.directory, 'keys', 'ca.pem'));
    const endsWithin = async (days: number): Promise<boolean> =>
      (await runProgram('openssl', ['x509', '-noout', '-checkend', String(days * 86_400)], stdout)).code ===
      1;
    expect([await endsWithin(6), await endsWithin(8)]).toEqual([false, true]);
  });

  it('greet on the port of the database', async () => {
    const { address, ports } = hostNamed('db-1');
    const socket = connect(ports.database!, address);
    socket.end();
    expect(await text(socket)).toBe('220 db-1 ready\r\n');
  });
});
