import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { endOf, muster, startMuster } from '../../harness/musterCli';
import { until } from '../../harness/until';

let folder: string;
const at = (name: string) => path.join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'muster-hostile-'));
  await promisify(execFile)('mkfifo', [at('pipe')]);
  await writeFile(at('good.yaml'), 'hosts: { web: }\n');
  await writeFile(at('cpu.folded'), 'main;work 3\nmain;rest 1\n');
});

afterAll(() => rm(folder, { recursive: true }));

/** `muster ARGS…` as bash carries it out, process substitution and all. */
async function inBash(line: string): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const child = spawn('bash', ['-c', line], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: '1', NODE: process.execPath, MUSTER: inject('cli') },
  });
  child.stdin.end();
  return endOf(child);
}
const command = '"$NODE" "$MUSTER"';

/** Resolves once the process waits in the kernel for something of this kind. */
async function waitsFor(pid: number, where: RegExp): Promise<void> {
  await until(`process ${pid} waits for ${where}`, async () => {
    // A thread may end before it is asked.
    const { stdout } = await promisify(execFile)('sh', ['-c', `cat /proc/${pid}/task/*/wchan; true`]);
    return where.test(stdout);
  });
}

describe.runIf(process.platform === 'linux')('Files that are no files', () => {
  it('in an inventory are said, and end nothing', async () => {
    await writeFile(
      at('muster.yaml'),
      `hosts:
  web: { address: 127.0.0.1, ssh: { identityFile: pipe, knownHosts: pipe } }
checks:
  ca: { type: http, url: 'https://127.0.0.1:1/', tls: { ca: pipe } }
  zero: { type: http, url: 'https://127.0.0.1:1/', tls: { ca: /dev/zero } }
  cert: { type: tls, port: 1, cert: pipe, key: pipe }
imports: [{ muster: pipe }, { ansible: pipe }, { sshConfig: pipe }, { muster: /dev/zero }, { ansible: /proc/kmsg }]
`,
    );
    const { status, stdout, stderr } = await muster(['check', '--keep-going', '--json'], { cwd: folder });
    expect(status).toBe(1);
    expect(stderr).toContain(`cannot read ${at('pipe')}: it is a named pipe, not a file`);
    expect(stderr).toContain('cannot read /dev/zero: it is a device, not a file');
    expect(stderr).toContain('cannot read /proc/kmsg: the kernel makes it up: it is not a file on disk');
    const { results } = JSON.parse(stdout) as { results: { error: { message: string } }[] };
    expect(results.map(({ error }) => error.message)).toEqual([
      `cannot use the file of tls.ca: ${at('pipe')}: it is a named pipe, not a file`,
      'cannot use the file of tls.ca: /dev/zero: it is a device, not a file',
      expect.stringContaining('it is a named pipe, not a file'),
    ]);
  });

  it('may be named on the command line', async () => {
    const top = await inBash(`${command} profile top <(cat cpu.folded)`);
    expect(top).toMatchObject({ status: 0, stdout: expect.stringContaining('work') });
    const hosts = await inBash(`${command} hosts -i <(printf 'hosts: { piped: }')`);
    expect(hosts).toMatchObject({ status: 0, stdout: expect.stringContaining('piped') });
    const named = await inBash(`cat cpu.folded > pipe & ${command} profile top pipe; wait`);
    expect(named).toMatchObject({ status: 0, stdout: expect.stringContaining('work') });
    const piped = await inBash(`cat cpu.folded | ${command} profile top -`);
    expect(piped).toMatchObject({ status: 0, stdout: expect.stringContaining('work') });
    const endless = await muster(['hosts', '-i', '/dev/zero']);
    expect(endless).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('it is a device, not a file'),
    });
    const flooded = await inBash(`${command} hosts -i <(cat /dev/zero)`);
    expect(flooded).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('it is larger than 32 MiB'),
    });
    const fed = await inBash(`echo 'hosts: { fed: }' | ${command} hosts -i /dev/stdin`);
    expect(fed).toMatchObject({ status: 0, stdout: expect.stringContaining('fed') });
    const absent = await muster(['profile', 'top', at('absent')]);
    expect(absent).toMatchObject({ status: 2, stderr: expect.stringContaining('there is no such file') });
  });
});

