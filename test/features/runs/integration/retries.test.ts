import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endOf, muster, startMuster } from '../../../harness/musterCli';
import { freePort } from '../../../harness/ports';
import { type Sshd, SshdFarm } from '../../../harness/sshd';
import { sshdInventory } from '../../../harness/sshdInventory';
import { until } from '../../../harness/until';

let farm: SshdFarm;
let daemon: Sshd;
let inventory: string;
let scratch: string;

beforeAll(async () => {
  farm = await SshdFarm.create();
  daemon = await farm.start({ port: await freePort() });
  const files = await sshdInventory(
    farm,
    ['web-1', 'web-2', 'web-3'].map((name) => ({ name, daemon })),
  );
  await farm.write('known_hosts', files.known_hosts);
  inventory = await farm.write(
    'muster.yaml',
    `${files['muster.yaml']}  stranger: { address: ${daemon.address}, ssh: { port: ${daemon.port}, user: nobody-here } }\n`,
  );
  scratch = await mkdtemp(join(tmpdir(), 'muster-retries-'));
});

afterAll(async () => {
  await farm[Symbol.asyncDispose]();
  await rm(scratch, { recursive: true });
});

const run = (...words: string[]) => startMuster(['run', '-i', inventory, ...words]);
const isThere = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );

describe('--retries', () => {
  it('reaches a host that comes up later, and says how often it was tried', async () => {
    await daemon.stop();
    const child = run('web-1', '--retries', '20', '--verbose', '--json', '--', 'echo here');
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const ended = endOf(child);
    await until('a first attempt', () => /web-1: REFUSED: .*: trying again in 1000 ms/.test(stderr));
    await daemon.resume();
    const { status, stdout } = await ended;
    expect(status).toBe(0);
    const [result] = JSON.parse(stdout).results;
    expect(result).toMatchObject({ status: 'ok', stdout: 'here\n' });
    expect(result.attempts).toBeGreaterThan(1);
  });

  it('tries a host that stays away so often and no more', async () => {
    await daemon.stop();
    const { status, stdout } = await endOf(run('web-1', '--retries', '1', '--json', '--', 'true'));
    await daemon.resume();
    expect(status).toBe(1);
    expect(JSON.parse(stdout).results[0]).toMatchObject({ attempts: 2, error: { code: 'REFUSED' } });
  });

  it('sends no command twice, though the connection is lost while it runs', async () => {
    const count = join(scratch, 'count');
    await writeFile(count, '');
    const child = run('web-1', '--retries', '5', '--json', '--', `echo x >> ${count}; sleep 600`);
    const ended = endOf(child);
    await until('the command', async () => (await readFile(count, 'utf8')) === 'x\n');
    await daemon.dropConnections();
    const { stdout } = await ended;
    const [result] = JSON.parse(stdout).results;
    expect(result).toMatchObject({ status: 'failed', error: { code: 'RESET' } });
    expect(result).not.toHaveProperty('attempts');
    expect(await readFile(count, 'utf8')).toBe('x\n');
  });

  it.each([
    ['fails', 'web-1', 'exit 255', 'EXIT_STATUS'],
    ['is not let in', 'stranger', 'true', 'AUTH'],
  ])('does not repeat what %s', async (_name, host, command, code) => {
    const { stdout } = await endOf(run(host, '--retries', '5', '--json', '--', command));
    const [result] = JSON.parse(stdout).results;
    expect(result.error.code).toBe(code);
    expect(result).not.toHaveProperty('attempts');
  });

  it('ends its waiting with Ctrl-C, and with the time limit of the host', async () => {
    await daemon.stop();
    try {
      const child = run('web-1', '--retries', '100', '--verbose', '--json', '--', 'true');
      let stderr = '';
      child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
      const ended = endOf(child);
      await until('the longest wait', () => stderr.includes('trying again in 2000 ms'));
      child.kill('SIGINT');
      const { status, stdout } = await ended;
      expect(status).toBe(130);
      expect(JSON.parse(stdout).results[0].status).toBe('skipped');
      const late = await endOf(
        run('web-1', '--retries', '100', '--timeout', '1500ms', '--json', '--', 'true'),
      );
      expect(late.status).toBe(1);
      expect(JSON.parse(late.stdout).results[0].status).toBe('failed');
    } finally {
      await daemon.resume();
    }
  });
});

describe('--pause', () => {
  it('is between the batches of --serial, and not after the last one', async () => {
    const { stdout } = await endOf(
      run('web-*', '--serial', '1', '--pause', '1s', '--json', '--', 'date +%s%N'),
    );
    const times = JSON.parse(stdout).results.map((result: { stdout: string }) => Number(result.stdout) / 1e6);
    expect(times[1] - times[0]).toBeGreaterThanOrEqual(1000);
    expect(times[2] - times[1]).toBeGreaterThanOrEqual(1000);
  });

  it('ends at once with Ctrl-C, and what was not begun is not started', async () => {
    const mark = join(scratch, 'first');
    const child = run('web-*', '--serial', '1', '--pause', '1d', '--json', '--', `touch ${mark}`);
    const ended = endOf(child);
    await until('the first batch', () => isThere(mark));
    child.kill('SIGINT');
    const { status, stdout } = await ended;
    expect(status).toBe(130);
    expect(JSON.parse(stdout).summary).toMatchObject({ total: 3 });
    expect(JSON.parse(stdout).summary.skipped).toBeGreaterThanOrEqual(2);
  });

  it('is not waited for when failures have ended the run', async () => {
    const { stdout } = await endOf(
      run('web-*', '--serial', '1', '--pause', '1d', '--fail-fast', '--json', '--', 'false'),
    );
    expect(JSON.parse(stdout).summary).toMatchObject({ failed: 1, skipped: 2 });
  });
});

describe('the options of a run', () => {
  it.each([
    [['--pause', '5s'], '--pause is between the batches of --serial: give both'],
    [['--pause', '5', '--serial', '1'], '--pause: “5” has no unit: write 5ms or 5s'],
    [['--pause', '2d', '--serial', '1'], '--pause: "2d" is not more than 0 and at most 1d'],
    [['--retries', '-1'], '--retries: "-1" is not a number from 0 to 100'],
    [['--retries', 'many'], '--retries: "many" is not a number from 0 to 100'],
    [['--confirm-over', '1.5'], '--confirm-over: "1.5" is not a number from 0 to 1000000'],
  ])('%j is refused before anything runs', async (words, message) => {
    const { status, stderr, stdout } = await muster([
      'run',
      '-i',
      inventory,
      'web-1',
      ...words,
      '--',
      'true',
    ]);
    expect({ status, stdout, stderr }).toEqual({ status: 2, stdout: '', stderr: `muster: ${message}\n` });
  });
});
