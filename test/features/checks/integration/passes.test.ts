import { execFile, execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { nextTick } from '../../../../src/platform/batch/nextTick';
import type { CheckReport } from '../../../../src/features/checks/core/checkBatch';
import { shellQuote } from '../../../../src/platform/text/shellQuote';
import { endOf, muster, startMuster } from '../../../harness/musterCli';
import { until } from '../../../harness/until';

let scratch: string;
beforeAll(async () => void (scratch = await mkdtemp(join(tmpdir(), 'muster-passes-'))));
afterAll(() => rm(scratch, { recursive: true }));

/** A service whose health is up to the test. */
interface Service {
  status: (asked: number) => number;
  asked: number;
  inFlight: number;
  mostInFlight: number;
  slowMs: number;
}
let service: Service;
let server: Server;
let url: string;

beforeAll(async () => {
  server = createServer((_request, response) => {
    service.mostInFlight = Math.max(service.mostInFlight, ++service.inFlight);
    const status = service.status(++service.asked);
    setTimeout(() => {
      service.inFlight--;
      response.writeHead(status).end();
    }, service.slowMs);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
afterEach(() => server.closeAllConnections());

function serve(status: Service['status'], slowMs = 0): void {
  service = { status, slowMs, asked: 0, inFlight: 0, mostInFlight: 0 };
}

async function inventory(settings = ''): Promise<string> {
  const file = join(scratch, 'muster.yaml');
  const check = `{ type: http, url: "${url}", timeout: 5s${settings} }`;
  await writeFile(file, `hosts: { web: { address: 127.0.0.1 } }\nchecks: { health: ${check} }\n`);
  return file;
}

describe('muster check --wait', () => {
  it('checks again until all are healthy, says so on stderr only, and exits with 0', async () => {
    serve((asked) => (asked < 3 ? 503 : 200));
    const { status, stdout, stderr } = await muster([
      'check',
      '-i',
      await inventory(),
      '--wait',
      '1m',
      '--json',
    ]);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      summary: { total: 1, healthy: 1 },
      results: [{ status: 'healthy' }],
    });
    // Each state is said once.
    expect(stderr).toBe('0 of 1 healthy, checking again\n');
    expect(service.asked).toBe(3);
  });

  it('exits with 1 and the last verdicts when time is up', async () => {
    serve(() => 503);
    const { status, stdout } = await muster(['check', '-i', await inventory(), '--wait', '2s', '--json']);
    expect(status).toBe(1);
    expect(JSON.parse(stdout).results).toMatchObject([
      { status: 'unhealthy', error: { code: 'EXPECTATION' } },
    ]);
  });

  it('keeps what a pass has found when time is up during the next one', async () => {
    // The second answer does not come.
    serve((asked) => {
      if (asked > 1) service.slowMs = 60_000;
      return 503;
    });
    const { status, stdout } = await muster(['check', '-i', await inventory(), '--wait', '2s', '--ndjson']);
    expect(status).toBe(1);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0]!)).toMatchObject({ status: 'unhealthy', error: { code: 'EXPECTATION' } });
  });

  it('is over at once when all are healthy', async () => {
    serve(() => 200);
    expect(await muster(['check', '-i', await inventory(), '--wait', '1d'])).toMatchObject({
      status: 0,
      stderr: '',
    });
    expect(service.asked).toBe(1);
  });

  it.each([
    [['--wait', '5'], '--wait: “5” has no unit'],
    [['--wait', '0s'], '--wait: "0s" is not more than 0'],
    [
      ['--wait', '5s', '--every', '5s'],
      "option '--every <duration>' cannot be used with option '--wait <duration>'",
    ],
    [['--every', '1s', '--format', 'junit'], '--every prints text or --ndjson'],
    [['--output', 'junit'], '--output: "junit" is not FORMAT=FILE'],
    [['--output', 'xml=a'], '--output: "xml=a" is not FORMAT=FILE'],
    [['--format', 'junit', '--json'], 'cannot be used with option'],
  ])('refuses %j', async (args, message) => {
    const { status, stderr } = await muster(['check', '-i', await inventory(), ...args]);
    expect(stderr).toContain(message);
    expect(status).toBe(2);
  });
});