describe('A file with passwords', () => {
  it('is named wherever a file can be, and nothing of it is printed', async () => {
    const lines = [
      'root:$6$hunter2$hunter2:19000:0:99999:7:::',
      'daemon:*:19000:0:99999:7:::',
      'x:hunter2:1:0:9:7:::',
    ];
    await writeFile(at('shadow'), `${lines.join('\n')}\n`, { mode: 0o600 });
    await writeFile(
      at('reads.yaml'),
      `hosts:
  web: { address: 127.0.0.1, ssh: { port: 1, identityFile: shadow, knownHosts: shadow } }
checks:
  login: { type: ssh }
  ca: { type: http, url: 'https://127.0.0.1:1/', tls: { ca: shadow } }
  pair: { type: http, url: 'https://127.0.0.1:1/', tls: { cert: shadow, key: shadow } }
etcd: { main: { endpoints: ['https://127.0.0.1:1'], tls: { ca: shadow } } }
imports: [{ muster: shadow }, { ansible: shadow }, { sshConfig: shadow }]
`,
    );
    for (const args of [
      ['check', '-i', 'reads.yaml', '--keep-going', '--verbose'],
      ['check', '-i', 'reads.yaml', '--keep-going', '--json'],
      ['hosts', '-i', 'reads.yaml', '--keep-going', '--ansible', '--list'],
      ['hosts', '-i', 'shadow'],
      ['hosts', '-i', 'shadow', '--keep-going'],
      ['run', 'web', '-i', 'reads.yaml', '--keep-going', '--', 'id'],
      ['etcd', 'ls', '-i', 'reads.yaml', '--keep-going'],
      ['etcd', 'import', 'shadow', '--dry-run', '-i', 'reads.yaml', '--keep-going'],
      ['profile', 'top', 'shadow'],
      ['profile', 'diff', 'shadow', 'cpu.folded'],
    ]) {
      const { status, stdout, stderr } = await muster(args, { cwd: folder });
      expect(status, args.join(' ')).not.toBe(70);
      expect(stdout + stderr, args.join(' ')).not.toContain('hunter2');
      expect(stdout + stderr, args.join(' ')).not.toContain('99999');
    }
    const { stderr } = await muster(['hosts', '-i', 'reads.yaml'], { cwd: folder });
    expect(stderr.split('\n').filter((line) => line.startsWith('shadow:'))).toEqual([
      expect.stringContaining('shadow:1:1: error: this is not an inventory'),
    ]);
  });
});

describe.runIf(process.platform === 'linux')('A process that waits for a pipe that nobody writes to', () => {
  const waiting = async (...args: string[]) => {
    const child = startMuster(args, { cwd: folder });
    const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
    await waitsFor(child.pid!, /wait_for_partner|fifo_open|pipe_wait/);
    return { child, ended };
  };

  it.each([
    ['SIGTERM', 1],
    ['SIGINT', 1],
    ['SIGINT', 2],
    ['SIGHUP', 1],
  ] as const)('ends with %s (%i)', async (signal, times) => {
    for (const args of [
      ['profile', 'top', 'pipe'],
      ['hosts', '-i', 'pipe'],
      ['run', 'web', '-i', 'good.yaml', '--script', 'pipe'],
    ]) {
      const { child, ended } = await waiting(...args);
      for (let sent = 0; sent < times; sent++) child.kill(signal);
      // What a shell calls 130, 143 or 129.
      expect(await ended, args.join(' ')).toEqual([null, signal]);
    }
  });

  it('tells a shell the documented status', async () => {
    const { status } = await inBash(
      `${command} profile top pipe & pid=$!; until grep -qs wait_for_partner /proc/$pid/task/*/wchan; do sleep 0.05; done; kill -TERM $pid; wait $pid`,
    );
    expect(status).toBe(143);
  });
});
