import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { stripVTControlCharacters } from 'node:util';
import { join } from 'node:path';
import { userInfo } from 'node:os';
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { EtcdFarm } from '../../harness/etcd';
import { endOf, startOnTerminal } from '../../harness/musterCli';
import { generateKey, type Sshd, SshdFarm } from '../../harness/sshd';
import { until } from '../../harness/until';
import { startPasswordServer } from '../../platform/integration/ssh/passwordServer';

const passphrase = 'correct horse';

let farm: SshdFarm;
let daemon: Sshd;
let inventory: string;
let env: Record<string, string>;

beforeAll(async () => {
  farm = await SshdFarm.create();
  daemon = await farm.start();
  const key = await generateKey(join(farm.directory, 'locked'), 'ed25519', { passphrase });
  await farm.authorize(`${key}.pub`);
  const knownHosts = await farm.write('known_hosts', await daemon.knownHostsLine());
  const host = (name: string, identity: string) =>
    `  ${name}: { address: ${daemon.address}, ssh: { port: ${daemon.port}, user: ${userInfo().username}, identityFile: ${identity}, identitiesOnly: true, knownHosts: ${knownHosts} } }`;
  inventory = await farm.write(
    'muster.yaml',
    `hosts:\n${host('locked', key)}\n${host('open', farm.clientKey)}\n`,
  );
  env = { MUSTER_KNOWN_HOSTS: join(farm.directory, 'own'), SSH_AUTH_SOCK: '' };
});

afterAll(() => farm[Symbol.asyncDispose]());

/** Collects what the terminal shows. */
function watch(child: ChildProcessWithoutNullStreams) {
  const screen = {
    raw: '',
    waitFor: (text: string | RegExp) => until(`“${text}” on the terminal`, () => screen.raw.match(text)),
  };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (screen.raw += chunk));
  const ended = once(child, 'close') as Promise<[number | null]>;
  return { screen, ended };
}

const run = (host: string, ...command: string[]) => ['run', '--inventory', inventory, host, '--', ...command];

describe('a question on the terminal', () => {
  it('is asked until the passphrase is right, and shows nothing of what is typed', async () => {
    const child = startOnTerminal(run('locked', 'echo in'), { env });
    const { screen, ended } = watch(child);
    await screen.waitFor(/passphrase.*: /i);
    child.stdin.write('wrong\r');
    await screen.waitFor(/refused/);
    child.stdin.write(`${passphrase}\r`);
    expect((await ended)[0]).toBe(0);
    expect(stripVTControlCharacters(screen.raw)).toMatch(/locked \(1\) exit 0\s+-+\s+in\s/);
    expect(screen.raw).not.toContain(passphrase);
    expect(screen.raw).not.toContain('wrong');
  });

  it('is asked once, though hosts are found through that host before the work begins', async () => {
    await using etcd = await EtcdFarm.start();
    await etcd.etcdctl('put', '/services/web/web-1', '127.0.0.1');
    const hosts = await readFile(inventory, 'utf8');
    const found = await farm.write(
      'found.yaml',
      `${hosts}etcd: { main: { endpoints: ['${etcd.endpoints[0]}'], through: locked } }
discover: { web: { etcd: main, prefix: /services/web/ } }
`,
    );
    const child = startOnTerminal(['run', '--inventory', found, 'locked', '--', 'echo in'], { env });
    const { screen, ended } = watch(child);
    await screen.waitFor(/passphrase.*: /i);
    child.stdin.write(`${passphrase}\r`);
    expect((await ended)[0]).toBe(0);
    expect(screen.raw.match(/passphrase/gi)).toHaveLength(1);
  });

  it('can be declined with an empty line, which fails the login and not the program', async () => {
    const child = startOnTerminal(run('locked', 'true'), { env });
    const { screen, ended } = watch(child);
    await screen.waitFor(/passphrase.*: /i);
    child.stdin.write('\r');
    expect((await ended)[0]).toBe(1);
    expect(screen.raw).toContain('AUTH');
  });

  it('ends in an interruption with Ctrl-C', async () => {
    const child = startOnTerminal(run('locked', 'true'), { env });
    const { screen, ended } = watch(child);
    await screen.waitFor(/passphrase.*: /i);
    child.stdin.write('\x03');
    expect((await ended)[0]).toBe(130);
    expect(screen.raw).toContain('1 not started');
  });

  it('is asked for each server of one login, and says where the answer goes where a project has a say', async () => {
    const key = daemon.hostKeys[0]!;
    await using server = await startPasswordServer(key, ['password']);
    const line = await daemon.knownHostsLine(key, `[127.0.0.1]:${server.port}`);
    const home = join(farm.directory, 'home');
    await mkdir(join(home, '.ssh'), { recursive: true });
    await writeFile(join(home, '.ssh', 'known_hosts'), line);
    const relay = `exec ${process.execPath} -e 'const s=require("net").connect(%p,"%h");process.stdin.pipe(s);s.pipe(process.stdout)'`;
    const login = `address: 127.0.0.1, ssh: { port: ${server.port}, user: ops, identityFile: [], identitiesOnly: true`;
    const file = await farm.write(
      'logins.yaml',
      `hosts:\n  honest: { ${login} } }\n  relayed: { ${login}, proxyCommand: ${JSON.stringify(relay)} } }\n`,
    );
    const child = startOnTerminal(['run', '--inventory', file, 'all', '--concurrency', '1', '--', 'true'], {
      env: { ...env, HOME: home },
    });
    const { screen, ended } = watch(child);
    await screen.waitFor(/Password for ops@127\.0\.0\.1:\d+: /);
    child.stdin.write('secret\r');
    await screen.waitFor(
      /Password for ops@127\.0\.0\.1:\d+ \(Identified by: SHA256:[\w+/]{43}; Reached through: \$ exec .*\): /,
    );
    child.stdin.write('\r');
    expect((await ended)[0]).toBe(1);
    expect(server.tried.filter((one) => one.startsWith('password'))).toEqual(['password:secret']);
  });

  it('is not asked where there is no terminal', async () => {
    const args = [inject('cli'), ...run('locked', 'true')];
    // A session of its own has no controlling terminal.
    const child = spawn(process.execPath, args, { env: { ...process.env, ...env }, detached: true });
    const { status, stdout } = await endOf(child);
    expect(status).toBe(1);
    expect(stdout).toContain('AUTH');
  });
});

