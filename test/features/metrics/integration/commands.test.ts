import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import { createCore } from '../../../../src/engine/createCore';
import { planChecks } from '../../../../src/features/checks/core/checkBatch';
import { denyingAuthority, silentLogger } from '../../../../src/platform/host/host';
import { parseInventory } from '../../../harness/inventories';
import { freePort } from '../../../harness/ports';
import { endOf, muster, startMuster } from '../../../harness/musterCli';
import { SshdFarm } from '../../../harness/sshd';
import { sshdInventory } from '../../../harness/sshdInventory';
import { until } from '../../../harness/until';

const names = ['web-1', 'web-2', 'web-3', 'web-4', 'web-5'];
const text = 'text/plain; version=0.0.4';

/** Where Redis listens with TLS. */
let tlsPort: number;
let farm: SshdFarm;
let server: Server;
let socketServer: Server;
/** What is answered to `/HOST/PAGE`. */
let pages: Record<string, RequestListener>;
/** How often each was asked for. */
let asked: Record<string, number>;

const page =
  (body: string, type = text): RequestListener =>
  (_, response) =>
    void response.setHeader('content-type', type).end(body);

const answer: RequestListener = (request, response) => {
  const path = request.url ?? '';
  asked[path] = (asked[path] ?? 0) + 1;
  const listener = pages[path] ?? pages[path.replace(/^\/[^/]+/, '/*')];
  if (listener) listener(request, response);
  else response.writeHead(404).end();
};

