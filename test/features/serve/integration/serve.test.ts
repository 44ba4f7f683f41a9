import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventEmitter, once } from 'node:events';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, HttpService } from '../../../../src/features/serve/core/http/serveHttp';
import { silentLogger } from '../../../../src/platform/host/host';
import { muster } from '../../../harness/musterCli';
import { scratchFolder } from '../../../harness/scratchFolder';
import { until, untilRead } from '../../../harness/until';
import { ask, type RunningServe, sample, type Sink, startServe, startSink, token } from './startServe';

const basic = `Basic ${Buffer.from(`prometheus:${token}`).toString('base64')}`;

const inventoryFor = (url: string, more = '') => `
hosts:
  web: { address: 127.0.0.1, labels: { secret: hunter2hunter2 } }
  other: { address: 127.0.0.1 }
checks:
  health: { type: http, on: web, url: "${url}/health", interval: 1s, timeout: 1h }
  uptime: { type: command, on: web, run: "true", interval: 1d, timeout: 2s }
${more}`;

describe('muster serve', () => {
  let service: Sink;
  let folder: Awaited<ReturnType<typeof scratchFolder>>;
  let serve: RunningServe;

  beforeAll(async () => {
    service = await startSink();
    folder = await scratchFolder({
      'muster.yaml': inventoryFor(
        service.url,
        `  shown: { type: command, on: web, run: "true", interval: 1d, timeout: 2s, expose: true }
  hang: { type: http, on: web, url: "${service.url}/hang", interval: 1d, timeout: 1h }
`,
      ),
    });
    serve = await startServe(folder);
    await until('the first check', async () =>
      sample(
        (await serve.get('/metrics')).text,
        'muster_check_status{host="web",check="health",status="healthy"}',
      ),
    );
  });
  afterAll(async () => {
    await serve[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
    await service[Symbol.asyncDispose]();
  });

  describe('/metrics', () => {
    it('has the checks, their phases, and what is known of the process', async () => {
      const { text, headers } = await serve.get('/metrics');
      expect(headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
      expect(sample(text, 'muster_check_duration_seconds{host="web",check="health"}')).toBeGreaterThan(0);
      expect(
        sample(text, 'muster_check_phase_seconds{host="web",check="health",phase="firstByte"}'),
      ).toBeGreaterThan(0);
      expect(sample(text, 'process_resident_memory_bytes')).toBeGreaterThan(1e7);
      expect(sample(text, 'muster_checks_declared')).toBe(4);
      expect(text).toMatch(/^muster_build_info\{version="\d+\.\d+\.\d+",commit="[^"]*",node="20\./m);
    });

    it('is OpenMetrics for who asks for that, with every family once and an end', async () => {
      const { text, headers } = await serve.get('/metrics', {
        Accept: 'application/openmetrics-text; version=1.0.0',
      });
      expect(headers.get('content-type')).toContain('application/openmetrics-text');
      expect(text.endsWith('# EOF\n')).toBe(true);
      const types = text.split('\n').filter((line) => line.startsWith('# TYPE '));
      expect(new Set(types.map((line) => line.split(' ')[2])).size).toBe(types.length);
      expect(text).toContain('# TYPE app_requests counter');
    });

    it('counts requests, those that were refused as well', async () => {
      const before =
        sample((await serve.get('/metrics')).text, 'app_requests_total{endpoint="other",code="404"}') ?? 0;
      expect((await serve.get('/nothing')).status).toBe(404);
      const { text } = await serve.get('/metrics');
      expect(sample(text, 'app_requests_total{endpoint="other",code="404"}')).toBe(before + 1);
    });

    it('has no labels of the inventory in it', async () => {
      for (const path of ['/metrics', '/debug/vars', '/alerts', '/probe?target=web&module=none'])
        expect((await serve.get(path)).text).not.toContain('hunter2');
    });
  });

  it('/debug/vars has the same as JSON, with app.requests.total and app.version', async () => {
    const vars = JSON.parse((await serve.get('/debug/vars')).text) as Record<string, unknown>;
    expect(vars['app.requests.total']).toBeGreaterThan(0);
    expect(vars['app.version']).toMatch(/^\d+\.\d+\.\d+/);
    expect(vars['muster.check.status']).toContainEqual({
      ...{ host: 'web', check: 'health', status: 'healthy', value: 1 },
    });
    expect(Object.keys(vars)).not.toContain('cmdline');
  });

  it('/healthz answers, to HEAD too', async () => {
    expect(await serve.get('/healthz')).toMatchObject({ status: 200, text: 'ok\n' });
    const { status, text } = await ask({
      port: serve.port,
      path: '/healthz',
      method: 'HEAD',
      headers: { authorization: basic },
    });
    expect([status, text]).toEqual([200, '']);
  });

  describe('/probe', () => {
    it('probes a host of the inventory by a declared check, in the form of blackbox_exporter', async () => {
      const before = service.asked.length;
      const { status, text } = await serve.get('/probe?target=web&module=health');
      expect(status).toBe(200);
      expect(sample(text, 'probe_success')).toBe(1);
      expect(sample(text, 'probe_duration_seconds')).toBeGreaterThan(0);
      expect(service.asked.length).toBeGreaterThan(before);
    });

    it.each([
      ['/probe', 'name one host and one check'],
      ['/probe?target=web', 'name one host and one check'],
      ['/probe?target=web&target=other&module=health', 'name one host and one check'],
      ['/probe?target=web&module=none', 'no check is named “none”'],
      ['/probe?target=169.254.169.254&module=health', 'is not a host of the check'],
      ['/probe?target=http%3A%2F%2Fevil%2F&module=health', 'is not a host of the check'],
      ['/probe?target=other&module=health', 'is not a host of the check'],
      ['/probe?target=%1b%5b31mred&module=health', '“red” is not a host'],
    ])('refuses %s', async (path, why) => {
      const { status, text } = await serve.get(path);
      expect(status).toBe(400);
      expect(text).toContain(why);
    });

    it('runs no command whose check does not say expose: true', async () => {
      const refused = await serve.get('/probe?target=web&module=uptime');
      expect(refused.status).toBe(403);
      expect(refused.text).toContain('expose: true');
      // There it is tried: nobody listens for SSH under that name.
      expect((await serve.get('/probe?target=web&module=shown')).status).not.toBe(403);
    });

    it('keeps to the time of the scrape, and says what it found out in it', async () => {
      // The check itself would wait for an hour.
      const { status, text } = await serve.get('/probe?target=web&module=hang', {
        'X-Prometheus-Scrape-Timeout-Seconds': '0.4',
      });
      expect(status).toBe(200);
      expect(sample(text, 'probe_success')).toBe(0);
      expect(sample(text, 'probe_duration_seconds')).toBeGreaterThan(0.19);
    });
  });

  describe('Who asks', () => {
    it.each([
      ['no token', {}, 401],
      ['a wrong token', { authorization: 'Bearer wrong' }, 401],
      ['the token as Bearer', { authorization: `Bearer ${token}` }, 200],
      ['the token as Basic', { authorization: basic }, 200],
      ['another name of the service', { authorization: basic, host: 'evil.example' }, 421],
      ['another name and no token', { host: 'evil.example' }, 421],
      ['a page of a browser', { authorization: basic, origin: 'https://evil.example' }, 403],
    ])('with %s gets %o', async (_, headers, status) => {
      const answer = await ask({ port: serve.port, path: '/metrics', headers });
      expect(answer.status).toBe(status);
      if (status === 401) expect(answer.headers['www-authenticate']).toContain('Basic');
      if (status !== 200) expect(answer.text.length).toBeLessThan(100);
    });

    it('by another method is told which there are', async () => {
      const answer = await ask({
        port: serve.port,
        path: '/metrics',
        method: 'DELETE',
        headers: { authorization: basic },
      });
      expect([answer.status, answer.headers.allow]).toEqual([405, 'GET']);
    });

    it('for a reload is not heard, since it is not switched on', async () => {
      const answer = await ask({
        port: serve.port,
        path: '/-/reload',
        method: 'POST',
        headers: { authorization: basic },
      });
      expect(answer.status).toBe(404);
    });

    it('with too much of a body is refused', async () => {
      const body = 'x'.repeat(2 * 1024 * 1024);
      const answer = await ask({
        port: serve.port,
        path: '/alerts',
        method: 'POST',
        headers: { authorization: basic },
        body,
      })
        .then(({ status }) => status)
        // It may be gone while it is sent to.
        .catch((error: NodeJS.ErrnoException) => error.code);
      expect([413, 'ECONNRESET', 'EPIPE']).toContain(answer);
    });

    it.each([
      ['nonsense', 'hello\r\n\r\n', /^HTTP\/1.1 400 /],
      [
        'endless headers',
        `GET /metrics HTTP/1.1\r\nHost: localhost\r\n${'X-A: b\r\n'.repeat(10_000)}`,
        /^HTTP\/1.1 4\d\d |^$/,
      ],
      [
        'two lengths',
        'POST /alerts HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
        /^HTTP\/1.1 400 /,
      ],
      ['no host', 'GET /metrics HTTP/1.1\r\n\r\n', /^HTTP\/1.1 4\d\d /],
      [
        'a whole URL',
        `GET http://evil.example/metrics HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${basic}\r\nConnection: close\r\n\r\n`,
        /^HTTP\/1.1 404 /,
      ],
      [
        'a path upwards',
        `GET /../../metrics HTTP/1.1\r\nHost: evil\r\nConnection: close\r\n\r\n`,
        /^HTTP\/1.1 421 /,
      ],
    ])('with %s is refused', async (_, bytes, expected) => {
      const socket = net.connect(serve.port, '127.0.0.1');
      let text = '';
      socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      socket.on('error', () => {});
      socket.write(bytes);
      await once(socket, 'close');
      expect(text).toMatch(expected);
    });
  });

  it('takes the webhooks of an Alertmanager, keeps them bounded and shows them', async () => {
    const alert = (name: string) => ({
      ...{
        status: 'firing',
        labels: { alertname: name, instance: 'web:80' },
        annotations: { description: 'x\u001b[31m' },
      },
      ...{
        startsAt: '2026-12-02T09:00:00Z',
        endsAt: '0001-01-01T00:00:00Z',
        generatorURL: 'http://p/graph',
        fingerprint: 'ab\u009b31m',
      },
    });
    const post = (content: unknown) =>
      ask({
        port: serve.port,
        path: '/alerts',
        method: 'POST',
        headers: { authorization: basic },
        body: JSON.stringify(content),
      });
    const message = {
      version: '4',
      groupKey: '{}',
      status: 'firing',
      receiver: 'muster',
      truncatedAlerts: 0,
    };
    expect((await post({ ...message, alerts: [alert('A')] })).status).toBe(200);
    expect((await post({ ...message, alerts: [{ ...alert('A'), status: 'resolved' }] })).status).toBe(200);
    for (const wrong of [
      {},
      [],
      { ...message, version: '3', alerts: [] },
      { ...message, alerts: [{}] },
      { ...message, alerts: 'x' },
    ])
      expect((await post(wrong)).status).toBe(400);
    type Shown = {
      received: { status: string; labels: { alertname: string }; annotations: object; fingerprint: string }[];
    };
    const shown = async () => (JSON.parse((await serve.get('/alerts')).text) as Shown).received;
    const [one, ...others] = await shown();
    expect(one).toMatchObject({
      ...{ status: 'resolved', labels: { alertname: 'A' }, annotations: { description: 'x' } },
      startsAt: '2026-12-02T09:00:00.000Z',
    });
    expect(one!.fingerprint).not.toContain('\u009b');
    expect(others).toEqual([]);
    const many = Array.from({ length: 1_000 }, (_, index) => alert(`B${index}`));
    expect((await post({ ...message, alerts: many })).status).toBe(200);
    const kept = await shown();
    expect(kept).toHaveLength(500);
    expect(kept[0]!.labels.alertname).toBe('B999');
  });

  it('follows the state of a check, and reads its inventory again when it is told to', async () => {
    service.status = 503;
    await until('it is unhealthy', async () =>
      sample(
        (await serve.get('/metrics')).text,
        'muster_check_status{host="web",check="health",status="unhealthy"}',
      ),
    );
    service.status = 200;
    await until('it is healthy', async () =>
      sample(
        (await serve.get('/metrics')).text,
        'muster_check_status{host="web",check="health",status="healthy"}',
      ),
    );
    expect(serve.said()).toMatch(/unhealthy +web +health/);
    const before = await readFile(join(folder.path, 'muster.yaml'), 'utf8');
    const reloaded = (value: number) =>
      until('a reload', async () => {
        const { text } = await serve.get('/metrics');
        const outcomes = ['taken', 'refused'].map((outcome) =>
          sample(text, `muster_inventory_reloads_total{outcome="${outcome}"}`)!,
        );
        return outcomes[0]! + outcomes[1]! === value ? text : '';
      });
    await folder.write('muster.yaml', 'hosts: [');
    serve.kill('SIGHUP');
    expect(sample(await reloaded(1), 'muster_inventory_last_reload_successful')).toBe(0);
    expect(serve.said()).toContain('the previous one stays in use');
    await folder.write('muster.yaml', before.replace('other:', 'third:'));
    serve.kill('SIGHUP');
    const text = await reloaded(2);
    expect(sample(text, 'muster_inventory_last_reload_successful')).toBe(1);
    expect(sample(text, 'muster_check_status{host="web",check="health",status="healthy"}')).toBe(1);
    // What is gone is gone at once.
    await folder.write('muster.yaml', before.replace('health:', 'well:'));
    serve.kill('SIGHUP');
    expect(await reloaded(3)).not.toContain('check="health"');
  });
});

describe('muster serve, stopped', () => {
  it('ends with what is under way, remembers what it knew, and goes on from there', async () => {
    await using service = await startSink();
    await using folder = await scratchFolder({ 'muster.yaml': inventoryFor(service.url) });
    service.status = 503;
    const since = 'muster_check_state_since_timestamp_seconds{host="web",check="health"}';
    let known: number | undefined;
    {
      await using serve = await startServe(folder, ['--grace', '1h']);
      known = await until('a state', async () => sample((await serve.get('/metrics')).text, since));
      // It is in the middle of a check then, which ends when it is stopping.
      service.holds = true;
      await until('a check is under way', () => service.held > 0);
      serve.kill('SIGTERM');
      await until('it is stopping', () => serve.said().includes('stopping'));
      service.release();
      expect((await serve.ended).status).toBe(0);
    }
    expect((await stat(join(folder.path, 'state.json'))).mode & 0o777).toBe(0o600);
    await using again = await startServe(folder, ['--grace', '1h']);
    expect(sample((await again.get('/metrics')).text, since)).toBeCloseTo(known, 2);
    expect(again.said()).not.toContain('unhealthy');
    // A second signal does not wait for anything.
    service.holds = true;
    await until('a check is under way', () => service.held > 0);
    again.kill('SIGTERM');
    await until('it is stopping', () => again.said().includes('stopping'));
    again.kill('SIGTERM');
    expect((await again.ended).status).toBe(143);
  });

  it('is not held up by a check that hangs for longer than --grace', async () => {
    await using service = await startSink();
    service.holds = true;
    await using folder = await scratchFolder({ 'muster.yaml': inventoryFor(service.url) });
    await using serve = await startServe(folder, ['--grace', '200ms']);
    await until('a check without an end', () => service.asked.length > 0);
    serve.kill('SIGINT');
    expect((await serve.ended).status).toBe(0);
  });
});

describe('Where muster serve listens', () => {
  let folder: Awaited<ReturnType<typeof scratchFolder>>;
  beforeAll(async () => {
    folder = await scratchFolder({
      'muster.yaml':
        'hosts: { a: { address: 127.0.0.1 } }\nchecks: { port: { type: tcp, port: 1, interval: 1d } }\n',
    });
    await writeFile(join(folder.path, 'token'), `${token}\n`, { mode: 0o600 });
  });
  afterAll(() => folder[Symbol.asyncDispose]());

  it('is no file that is there', async () => {
    const { status, stderr } = await muster(['serve', '--listen', 'unix:token'], { cwd: folder.path });
    expect([status, stderr]).toEqual([2, expect.stringContaining('exists and is not a socket')]);
  });

  it('a port that is taken is said', async () => {
    const server = net.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const place = `127.0.0.1:${(server.address() as net.AddressInfo).port}`;
    const { status, stderr } = await muster(
      ['serve', '--listen', place, '--token-file', 'token', '--state', 'x.json'],
      { cwd: folder.path },
    );
    server.close();
    expect([status, stderr]).toEqual([2, expect.stringContaining('EADDRINUSE')]);
  });

  it('a socket is for its owner, needs no token, and is replaced when nobody listens on it any more', async () => {
    const scratch = await mkdtemp(join(tmpdir(), 'sock-'));
    const socketPath = join(scratch, 'muster.sock');
    const { startMuster, endOf } = await import('../../../harness/musterCli');
    for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
      const child = startMuster(['serve', '--listen', `unix:${socketPath}`, '--state', 'unix.json'], {
        cwd: folder.path,
      });
      const ended = endOf(child);
      let said = '';
      child.stderr.on('data', (chunk: string) => (said += chunk));
      await until('it is up', () => said.includes('served at'));
      expect((await stat(socketPath)).mode & 0o777).toBe(0o600);
      expect((await ask({ socketPath, path: '/healthz', headers: { host: 'localhost' } })).status).toBe(200);
      if (signal === 'SIGTERM') {
        const second = await muster(['serve', '--listen', `unix:${socketPath}`, '--state', 'second.json'], {
          cwd: folder.path,
        });
        expect(second.stderr).toContain('another process listens');
      }
      child.kill(signal);
      await ended;
    }
    await expect(stat(socketPath)).rejects.toThrow('ENOENT');
    await rm(scratch, { recursive: true });
  });

  it('a socket belongs to the next service while the one before it still answers', async () => {
    await using scratch = await scratchFolder();
    const socketPath = join(scratch.path, 'muster.sock');
    const turns = new EventEmitter();
    const asked = once(turns, 'asked');
    const released = once(turns, 'released');
    const start = (answer: () => Promise<Answer>) =>
      HttpService.start({
        ...{ place: { kind: 'unix', path: socketPath }, names: [], logger: silentLogger },
        ...{ token: () => undefined, answered: () => {} },
        endpoints: [{ name: 'healthz', path: '/healthz', methods: { GET: answer } }],
      });
    const get = () => ask({ socketPath, path: '/healthz', headers: { host: 'localhost' } });
    const first = await start(async () => {
      turns.emit('asked');
      await released;
      return { status: 200, body: 'first' };
    });
    const answered = get();
    await asked;
    const stopped = first.stop(3_600_000);
    const second = await start(() => Promise.resolve({ status: 200, body: 'second' }));
    turns.emit('released');
    expect((await answered).text).toBe('first');
    await stopped;
    expect((await get()).text).toBe('second');
    await second.stop(0);
  });

  it('beyond loopback it is TLS, for those who are allowed', async () => {
    const pems = await generate([{ name: 'commonName', value: 'localhost' }], { keySize: 2048 });
    await writeFile(join(folder.path, 'cert.pem'), pems.cert);
    await writeFile(join(folder.path, 'key.pem'), pems.private);
    const { request } = await import('node:https');
    await using serve = await startServe(folder, [
      ...['--listen', '0.0.0.0:0', '--allow', '127.0.0.1'],
      ...['--tls-cert', 'cert.pem', '--tls-key', 'key.pem'],
    ]);
    const port = Number(/served at https:\/\/0\.0\.0\.0:(\d+)/.exec(serve.said())![1]);
    const statusFor = (localAddress: string) =>
      new Promise<number | undefined>((resolve) => {
        const how = { ca: pems.cert, servername: 'localhost', checkServerIdentity: () => undefined };
        const headers = { authorization: basic };
        request(
          { ...how, host: '127.0.0.1', port, path: '/healthz', headers, localAddress },
          ({ statusCode }) => resolve(statusCode),
        )
          .on('error', () => resolve(undefined))
          .end();
      });
    expect(await statusFor('127.0.0.1')).toBe(200);
    expect(await statusFor('127.0.0.2')).toBeUndefined();
  });

  it('POST /-/reload reads the inventory again where it is switched on, and the other endpoints are off', async () => {
    await using serve = await startServe(folder, ['--endpoints', 'reload,healthz']);
    const answer = await ask({
      port: serve.port,
      path: '/-/reload',
      method: 'POST',
      headers: { authorization: basic },
    });
    expect(answer).toMatchObject({ status: 200, text: 'ok\n' });
    expect((await serve.get('/-/reload')).status).toBe(405);
    expect((await serve.get('/metrics')).status).toBe(404);
    expect((await serve.get('/healthz')).status).toBe(200);
  });

  it('a CPU profile is written when it ends', async () => {
    await using serve = await startServe(folder, ['--cpu-profile', 'serve.cpuprofile']);
    serve.kill('SIGTERM');
    await serve.ended;
    const profile = await untilRead(
      'the profile',
      async () =>
        JSON.parse(await readFile(join(folder.path, 'serve.cpuprofile'), 'utf8')) as { nodes: unknown[] },
      ({ nodes }) => nodes.length > 0,
    );
    expect(profile).toHaveProperty('timeDeltas');
  });
});
