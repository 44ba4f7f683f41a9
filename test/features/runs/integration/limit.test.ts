import { access, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { endOf, muster, startMuster, startOnTerminal } from '../../../harness/musterCli';
import { type Sshd, SshdFarm } from '../../../harness/sshd';
import { sshdInventory } from '../../../harness/sshdInventory';
import { until } from '../../../harness/until';

let farm: SshdFarm;
let daemon: Sshd;
let inventory: string;
let text: string;
let scratch: string;
/** Where the runs of a test are kept. */
let env: { XDG_STATE_HOME: string };

beforeAll(async () => {
  farm = await SshdFarm.create();
  daemon = await farm.start();
  const names = ['web-1', 'web-2', 'web-3', 'db-1'];
  const files = await sshdInventory(
    farm,
    names.map((name) => ({ name, daemon, labels: `{ tier: ${name.slice(0, -2)} }` })),
  );
  await farm.write('known_hosts', files.known_hosts);
  text = `${files['muster.yaml']}  gone: { address: 127.0.0.1, ssh: { port: 1 } }\n`;
  inventory = await farm.write('muster.yaml', text);
  scratch = await mkdtemp(join(tmpdir(), 'muster-limit-'));
});

afterAll(async () => {
  await farm[Symbol.asyncDispose]();
  await rm(scratch, { recursive: true });
});

beforeEach(async () => {
  env = { XDG_STATE_HOME: await mkdtemp(join(scratch, 'state-')) };
});

const run = (words: readonly string[], file = inventory) => muster(['run', '-i', file, ...words], { env });
const hostsOf = async (words: readonly string[], file?: string) => {
  const { stdout, stderr, status } = await run([...words, '--json', '--', 'true'], file);
  const names = stdout && JSON.parse(stdout).results.map(({ host }: { host: string }) => host);
  return { names, stderr, status };
};
const keptFile = async () => {
  const folder = join(env.XDG_STATE_HOME, 'muster', 'runs');
  const [name] = await readdir(folder);
  return join(folder, name!);
};

/** Runs a command that does not end, and sends `muster` the signal once it runs on its host. */
async function runUntil(signal: NodeJS.Signals): Promise<void> {
  const mark = join(scratch, signal);
  const child = startMuster(['run', '-i', inventory, 'web-1', '--', `touch ${mark}; sleep 600`], { env });
  const ended = endOf(child);
  await until('the command', () =>
    access(mark).then(
      () => true,
      () => false,
    ),
  );
  child.kill(signal);
  await ended;
}

describe('--limit with a selector', () => {
  it('leaves of the selected hosts those that it selects as well', async () => {
    expect((await hostsOf(['web-*', '--limit', '!web-2'])).names).toEqual(['web-1', 'web-3']);
    expect((await hostsOf(['web-*', 'db-1', '--limit', 'tier=db', '--limit', 'web-3'])).names).toEqual([
      ...['web-3', 'db-1'],
    ]);
  });

  it('is an error where it leaves none, or names what is not there', async () => {
    const none = await hostsOf(['web-*', '--limit', 'db-1']);
    expect(none).toMatchObject({
      status: 2,
      stderr: 'muster: --limit db-1: none of the selected hosts is among these\n',
    });
    const unknown = await hostsOf(['web-*', '--limit', 'wbe-1']);
    expect(unknown).toMatchObject({ status: 2, stderr: expect.stringContaining('wbe-1') });
  });
});

describe('--limit @failed', () => {
  it('is the hosts of the last run on which it failed or which were not reached, and says of which run', async () => {
    await run(['all', '--', 'test $$ -lt 0']);
    await run(['web-1', 'db-1', 'gone', '--', 'true']);
    const { names, stderr, status } = await hostsOf(['all', '--limit', '@failed']);
    expect(names).toEqual(['gone']);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^@failed: 1 of 3 hosts in the run of \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC \(true\)\n/,
    );
  });

  it('is taken together with other conditions', async () => {
    await run(['all', '--', 'false']);
    expect((await hostsOf(['all', '--limit', '@failed,tier=web'])).names).toEqual([
      'web-1',
      'web-2',
      'web-3',
    ]);
    await run(['all', '--', 'false']);
    expect((await hostsOf(['db-1', '--limit', '@failed'])).names).toEqual(['db-1']);
    await run(['web-1', '--', 'false']);
    expect((await hostsOf(['web-*', '--limit', '!@failed'])).names).toEqual(['web-2', 'web-3']);
  });

  it('counts hosts that were not started, and those on which the command was stopped', async () => {
    await run(['all', '--fail-fast', '-c', '1', '--', 'false']);
    const { names } = await hostsOf(['all', '--limit', '@failed']);
    expect(names).toEqual(['web-1', 'web-2', 'web-3', 'db-1', 'gone']);
    await runUntil('SIGINT');
    expect((await hostsOf(['all', '--limit', '@failed'])).names).toEqual(['web-1']);
  });

  it('is an error where no host failed, where there was no run, and where the run was cut off', async () => {
    const first = await hostsOf(['all', '--limit', '@failed']);
    expect(first).toMatchObject({ status: 2, names: '' });
    expect(first.stderr).toMatch(
      /which hosts failed is unknown: no run of this inventory by this user is known/,
    );
    await run(['web-1', '--', 'true']);
    const none = await hostsOf(['all', '--limit', '@failed']);
    expect(none).toMatchObject({ status: 2, names: '' });
    expect(none.stderr).toMatch(/--limit @failed: no host failed in the last run, of .* on 1 host \(true\)/);
    await runUntil('SIGKILL');
    expect((await hostsOf(['all', '--limit', '@failed'])).stderr).toMatch(
      /unknown: the last run, .*, is under way or was cut off/,
    );
  });

  it('is of this inventory, under whatever name it is given', async () => {
    await run(['web-1', '--', 'false']);
    const other = await farm.write('other.yaml', text);
    expect((await hostsOf(['all', '--limit', '@failed'], other)).stderr).toMatch(
      /unknown: no run of this inventory/,
    );
    const { names } = await hostsOf(
      ['all', '--limit', '@failed'],
      join(farm.directory, '..', farm.directory.split('/').at(-1)!, 'muster.yaml'),
    );
    expect(names).toEqual(['web-1']);
  });

  it('leaves out hosts that are no longer in the inventory, and says so', async () => {
    const shrinking = await farm.write('shrinking.yaml', text);
    await run(['web-1', 'gone', '--', 'false'], shrinking);
    await farm.write('shrinking.yaml', text.replace(/^ {2}gone.*\n/m, ''));
    const { names, stderr } = await hostsOf(['all', '--limit', '@failed'], shrinking);
    expect(names).toEqual(['web-1']);
    expect(stderr).toContain('1 of them has left the inventory\n');
  });

  it('is not a group of the inventory', async () => {
    const grouped = await farm.write('grouped.yaml', `${text}groups: { failed: { hosts: [web-1] } }\n`);
    expect((await hostsOf(['all', '--limit', '@failed'], grouped)).status).toBe(2);
    expect((await hostsOf(['all', '--limit', 'failed'], grouped)).names).toEqual(['web-1']);
  });

  it('is kept for the user alone, without input, environment, output or a command that holds a secret', async () => {
    const secret = 'hunter2secret';
    await run(['web-1', '--env', `PASSWORD=${secret}`, '--', `echo ${secret}; mysql -p${secret}; false`]);
    const file = await keptFile();
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(join(file, '..'))).mode & 0o777).toBe(0o700);
    const kept = await readFile(file, 'utf8');
    expect(kept).not.toContain(secret);
    expect(JSON.parse(kept)).toEqual({
      ...{ version: 1, startedAt: expect.any(String), command: 'a command with a secret', total: 1 },
      failed: ['web-1'],
    });
  });

  it.each([
    '',
    '{}',
    '[]',
    '{"version":1,"startedAt":"x","command":"","total":1}',
    '{"version":1,"startedAt":"2026-01-01","command":"","total":1,"failed":[1]}',
  ])('is unknown where %j is what was kept', async (content) => {
    await run(['web-1', '--', 'false']);
    await writeFile(await keptFile(), content);
    const { status, stderr } = await hostsOf(['all', '--limit', '@failed']);
    expect(status).toBe(2);
    expect(stderr).toMatch(/which hosts failed is unknown: cannot read .*: it is not what Muster wrote/);
  });

  it('does not fail a run whose hosts cannot be kept, which is said', async () => {
    await mkdir(join(env.XDG_STATE_HOME, 'muster'));
    await writeFile(join(env.XDG_STATE_HOME, 'muster', 'runs'), '');
    const { status, stderr } = await run(['web-1', '--', 'true']);
    expect(status).toBe(0);
    expect(stderr).toMatch(/^muster: --limit @failed will not know this run: cannot write /);
  });
});