beforeAll(async () => {
  tlsPort = await freePort();
  farm = await SshdFarm.create();
  server = createServer(answer).listen(0, '127.0.0.1');
  socketServer = createServer(answer).listen(join(farm.directory, 'app.sock'));
  await Promise.all([once(server, 'listening'), once(socketServer, 'listening')]);
  const daemon = await farm.start({ config: ['Subsystem sftp internal-sftp'] });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/{name}`;
  const rest = `metrics:
  app: { type: prometheus, url: "${url}/metrics" }
  socket: { on: web-1, type: prometheus, url: "http://localhost/{name}/metrics", socket: ${farm.directory}/app.sock }
  go: { on: web-1, type: expvar, url: "${url}/debug/vars" }
  kernel: { on: web-1, type: linux }
  out: { on: web-1, type: command, run: "printf 'a{b=\\"c\\"} 1\\nx\\n'" }
  json: { on: web-1, type: command, run: "echo '{\\"q\\": {\\"n\\": 4.5}}'", json: { q.n: $.q.n } }
  match: { on: web-1, type: command, run: echo 'depth is 12 now', match: { depth: 'depth is (\\d+)' } }
  cache: { on: web-1, type: redis, socket: ${farm.directory}/redis.sock }
  locked: { on: web-1, type: redis, socket: ${farm.directory}/locked.sock }
  password: { on: web-1, type: redis, socket: ${farm.directory}/locked.sock, auth: password }
  acl: { on: web-1, type: redis, socket: ${farm.directory}/acl.sock, auth: { username: muster } }
  tls: { on: web-1, type: redis, port: ${tlsPort}, auth: password, tls: { ca: redis.crt, serverName: redis.test } }
  public: { on: web-1, type: redis, port: ${tlsPort}, auth: password, tls: {} }
  plain: { on: web-1, type: redis, port: ${tlsPort} }
  basic: { on: web-1, type: prometheus, url: "${url}/basic", auth: { username: scrape } }
  bearer: { on: web-1, type: prometheus, url: "${url}/bearer", auth: bearer }
  everywhere: { type: prometheus, url: "${url}/all", auth: bearer }
  clear: { on: web-1, type: prometheus, url: "http://192.0.2.1/metrics", auth: bearer }
  proxy: { on: web-1, type: nginx, url: "http://localhost/status", socket: ${farm.directory}/nginx.sock }
  guarded: { on: web-1, type: nginx, url: "http://localhost/guarded", socket: ${farm.directory}/nginx.sock, auth: { username: scrape } }
checks:
  clients: { type: metric, source: acl, series: redis_connected_clients, value: { lt: 100 } }
  low: { type: metric, source: app, series: 'queue{kind=a}', value: { lt: 100 } }
  warned: { type: metric, source: app, series: queue, aggregate: sum, value: { lt: 100, warn: { lt: 10 } } }
  unlike: { type: metric, source: app, series: 'queue{kind=a}', outlier: 3 }
  rate: { on: web-1, type: metric, source: app, series: hits_total, rate: 200ms, value: { lt: 1000 } }
  slow: { on: web-1, type: metric, source: app, series: latency_seconds, quantile: 0.5, value: { lt: 1 } }
`;
  const files = await sshdInventory(
    farm,
    names.map((name) => ({ name, daemon })),
    rest,
  );
  await farm.write('known_hosts', files.known_hosts);
  await farm.write('muster.yaml', files['muster.yaml']);
});
afterAll(async () => {
  server.close();
  socketServer.close();
  await farm[Symbol.asyncDispose]();
});
beforeEach(() => {
  asked = {};
  pages = {};
});

const metrics = (...words: string[]) => muster(['metrics', ...words], { cwd: farm.directory });
const check = (...words: string[]) => muster(['check', '--json', ...words], { cwd: farm.directory });
const json = (stdout: string) =>
  JSON.parse(stdout) as {
    series: { name: string; min?: unknown; max?: unknown; gaps: unknown; outliers: { host: string }[] }[];
    results: { host: string; check?: string; status: string; message?: string; error?: { code: string } }[];
  };

const queue = (value: number | string) => page(`# TYPE queue gauge\nqueue{kind="a"} ${value}\n`);

describe('muster metrics', () => {
  it('folds series over hosts, and says who stands out and who has none', async () => {
    for (const [index, name] of names.entries())
      pages[`/${name}/metrics`] = queue(index === 2 ? 900 : 10 + index);
    const { status, stdout, stderr } = await metrics('--source', 'app');
    expect(stdout).toBe(
      'SERIES           MIN  MEDIAN  MAX  HOSTS  STANDS OUT\nqueue{kind="a"}  10   13      900  5      web-3 900\n',
    );
    expect(stderr).toMatch(/^5 of 5 read in [\d.]+ s, trace [0-9a-f]{32}\n$/);
    expect(status).toBe(0);
  });

  it('reports what is NaN, absent or unreadable, and what could not be read at all', async () => {
    Object.assign(pages, {
      '/web-1/metrics': queue(1),
      '/web-2/metrics': queue('NaN'),
      '/web-3/metrics': page('other 1\nqueue{ 1\n'),
      '/web-4/metrics': page('<html>', 'text/html'),
    });
    const { status, stdout, stderr } = await metrics('--source', 'app', '--series', '^queue');
    expect(stdout).toContain('queue{kind="a"}  1    1       1    1      NaN: web-2; absent: web-3\n');
    expect(stderr).toContain('web-4 app: PROTOCOL: the page is not metrics but “text/html”\n');
    expect(stderr).toContain('web-5 app: PROTOCOL: the answer is not metrics: status 404\n');
    expect(stderr).toContain('web-3 app: line 2 could not be read: “1” is not expected here, at column 8\n');
    expect(stderr).toContain('3 of 5 read');
    expect(status).toBe(1);
  });

  it('shows rates, and counters that began again as such', async () => {
    const values: Record<string, number[]> = { 'web-1': [10, 4], 'web-2': [10, 1_000_010] };
    for (const [name, [first, second]] of Object.entries(values))
      pages[`/${name}/metrics`] = (request, response) =>
        page(`# TYPE hits_total counter\nhits_total ${asked[request.url!] === 1 ? first : second}\n`)(
          request,
          response,
        );
    const { stdout } = await metrics('web-1', 'web-2', '--source', 'app', '--rate', '100ms', '--json');
    const [hits] = json(stdout).series;
    expect(hits).toMatchObject({ name: 'hits_total', isRate: true, hosts: 1, gaps: { reset: ['web-1'] } });
    expect((hits as unknown as { median: number }).median).toBeGreaterThan(0);
  });

  it('records every series of every host, and never over a file that is there', async () => {
    pages['/*/metrics'] = page('a{b="=1+1",c="x,\\"y\\""} 1.5\na{b="=1+1"} NaN\n');
    const csv = join(farm.directory, 'record.csv');
    await metrics('web-1', 'web-2', '--source', 'app', '--record', 'record.csv');
    const lines = (await readFile(csv, 'utf8')).split('\n').map((line) => line.replace(/^\d{4}-[^,]+,/, ''));
    expect(lines.sort()).toEqual(
      [
        'time,host,source,series,kind,value,rate,unit',
        ...['web-1', 'web-2'].flatMap((host) => [
          `${host},app,"a{b=""=1+1"",c=""x,\\""y\\""""}",unknown,1.5,,`,
          `${host},app,"a{b=""=1+1""}",unknown,NaN,,`,
        ]),
        '',
      ].sort(),
    );
    const again = await metrics('web-1', '--source', 'app', '--record', 'record.csv');
    expect(again.stderr).toContain('--record: record.csv is there already: name a new file');
    expect(again.status).toBe(2);
    await metrics('web-1', '--source', 'app', '--record', 'record.ndjson', '--series', 'c="x');
    const rows = (await readFile(join(farm.directory, 'record.ndjson'), 'utf8')).trim().split('\n');
    expect(rows.map((row) => JSON.parse(row) as unknown)).toMatchObject([
      {
        host: 'web-1',
        source: 'app',
        name: 'a',
        labels: { b: '=1+1', c: 'x,"y"' },
        kind: 'unknown',
        value: 1.5,
      },
    ]);
  });

  it('watches until it is stopped, a line of JSON for each pass', async () => {
    pages['/*/metrics'] = (request, response) =>
      page(`# TYPE hits_total counter\nhits_total ${asked[request.url!]! * 1000}\n`)(request, response);
    const child = startMuster(['metrics', 'web-1', '--source', 'app', '--watch', '100ms', '--json'], {
      cwd: farm.directory,
    });
    const ended = endOf(child);
    const lines: string[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
    await until('three passes', () => lines.length >= 3);
    child.kill('SIGINT');
    expect((await ended).status).toBe(0);
    const [first, second] = lines.map((line) => json(line).series[0]);
    expect(first).toMatchObject({ name: 'hits_total', gaps: { first: ['web-1'] } });
    expect(second).toMatchObject({ isRate: true, gaps: {}, hosts: 1 });
  });

  it('reads unix sockets, variables, the kernel and commands of a host', async () => {
    pages['/web-1/metrics'] = queue(7);
    pages['/web-1/debug/vars'] = page(
      '{"cmdline": ["app", "--password=hunter2"], "memstats": {"NumGC": 3}, "jobs": 5}',
      'application/json; charset=utf-8',
    );
    const sources = ['socket', 'go', 'kernel', 'out', 'json', 'match'];
    const { stdout, stderr, status } = await metrics('web-1', '-n', '0', '--source', ...sources);
    expect(status).toBe(0);
    for (const line of [
      /^socket +queue\{kind="a"\} +7$/m,
      /^go +memstats\.NumGC +3$/m,
      /^go +jobs +5$/m,
      /^kernel +node_load1 +[\d.]+$/m,
      /^kernel +node_cpu_seconds_total\{cpu="0",mode="idle"\} +[\d.]+ s$/m,
      /^kernel +node_memory_MemTotal_bytes +\d+ [GM]iB$/m,
      /^kernel +node_filesystem_size_bytes\{device="[^"]+",mountpoint="\/"\} +\d/m,
      /^kernel +node_tcp_connection_states\{state="listen"\} +\d+$/m,
      /^out +a\{b="c"\} +1$/m,
      /^json +q\.n +4\.5$/m,
      /^match +depth +12$/m,
    ])
      expect(stdout).toMatch(line);
    expect(stdout + stderr).not.toContain('hunter2');
    expect(stderr).toContain('web-1 out: line 2 could not be read: the line ends too soon');
  });

  /** Pages that are no metrics, with what is said of each. */
  const wrong: readonly (readonly [RequestListener, string])[] = [
    [
      (_, response) => {
        response.writeHead(200, { 'content-type': text, 'content-length': '100' });
        response.write('queue 1\nqueue2 2', () => response.destroy());
      },
      'RESET: the service closed the connection in the middle of its answer',
    ],
    [
      (_, response) => {
        const packed = gzipSync(Buffer.alloc(64 * 1024 * 1024, 'a'));
        response.writeHead(200, { 'content-type': text, 'content-encoding': 'gzip' }).end(packed);
      },
      'TOO_LARGE: the page is larger than 16 MB',
    ],
    [
      (_, response) =>
        void response.writeHead(200, { 'content-type': text, 'content-encoding': 'constructor' }).end('a 1'),
      'PROTOCOL: the page is packed as “constructor”',
    ],
    [
      (_, response) =>
        void response
          .writeHead(200, { 'content-type': text, 'content-encoding': 'gzip' })
          .end(gzipSync('queue 1\n').subarray(0, -6)),
      'RESET: ',
    ],
    [page('hello world\nhow are you\n'), 'PROTOCOL: no line of the page is a metric; line 1: '],
    [(_, response) => void response.writeHead(401).end(), 'AUTH: the service refused with status 401'],
    [
      (_, response) => void response.writeHead(302, { location: 'http://127.0.0.1/x' }).end(),
      'PROTOCOL: the answer is not metrics: status 302, to http://127.0.0.1/x',
    ],
    [(_, response) => void response.socket?.destroy(), 'RESET: '],
    ...(
      [
        [
          'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\na 1\n',
          'PROTOCOL: the answer is not HTTP: ',
        ],
        ['HTTP/1.1 200 OK\r\nX-A: \x1b[2J\x01\r\n\r\na 1\n', 'PROTOCOL: the answer is not HTTP: '],
        ['SSH-2.0-OpenSSH_9.2\r\n', 'PROTOCOL: the answer is not HTTP: '],
        [
          `HTTP/1.1 200 OK\r\nX-A: ${'a'.repeat(64 * 1024)}\r\n\r\na 1\n`,
          'TOO_LARGE: the answer has more than 16 KiB of headers',
        ],
      ] as const
    ).map(([said, expected]): [RequestListener, string] => [
      (_, response) => void response.socket?.write(said),
      expected,
    ]),
    [
      page('queue 1\n', 'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily'),
      'PROTOCOL: the page is not metrics but “application/vnd.google.protobuf',
    ],
  ];

  it('gives up a page that never ends', async () => {
    pages['/web-1/metrics'] = (_, response) =>
      void response.writeHead(200, { 'content-type': text }).write('queue 1\n');
    const { status, stderr } = await metrics('web-1', '--source', 'app', '--timeout', '1s');
    expect(stderr).toContain('TIMEOUT: no result within 1 s');
    expect(status).toBe(1);
  });

  test.each([0, 4, 8])('reports pages that are no metrics, from %d', async (from) => {
    for (const [index, name] of names.entries()) pages[`/${name}/metrics`] = wrong[from + index]![0];
    const { status, stdout, stderr } = await metrics('--source', 'app', '--timeout', '60s');
    for (const [, said] of wrong.slice(from, from + 5)) expect(stderr).toContain(said);
    expect(stderr).toContain('0 of 5 read');
    expect(stdout).toBe('No series.\n');
    expect(status).toBe(1);
  });

  it('reads a packed page', async () => {
    pages['/web-1/metrics'] = (request, response) => {
      expect(request.headers['accept']).toMatch(/^application\/openmetrics-text;version=1\.0\.0,text\/plain/);
      response
        .writeHead(200, {
          'content-type': 'application/openmetrics-text; version=1.0.0',
          'content-encoding': 'gzip',
        })
        .end(gzipSync('# TYPE queue gauge\nqueue 7\n# EOF\n'));
    };
    const { stdout } = await metrics('web-1', '--source', 'app');
    expect(stdout).toMatch(/^queue +7$/m);
  });

  test.each([
    [['--source', 'nope'], 'no source of metrics is named “nope”'],
    [['--series', '('], '--series: no RE2 regular expression'],
    [['--record', 'x.txt'], '--record: "x.txt" ends in neither .ndjson nor .csv'],
    [['--rate', '0s'], '--rate'],
    [['web-2', '--source', 'go'], 'no source of metrics is for the chosen hosts'],
  ])('refuses %j', async (words, expected) => {
    const { status, stderr } = await metrics(...words);
    expect(stderr).toContain(expected);
    expect(status).toBe(2);
  });
});

describe('a check of the type metric', () => {
  const verdicts = async (...words: string[]) =>
    json((await check(...words)).stdout).results.map(
      ({ host, status, message, error }) => `${host} ${status} ${error?.code ?? ''} ${message}`,
    );

  it('judges a value, and never takes its absence for health', async () => {
    Object.assign(pages, {
      '/web-1/metrics': queue(5),
      '/web-2/metrics': queue(500),
      '/web-3/metrics': queue('NaN'),
      '/web-4/metrics': page('other 1\n'),
      '/web-5/metrics': page(`queue{kind="a"} 1 1000\n`),
    });
    expect(await verdicts('--check', 'low')).toEqual([
      'web-1 healthy  queue{kind="a"} = 5',
      'web-2 unhealthy EXPECTATION expected queue{kind="a"} < 100, got 500',
      'web-3 unhealthy EXPECTATION expected a value of queue{kind="a"}, got not a number',
      'web-4 unhealthy EXPECTATION expected a value of queue{kind="a"}, got the series is absent',
      'web-5 unhealthy EXPECTATION expected a value of queue{kind="a"}, got the value is stale',
    ]);
  });

  it('judges one number of several series, in its milder form', async () => {
    pages['/web-1/metrics'] = page('queue{kind="a"} 20\nqueue{kind="b"} 30\n');
    expect(await verdicts('web-1', '--check', 'warned')).toEqual([
      'web-1 degraded EXPECTATION expected sum(queue) < 10, got 50',
    ]);
  });

  it('finds the host that is unlike the others, which are asked once', async () => {
    for (const [index, name] of names.entries())
      pages[`/${name}/metrics`] = queue(index === 2 ? 900 : 10 + index);
    const found = await verdicts('--check', 'unlike');
    expect(found.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'web-1 healthy',
      'web-2 healthy',
      'web-3 unhealthy',
      'web-4 healthy',
      'web-5 healthy',
    ]);
    expect(found[2]).toMatch(
      /expected queue\{kind="a"\} within 3 deviations of 13, got 900, [\d.]+ deviations away/,
    );
    expect(Object.values(asked)).toEqual([1, 1, 1, 1, 1]);
  });

  it('asks each host twice and no more where every host is checked by itself, as a service does', async () => {
    for (const [index, name] of names.entries())
      pages[`/${name}/metrics`] = queue(index === 2 ? 900 : 10 + index);
    const core = createCore({
      ...{ logger: silentLogger, authority: denyingAuthority },
      knownHostsFile: join(farm.directory, 'known_hosts'),
    });
    try {
      const file = join(farm.directory, 'muster.yaml');
      core.inventory = parseInventory(await readFile(file, 'utf8'), file);
      const targets = planChecks(core.inventory, ['*'], ['unlike']);
      const round = async () =>
        (await Promise.all(targets.map((target) => core.check([target])))).map(
          ({ results: [result] }) => `${result!.host} ${result!.status}`,
        );
      const found = ['web-1 healthy', 'web-2 healthy', 'web-3 unhealthy', 'web-4 healthy', 'web-5 healthy'];
      expect(await round()).toEqual(found);
      const askedInAll = () => Object.values(asked).reduce((sum, count) => sum + count);
      // But for the one that asks first, whose answer is that of its round.
      expect(askedInAll()).toBe(2 * names.length - 1);
      // Who asks again wants to know it anew, and what a host says of itself is never that of before.
      pages['/web-3/metrics'] = queue(12);
      expect(await round()).toEqual(found.map((line) => line.replace('unhealthy', 'healthy')));
      expect(askedInAll()).toBe(2 * (2 * names.length - 1));
    } finally {
      await core.dispose();
    }
  });

  it('knows nothing where fewer than four can be compared', async () => {
    for (const name of names.slice(0, 3)) pages[`/${name}/metrics`] = queue(1);
    expect(await verdicts('web-1', 'web-4', '--check', 'unlike')).toEqual([
      'web-1 skipped UNAVAILABLE fewer than 4 hosts have queue{kind="a"}, so none stands out',
      'web-4 unhealthy PROTOCOL the answer is not metrics: status 404',
    ]);
  });

  it('judges the rate of two readings, and is unhealthy where there is none', async () => {
    let value = 0;
    pages['/web-1/metrics'] = (request, response) =>
      page(`# TYPE hits_total counter\nhits_total ${(value += 10)}\n`)(request, response);
    expect((await verdicts('--check', 'rate'))[0]).toMatch(/^web-1 healthy {2}hits_total = [\d.]+\/s$/);
    pages['/web-1/metrics'] = (request, response) =>
      page(`# TYPE hits_total counter\nhits_total ${(value -= 10)}\n`)(request, response);
    expect(await verdicts('--check', 'rate')).toEqual([
      'web-1 unhealthy EXPECTATION expected a value of hits_total, got the counter began again meanwhile',
    ]);
  });

  it('judges a quantile', async () => {
    const buckets = [5, 10, 10].map(
      (count, at) => `latency_seconds_bucket{le="${['0.5', '2', '+Inf'][at]}"} ${count}`,
    );
    pages['/web-1/metrics'] = page(`# TYPE latency_seconds histogram\n${buckets.join('\n')}\n`);
    expect(await verdicts('--check', 'slow')).toEqual(['web-1 healthy  latency_seconds = 0.5']);
  });
});

describe('services', () => {
  /** Runs a server until it answers, and ends it. */
  async function withServer(
    command: string,
    words: readonly string[],
    socket: string,
    work: () => Promise<void>,
  ) {
    const child = spawn(command, words, { stdio: 'ignore' });
    const ended = once(child, 'close');
    try {
      await until(`${command} listens`, () =>
        readFile(socket).then(
          () => true,
          (error: NodeJS.ErrnoException) => error.code === 'ENXIO',
        ),
      );
      await work();
    } finally {
      child.kill();
      await ended;
    }
  }

  const secret = 'p4ss:wörd "x" {y}';
  const token = 'tok-3n-of-the-page';
  const redisWith = (socket: string, words: readonly string[], work: () => Promise<void>) => {
    const options = ['--port', '0', '--unixsocket', socket, '--save', '', '--dir', farm.directory, ...words];
    return withServer('redis-server', options, socket, work);
  };
  const passwordFile = async (text: string, name = 'password') => {
    await writeFile(join(farm.directory, name), `${text}\n`, { mode: 0o600 });
    return name;
  };

  it('Redis', () =>
    redisWith(join(farm.directory, 'redis.sock'), [], async () => {
      const { stdout } = await metrics('--source', 'cache', '-n', '0');
      expect(stdout).toMatch(/^redis_total_connections_received +1$/m);
    }));

  it('Redis with a password: it comes from a file, and is asked for where there is none', () =>
    redisWith(join(farm.directory, 'locked.sock'), ['--requirepass', secret], async () => {
      const unasked = await metrics('--source', 'locked');
      expect(unasked.stderr).toContain('AUTH: Redis refused: NOAUTH');
      expect(unasked.stderr).toContain('Set auth of the source');
      const nobody = await metrics('--source', 'password');
      expect(nobody.stderr).toContain('AUTH: the source wants a password or token, and none was given');
      const file = await passwordFile(secret);
      const given = await metrics(
        '--source',
        'password',
        '-n',
        '0',
        '--source-password-file',
        `password=${file}`,
      );
      expect(given.stdout).toMatch(/^redis_uptime_in_seconds +\d+/m);
      expect(given.status).toBe(0);
      const wrong = await passwordFile('wr0ng-word', 'wrong');
      const refused = await metrics('--source', 'password', '--source-password-file', `password=${wrong}`);
      expect(refused.stderr).toContain('AUTH: Redis refused: WRONGPASS');
      expect(refused.stderr).toContain('Check the user and the password.');
      expect(refused.stdout + refused.stderr).not.toContain('wr0ng-word');
    }));

  it('Redis with a user of an ACL who may use INFO only', () =>
    redisWith(
      join(farm.directory, 'acl.sock'),
      ['--user', 'default', 'off', '--user', 'muster', 'on', '>s3cret-word', '-@all', '+info'],
      async () => {
        const file = await passwordFile('s3cret-word');
        const { stdout, status } = await check('--check', 'clients', '--source-password-file', `acl=${file}`);
        expect(json(stdout).results).toMatchObject([{ host: 'web-1', status: 'healthy' }]);
        expect(status).toBe(0);
      },
    ));

  it('Redis over TLS, whose certificate is verified', async () => {
    const socket = join(farm.directory, 'tls.sock');
    const pem = (name: string) => join(farm.directory, name);
    await promisify(execFile)('openssl', [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
      ...['-subj', '/CN=redis.test', '-addext', 'subjectAltName=DNS:redis.test'],
      ...['-keyout', pem('redis.key'), '-out', pem('redis.crt')],
    ]);
    const files = ['--tls-cert-file', pem('redis.crt'), '--tls-key-file', pem('redis.key')];
    const options = [
      '--tls-port',
      String(tlsPort),
      '--tls-auth-clients',
      'no',
      ...files,
      '--requirepass',
      secret,
    ];
    await redisWith(socket, options, async () => {
      const file = await passwordFile(secret);
      const given = ['--source-password-file', `tls=${file}`, '--source-password-file', `public=${file}`];
      const { stdout, stderr } = await metrics('--source', 'tls', 'public', 'plain', '-n', '0', ...given);
      expect(stdout).toMatch(/^redis_connected_clients +1$/m);
      expect(stderr).toMatch(/web-1 public: TLS: /);
      expect(stderr).toMatch(/web-1 plain: RESET: /);
    });
  });

  it('pages behind Basic and Bearer authentication', async () => {
    const basic = `Basic ${Buffer.from(`scrape:${secret}`).toString('base64')}`;
    pages['/web-1/basic'] = (request, response) =>
      request.headers.authorization === basic
        ? page('queue 4\n')(request, response)
        : void response.writeHead(401).end();
    // A service that repeats what it was asked with.
    pages['/web-1/bearer'] = (request, response) =>
      page(`queue{asked="${request.headers.authorization}"} 5\n`)(request, response);
    const given = [
      ...['--source-password-file', `basic=${await passwordFile(secret)}`],
      ...['--source-password-file', `bearer=${await passwordFile(token, 'token')}`],
    ];
    const record = join(farm.directory, 'asked.csv');
    const { stdout, stderr, status } = await metrics(
      '--source',
      'basic',
      'bearer',
      ...given,
      '--record',
      record,
    );
    expect(stdout).toMatch(/^basic +queue +4$/m);
    expect(stdout).toMatch(/^bearer +queue\{asked="Bearer [^"]+"\} +5$/m);
    expect(status).toBe(0);
    for (const text of [stdout, stderr, await readFile(record, 'utf8')]) expect(text).not.toContain(token);
  });

  it('sends no password over a network in clear, and none of a file that others can read', async () => {
    const file = await passwordFile(token, 'shown');
    const clear = await metrics('--source', 'clear', '--source-password-file', `clear=${file}`);
    expect(clear.stderr).toContain('a password or token is not sent over a network in clear');
    await chmod(join(farm.directory, file), 0o644);
    const open = await metrics('--source', 'clear', '--source-password-file', `clear=${file}`);
    expect(open.stderr).toContain('--source-password-file: others can read shown: chmod 600 it');
    expect(open.status).toBe(2);
  });

  it('sends a wrong password to one host only', async () => {
    pages['/*/all'] = (_, response) => void response.writeHead(401).end();
    const file = await passwordFile('wr0ng-word');
    const { stderr } = await metrics(
      '--source',
      'everywhere',
      '--source-password-file',
      `everywhere=${file}`,
    );
    expect(stderr).toContain('AUTH: the service refused with status 401');
    expect(stderr).toContain('a service refused the password or token that was given for “everywhere”');
    expect(Object.keys(asked)).toHaveLength(1);
  });

  it('nginx', async () => {
    const socket = join(farm.directory, 'nginx.sock');
    const file = join(farm.directory, 'nginx.conf');
    const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (kind) => `${kind}_temp_path ${farm.directory}/nginx-${kind};`,
    );
    await writeFile(join(farm.directory, 'htpasswd'), 'scrape:{PLAIN}gu4rded-word\n');
    await writeFile(
      file,
      `${process.getuid?.() === 0 ? 'user root;' : ''} daemon off; pid ${farm.directory}/nginx.pid; error_log stderr; events {}
http { access_log off; ${paths.join(' ')} server { listen unix:${socket}; location /status { stub_status; }
location /guarded { stub_status; auth_basic muster; auth_basic_user_file ${farm.directory}/htpasswd; } } }\n`,
    );
    await withServer('/usr/sbin/nginx', ['-p', farm.directory, '-c', file], socket, async () => {
      const { stdout } = await metrics('--source', 'proxy');
      expect(stdout).toMatch(/^nginx_connections_active +1$/m);
      expect(stdout).toMatch(/^nginx_http_requests_total +1$/m);
      const given = ['--source-password-file', `guarded=${await passwordFile('gu4rded-word')}`];
      const guarded = await metrics('--source', 'guarded', ...given);
      expect(guarded.stderr).toContain('1 of 1 read');
      expect(guarded.stdout).toMatch(/^nginx_connections_active +1$/m);
    });
  });
});