describe('muster check --every', () => {
  it('prints the first pass, then changes only, and ends with a sum when it is interrupted', async () => {
    serve((asked) => (asked === 1 || asked > 4 ? 200 : 503));
    const child = startMuster(['check', '-i', await inventory(), '--every', '50ms']);
    const ended = endOf(child);
    await until('more passes', () => service.asked >= 8);
    child.kill('SIGINT');
    const { status, stdout, stderr } = await ended;
    expect(stderr).toBe('');
    expect(status).toBe(0);
    const lines = stdout.split('\n');
    const changes = lines.filter((line) => /^\d{4}-\d\d-\d\dT[\d:]+Z {2}/.test(line));
    expect(changes.map((line) => line.split(/ {2,}/).slice(1, 4))).toEqual([
      ['unhealthy', 'web', 'health'],
      ['healthy', 'web', 'health'],
    ]);
    expect(stdout).toMatch(/^\d+ passes, 2 changes$/m);
    expect(stdout).toContain('1 check on 1 host: 1 healthy');
  });

  it('exits with 1 when the last state is not healthy', async () => {
    serve(() => 503);
    const child = startMuster(['check', '-i', await inventory(), '--every', '50ms']);
    const ended = endOf(child);
    await until('a second pass', () => service.asked >= 2);
    child.kill('SIGINT');
    expect((await ended).status).toBe(1);
  });

  it('changes a state after unhealthyAfter and healthyAfter results in a row, and shows what is between', async () => {
    const sick = new Set([2, 4, 5, 6]);
    serve((asked) => (sick.has(asked) ? 503 : 200));
    const file = await inventory(', unhealthyAfter: 3, healthyAfter: 2');
    const child = startMuster(['check', '-i', file, '--every', '50ms', '--ndjson']);
    const results: { status: string; changed: boolean; turning?: object }[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      if (results.push(JSON.parse(line) as (typeof results)[number]) === 9) child.kill('SIGINT');
    }
    const state = ({ status, changed, turning }: (typeof results)[number]) =>
      [status, ...(changed ? ['changed'] : []), ...(turning ? [JSON.stringify(turning)] : [])].join(' ');
    expect(results.slice(0, 9).map(state)).toEqual([
      'healthy changed',
      'healthy changed {"to":"unhealthy","count":1,"of":3}',
      'healthy changed',
      'healthy changed {"to":"unhealthy","count":1,"of":3}',
      'healthy {"to":"unhealthy","count":2,"of":3}',
      'unhealthy changed',
      'unhealthy changed {"to":"healthy","count":1,"of":2}',
      'healthy changed',
      'healthy',
    ]);
  });

  it('begins no pass before the one before has ended', async () => {
    serve(() => 200, 120);
    const child = startMuster(['check', '-i', await inventory(), '--every', '10ms']);
    const ended = endOf(child);
    await until('some passes', () => service.asked >= 4);
    child.kill('SIGINT');
    await ended;
    expect(service.mostInFlight).toBe(1);
  });

  it('writes files anew after each pass', async () => {
    serve((asked) => (asked === 1 ? 503 : 200));
    const file = join(scratch, 'muster.prom');
    const args = ['--every', '50ms', '--output', `prometheus=${file}`];
    const child = startMuster(['check', '-i', await inventory(), ...args]);
    const ended = endOf(child);
    await until('the second pass is in the file', async () =>
      (await readFile(file, 'utf8').catch(() => '')).includes('check="health",status="healthy"} 1'),
    );
    child.kill('SIGINT');
    await ended;
  });

  it('keeps to moments that lie an interval apart, and leaves out those that a long pass has missed', () => {
    expect(nextTick(0, 10, 1_000)).toBe(1);
    // Timers of Node may fire a little early: no moment comes twice.
    expect(nextTick(1, 999.6, 1_000)).toBe(2);
    expect(nextTick(1, 1_200, 1_000)).toBe(2);
    expect(nextTick(1, 3_500, 1_000)).toBe(4);
  });
});