describe('--confirm-over', () => {
  it('asks at the terminal on how many hosts, and runs after a yes only', async () => {
    const words = ['run', '-i', inventory, 'web-*', '--confirm-over', '2', '--', 'echo ran'];
    for (const [answer, status, said] of [
      ['y', 0, 'exit 0'],
      ['n', 1, 'Nothing was run.'],
      ['', 1, 'Nothing was run.'],
    ] as const) {
      const child = startOnTerminal(words, { env });
      let screen = '';
      child.stdout.on('data', (chunk: Buffer) => (screen += chunk.toString()));
      await until('the question', () => screen.includes('Run the command on 3 hosts: web-[1-3]? [y/N] '));
      const ended = endOf(child);
      child.stdin.write(`${answer}\r`);
      expect((await ended).status).toBe(status);
      expect(screen).toContain(said);
    }
  });

  it('does not ask for fewer hosts, nor with --yes', async () => {
    expect((await run(['web-*', '--confirm-over', '3', '--', 'true'])).status).toBe(0);
    expect((await run(['web-*', '--confirm-over', '2', '--yes', '--', 'true'])).status).toBe(0);
  });

  it('refuses where there is nobody to ask, and counts after --limit', async () => {
    // A session of its own has no controlling terminal.
    const child = startMuster(['run', '-i', inventory, 'web-*', '--confirm-over', '2', '--', 'true'], {
      env,
      detached: true,
    });
    const { status, stderr, stdout } = await endOf(child);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toBe(
      'muster: Run the command on 3 hosts: web-[1-3]? There is nobody to ask: give --yes.\n',
    );
    expect((await run(['web-*', '--limit', 'web-1', '--confirm-over', '2', '--', 'true'])).status).toBe(0);
  });
});
