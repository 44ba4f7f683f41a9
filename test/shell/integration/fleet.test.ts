import { access, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { endOf, muster, type RunningLab, startLabProcess, startMuster } from '../../harness/musterCli';
import { until } from '../../harness/until';

let lab: RunningLab;
let scratch: string;

beforeAll(async () => {
  lab = await startLabProcess();
  scratch = await mkdtemp(join(tmpdir(), 'muster-cli-'));
});

afterAll(async () => {
  expect(await lab.stop()).toBe(0);
  await expect(access(lab.workspace)).rejects.toThrow('ENOENT');
  await rm(scratch, { recursive: true });
});

const onLab = (...args: string[]) => muster([args[0]!, '--inventory', lab.inventory, ...args.slice(1)]);

async function script(name: string, text: string): Promise<string> {
  const file = join(scratch, name);
  await writeFile(file, text);
  return file;
}

describe('muster check', () => {
  it('finds exactly the sick hosts of the lab, with the documented JSON and exit status 1', async () => {
    // Asked for anew: one service flaps, so what the lab foretells is its very next check.
    const { status, stdout } = await onLab('check', '--json');
    const report = JSON.parse(stdout);
    const found = report.results.filter((result: { status: string }) => result.status !== 'healthy');
    const verdict = ({ host, check, status }: RunningLab['sick'][number]) => `${host} ${check} ${status}`;
    expect(found.map(verdict).sort()).toEqual(lab.sick.map(verdict).sort());
    expect(status).toBe(1);
    expect(report.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(Object.keys(report.summary)).toEqual(
      'total healthy degraded unhealthy skipped durationMs p50Ms p95Ms p99Ms perSecond'.split(' '),
    );
    expect(report.summary.total).toBe(report.results.length);
    const refused = found.find((result: { status: string }) => result.status === 'unhealthy');
    expect(refused).toMatchObject({
      error: { code: expect.any(String), message: expect.any(String), causes: [] },
    });
  });

  it('exits 0 when all that was chosen is healthy', async () => {
    const { status, stdout } = await onLab('check', 'web-01', '--check', 'login');
    expect(status).toBe(0);
    expect(stdout).toContain('1 check on 1 host: 1 healthy');
  });

  it('prints one result a line with --ndjson', async () => {
    const { stdout } = await onLab('check', '--ndjson', '--check', 'login');
    const results = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(results).toHaveLength(lab.hosts);
    expect(results.every(({ check, status }) => check === 'login' && status === 'healthy')).toBe(true);
  });
});

describe('muster run', () => {
  it('folds hosts with the same output, and exits 0', async () => {
    const { status, stdout } = await onLab('run', 'web-*', '--', 'echo same');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^web-\[01-\d\d\] \(\d+\) exit 0\n-+\nsame\n/m);
  });

  it('prints the documented JSON and exits 1 when a host fails', async () => {
    const { status, stdout } = await onLab(
      'run',
      'web-01',
      'web-02',
      '--json',
      '--',
      'hostname; test "$(hostname)" = web-01',
    );
    expect(status).toBe(1);
    const report = JSON.parse(stdout);
    expect(report.summary).toMatchObject({ total: 2, ok: 1, failed: 1, skipped: 0 });
    expect(report.results).toMatchObject([
      {
        host: 'web-01',
        status: 'ok',
        exitCode: 0,
        signal: null,
        stdout: 'web-01\n',
        stderr: '',
        truncated: false,
      },
      { host: 'web-02', status: 'failed', exitCode: 1, stdout: 'web-02\n', error: { code: 'EXIT_STATUS' } },
    ]);
  });

  it('passes the words after -- through the remote shell unchanged', async () => {
    const { stdout } = await onLab(
      'run',
      'web-01',
      '--json',
      '--',
      'printf',
      '%s|',
      "it's",
      '$HOME',
      'a  b',
      '--json',
    );
    expect(JSON.parse(stdout).results[0].stdout).toBe("it's|$HOME|a  b|--json|");
  });

  it('sends a script to its interpreter, input to the command, and sets variables', async () => {
    const file = await script('greet.sh', '#!/bin/sh\necho "hello from $(hostname), $WHO"\n');
    const ran = await onLab('run', 'web-01', '--json', '--env', "WHO=it's me", '--script', file);
    expect(JSON.parse(ran.stdout).results[0].stdout).toBe("hello from web-01, it's me\n");
    const piped = await muster(
      ['run', '--inventory', lab.inventory, 'web-01', 'web-02', '--stdin', '-', '--json', '--', 'wc -c'],
      { input: 'twelve bytes' },
    );
    expect(JSON.parse(piped.stdout).results.map(({ stdout }: { stdout: string }) => stdout.trim())).toEqual([
      '12',
      '12',
    ]);
  });

  it('bounds the output of a host and says how much it did not keep', async () => {
    const { stdout } = await onLab(
      'run',
      'web-01',
      '--json',
      '--max-output',
      '64KiB',
      '--',
      'head -c 1000000 /dev/zero',
    );
    const [result] = JSON.parse(stdout).results;
    expect(result).toMatchObject({ truncated: true, droppedBytes: 1_000_000 - 65_536 });
    expect(result.stdout).toHaveLength(65_536);
  });

  describe('as a part of other work', () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const within = (TRACEPARENT: string, ...args: string[]) =>
      muster(['run', '--inventory', lab.inventory, 'web-01', '--json', ...args], { env: { TRACEPARENT } });
    const sayTrace = ['--', 'echo "${TRACEPARENT-none}"'];

    it('keeps the trace id of TRACEPARENT, in the report, the results and the errors', async () => {
      // As a shell reads it from a file that ends in a line break.
      const { stdout } = await within(`00-${traceId}-00f067aa0ba902b7-01\n`, '--', 'exit 3');
      const report = JSON.parse(stdout);
      expect(report).toMatchObject({
        traceId,
        results: [{ traceId, error: { code: 'EXIT_STATUS', traceId } }],
      });
    });

    it('ignores one that is malformed, and says so', async () => {
      const { status, stdout, stderr } = await within(`00-${traceId}-00f067aa0ba902b7`, ...sayTrace);
      expect(status).toBe(0);
      expect(stderr).toBe(
        `warning: TRACEPARENT is ignored: “00-${traceId}-00f067aa0ba902b7” is not a W3C trace context\n`,
      );
      expect(JSON.parse(stdout).traceId).not.toBe(traceId);
    });

    it('gives it to the command where the server takes it, with the span of the host', async () => {
      const parent = `00-${traceId}-00f067aa0ba902b7-00`;
      const [result] = JSON.parse((await within(parent, ...sayTrace)).stdout).results;
      expect(result.stdout).toBe(`00-${traceId}-${result.spanId}-00\n`);
    });

    it('puts it into the command line with --trace-inline only', async () => {
      const parent = `00-${traceId}-00f067aa0ba902b7-01`;
      const sayCommand = ['--', `tr '\\0' ' ' < /proc/$$/cmdline`];
      const [plain] = JSON.parse((await within(parent, ...sayCommand)).stdout).results;
      expect(plain.stdout).not.toContain('TRACEPARENT');
      const [inline] = JSON.parse((await within(parent, '--trace-inline', ...sayCommand)).stdout).results;
      expect(inline.stdout).toContain(`export TRACEPARENT=00-${traceId}-${inline.spanId}-01; tr `);
    });

    it('logs its end with the trace id when it is asked to say what it does', async () => {
      const { stderr } = await within(`00-${traceId}-00f067aa0ba902b7-01`, '--verbose', '--', 'true');
      expect(stderr).toMatch(
        new RegExp(`^info: run of .*muster.yaml ended in [\\d.]+ ms: 1 ok \\(trace ${traceId}\\)$`, 'm'),
      );
    });
  });

  it('stops after the first failure with --fail-fast and reports the others as skipped', async () => {
    const { stdout } = await onLab(
      'run',
      'all',
      '--fail-fast',
      '--concurrency',
      '1',
      '--json',
      '--',
      'false',
    );
    expect(JSON.parse(stdout).summary).toMatchObject({ failed: 1, skipped: lab.hosts - 1 });
  });

  it('ends a host that exceeds --timeout, keeping what it has printed', async () => {
    const { status, stdout } = await onLab(
      'run',
      'web-01',
      '--timeout',
      '1500ms',
      '--json',
      '--',
      'echo begun; sleep 60',
    );
    expect(status).toBe(1);
    expect(JSON.parse(stdout).results[0]).toMatchObject({
      status: 'failed',
      stdout: 'begun\n',
      error: { code: 'TIMEOUT' },
    });
  });

  it('prints what it has and exits 130 on Ctrl-C, and the remote commands end', async () => {
    const mark = `muster-mark-${process.pid}`;
    const child = startMuster([
      'run',
      '--inventory',
      lab.inventory,
      'web-01',
      'web-02',
      '--json',
      '--',
      `test $(hostname) = web-01 || { echo begun; sleep 1; touch ${mark}; exec sleep 600; }`,
    ]);
    const ended = endOf(child);
    const begun = () =>
      access(join(lab.workspace, 'hosts', 'web-02', mark)).then(
        () => true,
        () => false,
      );
    await until('the command runs on web-02', begun);
    child.kill('SIGINT');
    const { status, stdout } = await ended;
    expect(status).toBe(130);
    const report = JSON.parse(stdout);
    expect(report.summary).toMatchObject({ ok: 1, stopped: 1, skipped: 0 });
    expect(report.results[1]).toMatchObject({ host: 'web-02', status: 'stopped', stdout: 'begun\n' });
  });

  it('ends quietly when its reader has seen enough', async () => {
    const child = startMuster([
      'run',
      '--inventory',
      lab.inventory,
      'all',
      '--',
      'head -c 300000 /dev/zero | tr "\\0" x',
    ]);
    const ended = endOf(child);
    child.stdout.once('data', () => child.stdout.destroy());
    expect((await ended).stderr).toBe('');
  });
});