describe('muster check without an inventory', () => {
  it('checks URLs and ports', async () => {
    serve(() => 200);
    const { host, port } = new URL(url);
    const given = ['--url', url, '--url', `${url}a?b={name}`, '--tcp', host];
    const { status, stdout } = await muster(['check', ...given, '--json'], { cwd: scratch });
    expect(status).toBe(0);
    expect(JSON.parse(stdout).results).toMatchObject([
      { host: '127.0.0.1', check: url, status: 'healthy' },
      { host: '127.0.0.1', check: `${url}a?b={name}`, status: 'healthy' },
      { host: '127.0.0.1', check: `tcp:${port}`, status: 'healthy' },
    ]);
  });

  it('takes an IPv6 address in brackets, with the port after the last colon', async () => {
    const listener = createTcpServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => listener.listen(0, '::1', resolve));
    const { port } = listener.address() as AddressInfo;
    const { stdout } = await muster(['check', '--tcp', `[::1]:${port}`, '--json'], { cwd: scratch });
    await new Promise((resolve) => listener.close(resolve));
    expect(JSON.parse(stdout).results).toMatchObject([
      { host: '::1', check: `tcp:${port}`, status: 'healthy' },
    ]);
  });

  it('waits for a service that comes up later', async () => {
    serve((asked) => (asked < 2 ? 503 : 200));
    expect(await muster(['check', '--url', url, '--wait', '1m'], { cwd: scratch })).toMatchObject({
      status: 0,
    });
  });

  it('shows no password of a URL', async () => {
    serve(() => 503);
    const secret = url.replace('//', '//me:hunter2@');
    const { stdout, stderr } = await muster(['check', '--url', secret, '--json'], { cwd: scratch });
    expect(stdout).toContain('503');
    expect(stdout + stderr).not.toContain('hunter2');
  });

  it('checks URLs that differ only in what is not shown, each once', async () => {
    serve(() => 200);
    const urls = ['a', 'b', 'a'].flatMap((token) => ['--url', `${url}?token=${token.repeat(8)}`]);
    const { stdout } = await muster(['check', ...urls, '--json'], { cwd: scratch });
    const names = (JSON.parse(stdout) as CheckReport).results.map(({ check }) => check);
    expect(names).toHaveLength(2);
    expect(names[1]).toBe(`${names[0]} (2)`);
    expect(stdout).not.toMatch(/aaaa|bbbb/);
  });

  it.each([
    [['--url', 'ftp://x/'], '--url: "ftp://x/" is not a URL'],
    [['--url', 'web:80'], '--url: "web:80" is not a URL'],
    [['--tcp', 'db'], '--tcp: "db" is not HOST:PORT'],
    [['--tcp', 'db:0'], '--tcp: "db:0" is not HOST:PORT'],
    [['--tcp', '::1:80'], '--tcp: "::1:80" is not HOST:PORT'],
    [['--tcp', 'db:65536'], '--tcp: "db:65536" is not HOST:PORT'],
    [['web', '--tcp', 'db:1'], '--url and --tcp take the place of an inventory'],
  ])('refuses %j', async (args, message) => {
    const { status, stderr } = await muster(['check', ...args], { cwd: scratch });
    expect(stderr).toContain(message);
    expect(status).toBe(2);
  });
});

