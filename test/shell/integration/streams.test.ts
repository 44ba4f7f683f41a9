import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { access, readdir, rm, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { RunReport } from '../../../src/features/runs/core/runBatch';
import { endOf, muster, type RunningLab, startLabProcess, startMuster } from '../../harness/musterCli';
import { until } from '../../harness/until';

let lab: RunningLab;

beforeAll(async () => {
  lab = await startLabProcess('--hosts', '6');
});
afterAll(() => lab.stop());

const onLab = (command: string, ...args: string[]) => [command, '--inventory', lab.inventory, ...args];
/** A file that commands of a lab host see in their working folder. */
const fileOf = (host: string, name: string) => join(lab.workspace, 'hosts', host, name);
const exists = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );

describe('--ndjson', () => {
  it('gives a result as soon as there is one, while other hosts still work', async () => {
    const gate = fileOf('web-02', 'gate');
    const child = startMuster(
      onLab(
        'run',
        'web-01',
        'web-02',
        '--ndjson',
        '--',
        'test $(hostname) = web-01 || until test -e gate; do sleep 0.1; done',
      ),
    );
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const ended = once(child, 'close');
    const first: unknown = JSON.parse((await lines.next()).value);
    expect(first).toMatchObject({ host: 'web-01', status: 'ok' });
    await writeFile(gate, '');
    const second: unknown = JSON.parse((await lines.next()).value);
    expect(second).toMatchObject({ host: 'web-02', status: 'ok' });
    expect((await lines.next()).done).toBe(true);
    expect((await ended)[0]).toBe(0);
    await rm(gate);
  });

  it('waits for a slow reader instead of losing lines', async () => {
    const child = startMuster(
      onLab('run', 'all', '--ndjson', '--', 'head -c 3000000 /dev/zero | tr "\\0" x'),
    );
    const ended = once(child, 'close');
    let received = '';
    child.stdout.setEncoding('utf8').pause();
    await until('more than the pipe holds', () => child.stdout.readableLength > 0);
    for await (const chunk of child.stdout as AsyncIterable<string>) received += chunk;
    expect((await ended)[0]).toBe(0);
    const results = received
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { stdout: string });
    expect(results.map(({ stdout }) => stdout.length)).toEqual(Array<number>(lab.hosts).fill(3_000_000));
  });
});

describe('an output that goes away', () => {
  it('ends the work with the status of a broken pipe and without a word', async () => {
    const child = startMuster(onLab('run', 'all', '--ndjson', '--serial', '1', '--', 'hostname; sleep 0.3'));
    const ended = endOf(child);
    child.stdout.once('data', () => child.stdout.destroy());
    expect(await ended).toMatchObject({ status: 141, stderr: '' });
  });

  it('is said where the disk is full', async () => {
    const full = await open('/dev/full', 'w');
    const child = spawn(process.execPath, [inject('cli'), ...onLab('hosts')], {
      stdio: ['ignore', full.fd, 'pipe'],
    });
    let stderr = '';
    child.stderr!.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    const [status] = (await once(child, 'close')) as [number];
    await full.close();
    expect({ status, stderr }).toEqual({
      status: 74,
      stderr: expect.stringMatching(/^muster: cannot write the output: ENOSPC.*\n$/),
    });
  });
});

describe('a signal', () => {
  const begin = async (command: string, before = '') => {
    const script = `${before} touch begun; ${command}`;
    const child = startMuster(onLab('run', 'web-01', 'web-02', '--json', '--', script));
    const ended = endOf(child);
    await until(
      'both hosts have begun',
      async () => (await exists(fileOf('web-01', 'begun'))) && (await exists(fileOf('web-02', 'begun'))),
    );
    await Promise.all(['web-01', 'web-02'].map((host) => rm(fileOf(host, 'begun'))));
    return { child, ended };
  };

  it('TERM cancels what is under way, ends the remote commands and exits 143 with the results', async () => {
    const { child, ended } = await begin('sleep 600; touch survived', 'echo partial; sleep 0.5;');
    child.kill('SIGTERM');
    const { status, stdout } = await ended;
    expect(status).toBe(143);
    expect(JSON.parse(stdout)).toMatchObject({
      summary: { total: 2, stopped: 2, skipped: 0 },
      results: [
        { status: 'stopped', stdout: 'partial\n', error: { code: 'CANCELLED' } },
        { status: 'stopped', stdout: 'partial\n', error: { code: 'CANCELLED' } },
      ],
    });
    expect(await exists(fileOf('web-01', 'survived'))).toBe(false);
  });

  it('INT twice quits at once', async () => {
    const { child, ended } = await begin('sleep 600');
    child.kill('SIGINT');
    child.kill('SIGINT');
    expect((await ended).status).toBe(130);
  });
});