describe('the terminal', () => {
  it('shows the progress while it lasts and takes it away for the report', async () => {
    const child = startOnTerminal(run('open', 'sleep 1; echo done'), { env });
    const { screen, ended } = watch(child);
    await screen.waitFor('0/1');
    expect((await ended)[0]).toBe(0);
    const shown = screen.raw.slice(screen.raw.lastIndexOf('\x1b[?25h', screen.raw.indexOf('done')));
    expect(shown).not.toContain('0/1');
  });

  it('gets the colours of hosts and nothing else that it would obey', async () => {
    const hostile = String.raw`printf 'a\033[2Jb\033]0;title\007\033[31mred\033[0m\r\n'`;
    const child = startOnTerminal(run('open', hostile), { env });
    const { screen, ended } = watch(child);
    await ended;
    expect(screen.raw).toContain('ab\x1b[31mred\x1b[0m');
    expect(screen.raw).not.toContain('\x1b[2J');
    expect(screen.raw).not.toContain('\x1b]');
  });
});

describe.each([
  ['TERM=dumb', { TERM: 'dumb' }],
  ['NO_COLOR', { NO_COLOR: '1' }],
])('with %s', (_name, plain) => {
  const plainly = (args: readonly string[]) => startOnTerminal(args, { env: { ...env, ...plain } });

  it.each([
    ['run', 'printf "\\033[31mred\\033[m"; sleep 1'],
    ['run --diff', 'echo $$; sleep 1'],
  ])('muster %s sends no escape sequence', async (words, command) => {
    const [name, ...options] = words.split(' ');
    const child = plainly([name!, '--inventory', inventory, 'open', ...options, '--', command]);
    const { screen, ended } = watch(child);
    expect((await ended)[0]).toBe(0);
    expect(screen.raw).toContain('1 host: 1 ok');
    expect(screen.raw).not.toContain('\x1b');
  });

  it.each([
    [['hosts']],
    [['hosts', '--json']],
    [['check']],
    [['--help']],
    [['run', '--help']],
    [['nonsense']],
  ])('muster %j sends no escape sequence', async (args) => {
    const named = args[0] === 'hosts' || args[0] === 'check' ? ['--inventory', inventory] : [];
    const { screen, ended } = watch(plainly([...args, ...named]));
    await ended;
    expect(screen.raw).not.toBe('');
    expect(screen.raw).not.toContain('\x1b');
  });

  it('a passphrase is asked for without one', async () => {
    const child = plainly(run('locked', 'sleep 1; echo in'));
    const { screen, ended } = watch(child);
    await screen.waitFor(/passphrase.*: /i);
    child.stdin.write(`${passphrase}\r`);
    expect((await ended)[0]).toBe(0);
    expect(screen.raw).not.toContain('\x1b');
  });
});

it('with NO_COLOR the progress is drawn over itself all the same, and taken away', async () => {
  const child = startOnTerminal(run('open', 'sleep 1; echo done'), { env: { ...env, NO_COLOR: '1' } });
  const { screen, ended } = watch(child);
  await screen.waitFor('0/1');
  await ended;
  const before = screen.raw.slice(0, screen.raw.indexOf('-----'));
  expect(before.split('\r').at(-1)).toBe('');
});