describe('muster check --format and --output', () => {
  it('writes several files and the report, and leaves nothing else behind', async () => {
    serve(() => 503);
    const folder = await mkdtemp(join(scratch, 'out-'));
    const files = ['junit', 'tap', 'csv', 'text', 'ndjson'].flatMap((name) => [
      '--output',
      `${name}=${folder}/${name}`,
    ]);
    const { status, stdout } = await muster(['check', '--url', url, '--format', 'json', ...files], {
      cwd: scratch,
    });
    expect(status).toBe(1);
    expect(JSON.parse(stdout).summary.unhealthy).toBe(1);
    expect((await readdir(folder)).sort()).toEqual(['csv', 'junit', 'ndjson', 'tap', 'text']);
    expect(await readFile(join(folder, 'junit'), 'utf8')).toContain('<failure message="expected status');
    expect(await readFile(join(folder, 'text'), 'utf8')).toContain('1 unhealthy');
  });

  it('ends with the status of an output that cannot be written, after the report', async () => {
    serve(() => 200);
    const args = ['check', '--url', url, '--output', 'junit=/no/such/folder/report.xml'];
    const { status, stdout, stderr } = await muster(args, { cwd: scratch });
    expect(stdout).toContain('1 healthy');
    expect(stderr).toContain(
      'cannot write the output: /no/such/folder/report.xml: its folder does not exist',
    );
    expect(status).toBe(74);
  });

  it('writes to a pipe instead of replacing it', async () => {
    serve(() => 200);
    const pipe = join(scratch, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const read = readFile(pipe, 'utf8');
    const { status } = await muster(['check', '--url', url, '--output', `csv=${pipe}`], { cwd: scratch });
    expect(await read).toContain('host,check,status');
    expect(status).toBe(0);
    expect((await stat(pipe)).isFIFO()).toBe(true);
  });

  it('says the same to programs in every language', async () => {
    serve(() => 503);
    const env = { LC_ALL: 'zh_CN.UTF-8' };
    for (const args of [
      ['--format', 'junit'],
      ['--format', 'csv'],
      ['--output', `tap=${join(scratch, 'tap')}`, '--format', 'nagios'],
    ])
      expect((await muster(['check', '--url', url, ...args], { cwd: scratch, env })).stdout).toContain(
        'expected status',
      );
    expect((await muster(['check', '--url', url], { cwd: scratch, env })).stdout).not.toContain(
      'expected status',
    );
  });

  it('is a line and a status for Nagios also where nothing could be checked', async () => {
    const { status, stdout } = await muster(['check', '-i', '/no/such/muster.yaml', '--format', 'nagios']);
    expect(stdout).toMatch(/^MUSTER UNKNOWN - .+\n$/);
    expect(status).toBe(3);
    serve(() => 503);
    expect(await muster(['check', '--url', url, '--format', 'nagios'], { cwd: scratch })).toMatchObject({
      status: 2,
      stdout: expect.stringMatching(/^MUSTER CRITICAL - [^\n]+\n$/),
    });
  });

  it('annotates the file of the inventory from the root of the checkout, whatever folder the step works in', async () => {
    const folder = await mkdtemp(join(scratch, 'checkout-'));
    await mkdir(join(folder, 'ops'));
    const lines = [
      'defaults: { transport: local }',
      'hosts: { h: {} }',
      'checks:',
      '  c: { type: command, run: "false" }',
    ];
    await writeFile(join(folder, 'ops', 'muster.yaml'), lines.join('\n'));
    const args = ['check', '-i', 'muster.yaml', '--format', 'github'];
    const options = { cwd: join(folder, 'ops'), env: { GITHUB_WORKSPACE: folder } };
    expect((await muster(args, options)).stdout).toContain('::error file=ops/muster.yaml,line=4,');
    expect((await muster(args, { ...options, env: { GITHUB_WORKSPACE: '' } })).stdout).toContain(
      'file=muster.yaml,',
    );
  });

  it('exits for Nagios as its line says, also where it is interrupted', async () => {
    serve(() => 503);
    const child = startMuster(['check', '--url', url, '--wait', '1m', '--format', 'nagios'], {
      cwd: scratch,
    });
    const ended = endOf(child);
    child.stdin.end();
    child.stderr.once('data', () => child.kill('SIGINT'));
    expect(await ended).toMatchObject({ status: 2, stdout: expect.stringMatching(/^MUSTER CRITICAL - /) });
  });

  it('does not replace the file behind its own output', async () => {
    serve(() => 200);
    const file = join(scratch, 'redirected');
    const words = [process.execPath, inject('cli'), 'check', '--url', url, '--output', 'csv=/dev/stdout'];
    await promisify(execFile)('sh', ['-c', `${words.map(shellQuote).join(' ')} >${shellQuote(file)}`]);
    const text = await readFile(file, 'utf8');
    expect(text).toContain('1 healthy');
    expect(text).toContain('host,check,status');
  });

  it.each([
    [['--format', 'nagios', '--no-such|option'], "unknown option '--no-such¦option'"],
    [['--format=nagios', '--wait'], "option '--wait <duration>' argument missing"],
    [['--wait', '1s', '--every', '1s', '--format', 'nagios'], "option '--every <duration>' cannot be used"],
  ])('is UNKNOWN for Nagios where the command line is wrong: %j', async (words, message) => {
    const { status, stdout, stderr } = await muster(['check', ...words]);
    expect({ status, stdout }).toEqual({
      status: 3,
      stdout: expect.stringMatching(/^MUSTER UNKNOWN - [^\n|]+\n$/),
    });
    expect(stdout).toContain(message);
    expect(stderr).toContain('error: ');
  });

  it.each([
    ['check', '--no-such-option'],
    ['run', 'web', '--format', 'nagios'],
  ])('is 2 for others: %j', async (...words) => {
    expect(await muster(words)).toMatchObject({ status: 2, stdout: '' });
  });
});