describe('a run that is cancelled', () => {
  /** Cancels a run with two commands in flight once both have begun, and gives what it printed. */
  const cancelled = async (...options: string[]) => {
    const script = 'echo partial; sleep 0.5; touch begun; exec sleep 600';
    const child = startMuster(onLab('run', 'web', ...options, '--concurrency', '2', '--', script));
    const ended = endOf(child);
    await until('two hosts have begun', async () => (await begun()).length === 2);
    const hosts = await begun();
    child.kill('SIGTERM');
    const { stdout } = await ended;
    expect(await begun()).toEqual(hosts);
    await Promise.all(hosts.map((host) => rm(fileOf(host, 'begun'))));
    return { hosts, stdout };
  };
  const begun = async () => {
    const hosts = await readdir(join(lab.workspace, 'hosts'));
    const marks = await Promise.all(hosts.map((host) => exists(fileOf(host, 'begun'))));
    return hosts.filter((_, index) => marks[index]).sort();
  };

  it('tells hosts on which the command was stopped from those on which it was never started', async () => {
    const { hosts, stdout } = await cancelled('--json');
    const { summary, results } = JSON.parse(stdout) as RunReport;
    expect(summary).toMatchObject({ ok: 0, failed: 0, stopped: 2, skipped: summary.total - 2 });
    expect(summary.skipped).toBeGreaterThan(0);
    for (const { host, status, stdout: said, error } of results) {
      expect([status, said]).toEqual(hosts.includes(host) ? ['stopped', 'partial\n'] : ['skipped', '']);
      expect(error!.code).toBe('CANCELLED');
    }
  });

  it('says so to people, and that a stopped command may have done a part of its work', async () => {
    const { stdout } = await cancelled();
    expect(stdout).toMatch(
      /\(2\) stopped while running\n-+\npartial\n.*stopped while the command was running/,
    );
    expect(stdout).toContain('look at the host before you run the command again');
    expect(stdout).toMatch(/\d hosts: 2 stopped while running, \d not started in/);
  });
});

describe('a batch', () => {
  it('works through the hosts in the sizes of --serial and stops after --max-failures', async () => {
    const { status, stdout } = await muster(
      onLab(
        'run',
        'all',
        '--serial',
        '1,50%',
        '--max-failures',
        '0%',
        '--json',
        '--',
        'test $(hostname) != web-01',
      ),
    );
    expect(status).toBe(1);
    const { summary, results } = JSON.parse(stdout);
    // The bastion alone, then a batch of three of which one fails.
    expect(summary).toMatchObject({ total: 6, ok: 3, failed: 1, skipped: 2 });
    expect(results.at(-1).error).toMatchObject({
      code: 'CANCELLED',
      hint: expect.stringContaining('--max-failures'),
    });
  });

  it('shows other outputs as differences to the most frequent one', async () => {
    const { stdout } = await muster(
      onLab('run', 'web', '--diff', '--', 'echo same; test $(hostname) = web-02 && echo more || true'),
    );
    expect(stdout).toMatch(
      /^web-02 \(1\) exit 0\n-+\n--- web-\S+\n\+\+\+ web-02\n@@ .* @@\n same\n\+more\n/m,
    );
    expect(stdout).toMatch(/^same\n\n\d hosts: /m);
  });

  it('tells on stderr what is odd in the inventory and runs all the same', async () => {
    const file = join(lab.workspace, 'odd.yaml');
    await writeFile(
      file,
      'hosts:\n  a: { address: 127.0.0.1 }\ngroups:\n  none: { hosts: [] }\nchecks:\n  port: { type: tcp, port: 1 }\n  idle: { type: tcp, port: 1, on: none }\n',
    );
    const { status, stderr, stdout } = await muster(['check', '--inventory', file, '--json']);
    expect(stderr).toMatch(/odd\.yaml:\d+:\d+: warning: /);
    expect(JSON.parse(stdout).summary.total).toBe(1);
    expect(status).toBe(1);
    await rm(file);
  });
});

describe('people who read Chinese', () => {
  it('are spoken to in Chinese, while JSON stays as it is', async () => {
    const env = { LC_ALL: 'zh_CN.UTF-8' };
    const text = await muster(onLab('check', 'web-01', '--check', 'login'), { env });
    expect(text.stdout).toContain('健康');
    const json = await muster(onLab('check', 'web-01', '--check', 'login', '--json'), { env });
    expect(JSON.parse(json.stdout).results[0].status).toBe('healthy');
    const sick = await muster(onLab('check', 'web-02', '--check', 'health'), { env });
    expect(sick.stdout).toContain('预期为 状态 200');
    const sickJson = await muster(onLab('check', 'web-02', '--check', 'health', '--json'), { env });
    expect(JSON.parse(sickJson.stdout).results[0].message).toContain('expected status 200');
    const misspelt = await muster(['chekc'], { env });
    expect(misspelt.stderr).toBe('错误:未知命令“chekc”\n(您是不是想写 check?)\n');
    expect((await muster(['--help'], { env })).stdout).toMatch(/^用法/);
  });
});
