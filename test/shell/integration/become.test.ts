import { execFile } from 'node:child_process';
import { chmod, chown, mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import path from 'node:path';
import { promisify, stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rightPassword, withAccounts } from '../../harness/accounts';
import { endOf, muster, startOnTerminal } from '../../harness/musterCli';
import { type Sshd, SshdFarm } from '../../harness/sshd';
import { shellQuote } from '../../../src/platform/text/shellQuote';
import { until } from '../../harness/until';

const execute = promisify(execFile);

const accounts = ['deploy', 'free'].map((name, index) => ({ name, uid: 4101 + index }));
const sudoers = [
  'Defaults env_reset, use_pty, !lecture, timestamp_timeout=0',
  'root ALL=(ALL:ALL) ALL',
  'deploy ALL=(ALL:ALL) ALL',
  'free ALL=(ALL:ALL) NOPASSWD: ALL',
].join('\n');

describe.runIf(userInfo().uid === 0)('--become', () => {
  let farm: SshdFarm;
  let daemon: Sshd;
  let inventory: string;
  let passwordFile: string;
  let env: Record<string, string>;

  beforeAll(async () => {
    farm = await SshdFarm.create();
    daemon = await farm.start(await withAccounts(farm, 'accounts', { accounts, sudoers }));
    const home = path.join(farm.directory, 'home');
    await mkdir(path.join(home, '.ssh'), { recursive: true });
    await farm.write('home/.ssh/known_hosts', await daemon.knownHostsLine());
    env = { HOME: home, XDG_STATE_HOME: path.join(home, 'state') };
    passwordFile = await farm.write('password', `${rightPassword}\nanother line\n`);
    await farm.write('secret.log', 'INFO for root only\n');
    const host = (user: string) =>
      `{ address: ${daemon.address}, ssh: { port: ${daemon.port}, user: ${user}, identityFile: ${farm.clientKey} } }`;
    inventory = await farm.write(
      'muster.yaml',
      [
        'defaults: { timeout: 20s }',
        'hosts:',
        ...['web-1', 'web-2', 'db-1'].map((name) => `  ${name}: ${host('deploy')}`),
        `  free-1: ${host('free')}`,
        'groups:',
        '  web: { hosts: web-*, become: true }',
        '  db: { hosts: db-1, become: { user: root } }',
        '  free: { hosts: free-1, become: { password: none } }',
        'checks:',
        '  root: { type: command, run: id -un, become: true, on: "@web", expect: { stdout: root } }',
        `  echo: { type: command, become: true, on: db-1, run: ${JSON.stringify(`echo ${shellQuote(rightPassword)} ${shellQuote(rightPassword.slice(0, 5))}'\x1b[0m'${shellQuote(rightPassword.slice(5))}; exit 1`)} }`,
        'logs:',
        `  secret: { path: ${path.join(farm.directory, 'secret.log')}, become: true, on: web-1 }`,
        '',
      ].join('\n'),
    );
  });

  afterAll(async () => farm[Symbol.asyncDispose]());

  const run = (words: readonly string[], options: { input?: string } = {}) =>
    muster([words[0]!, '-i', inventory, ...words.slice(1)], { env, detached: true, ...options });

  it('takes the password from a file that nobody else can read, and its first line only', async () => {
    const words = [
      'run',
      '@web',
      '--become',
      '--become-password-file',
      passwordFile,
      '--json',
      '--',
      'id -un',
    ];
    const { stdout, stderr, status } = await run(words);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(JSON.parse(stdout).results).toMatchObject([{ stdout: 'root\n' }, { stdout: 'root\n' }]);
    expect(stdout).not.toContain(rightPassword);
    await chmod(passwordFile, 0o640);
    expect(await run(words)).toMatchObject({ status: 2, stderr: expect.stringContaining('others can read') });
    await chmod(passwordFile, 0o600);
  });

  it('takes it from a pipe, and leaves standard input to the command', async () => {
    const pipe = path.join(farm.directory, 'pipe');
    await execute('mkfifo', [pipe]);
    const writing = execute('sh', ['-c', `printf '%s\\n' "$1" >"$2"`, 'sh', rightPassword, pipe]);
    const options = ['--become', '--become-user', 'free', '--become-password-file', pipe];
    const ended = await run(['run', 'web-1', ...options, '--stdin', '-', '--', 'id -un; cat'], {
      input: 'from our own input',
    });
    await writing;
    expect(ended).toMatchObject({ status: 0, stdout: expect.stringContaining('free\n') });
    expect(ended.stdout).toContain('from our own input');
  });

  it('runs a script as another user, and refuses --sudo beside it', async () => {
    const script = await farm.write('script.sh', '#!/bin/sh\nid -un\n');
    const words = ['run', 'web-1', '--become', '--become-password-file', passwordFile, '--script', script];
    expect((await run(words)).stdout).toContain('root\n');
    expect(await run(['run', 'web-1', '--sudo', '--become', '--', 'id'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('either --sudo or --become'),
    });
  });

  it('copies files with their owners into folders that only root may write, and fetches what only root may read', async () => {
    const folder = path.join(farm.directory, 'of-root');
    await mkdir(folder, { mode: 0o700 });
    const source = await farm.write('app.conf', 'new\n');
    await chown(source, 4102, 4102);
    const become = ['--become', '--become-password-file', passwordFile];
    const copy = ['copy', '--owners', source, `web-1:${folder}/`];
    expect(await run(copy)).toMatchObject({ status: 1 });
    expect(await run([...copy, ...become, '--json'])).toMatchObject({ status: 0 });
    expect(await stat(path.join(folder, 'app.conf'))).toMatchObject({ uid: 4102, gid: 4102, size: 4 });
    expect(await readdir(folder)).toEqual(['app.conf']);
    const again = await run([...copy, ...become, '--checksum', '--json']);
    expect(JSON.parse(again.stdout).summary).toMatchObject({ changed: 0, same: 1, bytes: 0 });
    const fetched = path.join(farm.directory, 'fetched');
    expect(await run(['fetch', `web-1:${folder}/app.conf`, fetched, ...become])).toMatchObject({ status: 0 });
    expect(await readFile(path.join(fetched, 'web-1', 'app.conf'), 'utf8')).toBe('new\n');
  });

  it('compares what only root can see', async () => {
    const file = await farm.write('of-root.conf', 'limit 5\n');
    await chmod(file, 0o600);
    const words = ['drift', 'web-1', 'web-2', '--facts', `files=${file}`];
    const unseen = await run(words);
    expect(unseen.status).toBe(3);
    expect(unseen.stdout).toContain('content: not permitted');
    const seen = await run([...words, '--become', '--become-password-file', passwordFile]);
    expect(seen).toMatchObject({ status: 0, stderr: '' });
    expect(seen.stdout).toContain('2 of 2 hosts agree');
    expect(seen.stdout).not.toContain('not permitted');
  });

  it('sends a wrong password to one host, and none to the others', async () => {
    const wrong = await farm.write('wrong', 'wrong\n');
    const words = ['run', '@web', '--become', '--become-password-file', wrong, '--json', '--', 'id'];
    const { stdout, status } = await run(words);
    expect(status).toBe(1);
    const errors = JSON.parse(stdout).results.map(({ error }: { error: { message: string } }) => error);
    expect(errors).toMatchObject([{ code: 'BECOME_REFUSED' }, { code: 'BECOME_REFUSED' }]);
    expect(errors.map(({ message }: { message: string }) => message).sort()).toEqual([
      'a host refused the password that was given, and no other host is sent it',
      'sudo refused the password',
    ]);
  });

  it('is an error before anything is begun where nobody can be asked', async () => {
    const words = ['run', '@web', '--become', '--', 'id'];
    expect(await run(words)).toMatchObject({
      ...{ status: 2, stdout: '' },
      stderr: expect.stringContaining('web-1 may want a password, and there is nobody to ask'),
    });
    const free = await run(['run', 'free-1', '--become', '--', 'id -un']);
    expect(free).toMatchObject({ status: 0, stdout: expect.stringContaining('root\n') });
    expect(await run(['check', '@web'])).toMatchObject({ status: 2 });
  });

  it('does not give one password to the hosts of two declarations', async () => {
    const words = ['run', 'web-1', 'db-1', '--become', '--become-password-file', passwordFile, '--', 'id'];
    expect(await run(words)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('these hosts have several (group web, group db)'),
    });
  });

  it.each([
    [['--become-user', 'app'], /--become-user is for work as another user/],
    [['--become-method', 'su'], /--become-method is for work as another user/],
    [['--become-password-file', '/nowhere'], /--become-password-file is for work as another user/],
    [['--become', '--become-user', '-x'], /is not the name of a user/],
    [['--become', '--become-password-file', '-'], /standard input is that of the commands/],
    [['--become', '--become-password-file', '/nowhere'], /cannot read \/nowhere/],
  ])('says what is wrong with %j', async (options, message) => {
    const { status, stderr } = await run(['run', 'web-1', ...options, '--', 'id']);
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
  });

  it('makes checks that say so as another user', async () => {
    const { status, stdout } = await run(['check', '@web', '--become-password-file', passwordFile]);
    expect(status, stdout).toBe(0);
  });

  it('hides the password in verdicts where a host repeats it', async () => {
    const { stdout } = await run(['check', 'db-1', '--become-password-file', passwordFile]);
    expect(stdout).toContain('expected exit code 0, got exit code 1 and "••• •••"');
  });

  it('reads logs as another user', async () => {
    const words = [
      'logs',
      'web-1',
      '--no-follow',
      '--source',
      'secret',
      '--become-password-file',
      passwordFile,
    ];
    expect(await run(words)).toMatchObject({ status: 0, stdout: expect.stringContaining('for root only') });
    // What counts is which hosts have the source.
    const all = ['logs', ...words.slice(2), '--become'];
    expect(await run(all)).toMatchObject({ status: 0, stdout: expect.stringContaining('for root only') });
    const { stdout } = await run([
      'logs',
      'web-1',
      '--no-follow',
      '--path',
      path.join(farm.directory, 'secret.log'),
    ]);
    expect(stdout).not.toContain('for root only');
  });

  it('captures as another user', async () => {
    const tool = ['--type', 'command', '--run', 'printf "%s;main 3\\n" "$(id -un)"', '--kind', 'profile'];
    const words = ['profile', 'capture', 'web-1', ...tool, '-o', path.join(farm.directory, 'captured')];
    const { status, stderr } = await muster(
      [...words, '-i', inventory, '--duration', '1s', '--become', '--become-password-file', passwordFile],
      { env, detached: true },
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: expect.any(String) });
    expect(await readFile(path.join(farm.directory, 'captured'), 'utf8')).toContain('root;main 3');
  });

  it('asks at the terminal once for each declaration, shows nothing of it, and asks nothing for hosts that need none', async () => {
    const words = ['run', '-i', inventory, 'web-*', 'db-1', 'free-1', '-c', '4', '--become', '--', 'id -un'];
    const child = startOnTerminal(words, { env });
    const ended = endOf(child);
    let screen = '';
    child.stdout.on('data', (chunk: string) => (screen += stripVTControlCharacters(chunk)));
    const answered: string[] = [];
    for (const count of [1, 2]) {
      await until('a question', () => screen.split('Password of deploy for sudo').length > count);
      answered.push(screen);
      child.stdin.write(`${rightPassword}\r`);
    }
    const { status, stdout } = await ended;
    expect(status).toBe(0);
    expect(stdout).not.toContain(rightPassword);
    expect(stdout.split('Password of deploy for sudo')).toHaveLength(3);
    expect(stripVTControlCharacters(stdout)).toContain('root');
  });
});