describe('muster hosts', () => {
  it('prints the inventory for people and for Ansible', async () => {
    const table = await onLab('hosts', 'role=web');
    expect(table.stdout).toMatch(/^web-01 +127\.0\.0\.\d+ /m);
    const ansible = JSON.parse((await onLab('hosts', '--ansible', '--list')).stdout);
    expect(Object.keys(ansible._meta.hostvars)).toHaveLength(lab.hosts);
    expect(ansible._meta.hostvars['web-01']).toMatchObject({ ansible_host: expect.stringMatching(/^127\./) });
    const one = JSON.parse((await onLab('hosts', '--ansible', '--host', 'web-01')).stdout);
    expect(one).toEqual(ansible._meta.hostvars['web-01']);
  });
});

describe('trust', () => {
  const home = () => join(scratch, 'home');
  const own = () => join(scratch, 'state', 'known_hosts');
  const env = () => ({ HOME: home(), MUSTER_KNOWN_HOSTS: own() });
  const command = (inventory: string, ...options: string[]) => [
    ...['run', '--inventory', inventory, 'web-01', '--json', ...options],
    ...['--', 'true'],
  ];

  beforeEach(async () => {
    await rm(join(scratch, 'state'), { recursive: true, force: true });
    await rm(home(), { recursive: true, force: true });
    await mkdir(join(home(), '.ssh'), { recursive: true });
  });

  /** The inventory of the lab in a folder of its own; `knownHosts` is what it says about them. */
  async function inventoryIn(folder: string, knownHosts: string): Promise<string> {
    await mkdir(join(scratch, folder), { recursive: true });
    const text = await readFile(lab.inventory, 'utf8');
    return script(
      join(folder, 'muster.yaml'),
      text
        .replace(/^ +knownHosts: .*$/m, `    ${knownHosts}`)
        .replaceAll(
          /identityFile: (\S+?)(?=[,}\s])/g,
          (_, file: string) => `identityFile: ${join(lab.workspace, file)}`,
        ),
    );
  }

  /** What the user's own known_hosts says about web-01: its name, and the key of another host. */
  async function contradiction(): Promise<string> {
    const { stdout } = await onLab('hosts', '--json', 'web-01');
    const [{ address, ssh }] = JSON.parse(stdout);
    const lines = (await readFile(join(lab.workspace, 'keys', 'known_hosts'), 'utf8')).trim().split('\n');
    const name = `[${address}]:${ssh.port}`;
    const keyOf = (line: string) => line.split(' ').slice(1).join(' ');
    const right = keyOf(lines.find((line) => line.split(' ')[0]!.includes(name))!);
    return `${name} ${lines.map(keyOf).find((key) => key !== right)}\n`;
  }

  const outcome = async (inventory: string, ...options: string[]) => {
    const { status, stdout, stderr } = await muster(command(inventory, ...options), { env: env() });
    return { status, error: JSON.parse(stdout).results[0].error, stderr };
  };

  it('refuses an unknown host key, and remembers it with --accept-new for this inventory only', async () => {
    const evil = await inventoryIn('evil', 'knownHosts: none');
    const honest = await inventoryIn('honest', '# no known_hosts of its own');
    const refused = await outcome(evil);
    expect(refused.error).toMatchObject({
      code: 'HOST_KEY_UNKNOWN',
      hint: expect.stringContaining('for this inventory only'),
    });
    const accepted = await outcome(evil, '--accept-new');
    expect(accepted.status).toBe(0);
    expect(accepted.stderr).toContain(
      `--accept-new: The inventory ${evil} adds known_hosts files of its own (${join(scratch, 'evil', 'none')}) to yours.`,
    );
    expect((await outcome(evil)).status).toBe(0);
    expect((await outcome(honest)).error).toMatchObject({ code: 'HOST_KEY_UNKNOWN' });
    await expect(access(own())).rejects.toThrow('ENOENT');
    await expect(access(join(scratch, 'evil', 'none'))).rejects.toThrow('ENOENT');
  });

  it('is never given against the user’s own known_hosts, nor afterwards to an honest inventory', async () => {
    const evil = await inventoryIn('evil', 'knownHosts: none');
    const honest = await inventoryIn('honest', '# no known_hosts of its own');
    await writeFile(join(home(), '.ssh', 'known_hosts'), await contradiction());
    const { status, error } = await outcome(evil, '--accept-new');
    expect(status).toBe(1);
    expect(error).toMatchObject({
      code: 'HOST_KEY_MISMATCH',
      message: expect.stringContaining(join(home(), '.ssh', 'known_hosts')),
    });
    for (const options of [[], ['--accept-new']])
      expect((await outcome(honest, ...options)).error).toMatchObject({ code: 'HOST_KEY_MISMATCH' });
  });

  it('remembers in the shared file what is asked for without a known_hosts of the inventory', async () => {
    const honest = await inventoryIn('honest', '# no known_hosts of its own');
    const other = await inventoryIn('other', '# no known_hosts of its own');
    expect((await outcome(honest, '--accept-new')).status).toBe(0);
    expect(await readFile(own(), 'utf8')).toMatch(/ssh-ed25519/);
    expect((await outcome(other)).status).toBe(0);
  });
});
