import { once } from 'node:events';
import { chmod, readFile, stat } from 'node:fs/promises';
import { constants, userInfo } from 'node:os';
import { join } from 'node:path';
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { EtcdFarm } from '../../../harness/etcd';
import { type CliOptions, endOf, muster, startMuster, startOnTerminal } from '../../../harness/musterCli';
import { SshdFarm } from '../../../harness/sshd';
import { until } from '../../../harness/until';
import { bytes, connect } from './etcdFixture';

let farm: EtcdFarm;
let ssh: SshdFarm;
let inventory: string;
let env: Record<string, string>;

beforeAll(async () => {
  [farm, ssh] = await Promise.all([EtcdFarm.start(), SshdFarm.create()]);
  const daemon = await ssh.start();
  const knownHosts = await ssh.write('known_hosts', await daemon.knownHostsLine());
  env = { MUSTER_KNOWN_HOSTS: join(ssh.directory, 'own'), SSH_AUTH_SOCK: '' };
  const [endpoint] = farm.endpoints;
  inventory = await ssh.write(
    'muster.yaml',
    `hosts:
  bastion: { address: ${daemon.address}, ssh: { port: ${daemon.port}, user: ${userInfo().username}, identityFile: ${ssh.clientKey}, identitiesOnly: true, knownHosts: ${knownHosts} } }
etcd:
  main: { endpoints: ['${endpoint}'], prefix: /listed/ }
  readable: { endpoints: ['${endpoint}'], readOnly: true }
  careful: { endpoints: ['${endpoint}'], protected: true }
  tunnelled: { endpoints: ['${endpoint}'], through: bastion }
`,
  );
});

afterAll(async () => {
  await farm[Symbol.asyncDispose]();
  await ssh[Symbol.asyncDispose]();
});

const words = (command: string, ...args: string[]) => ['etcd', command, '--inventory', inventory, ...args];
const on = (cluster: string, command: string, args: string[], options: CliOptions = {}) =>
  muster(words(command, '--cluster', cluster, ...args), { env, ...options });
const etcd = (command: string, ...args: string[]) => on('main', command, args);
const onScreen = (child: ChildProcessWithoutNullStreams) => {
  const screen = { raw: '', ended: once(child, 'close') as Promise<[number | null]> };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (screen.raw += chunk));
  return screen;
};

async function revisionOf(key: string): Promise<number> {
  const found = JSON.parse(await farm.etcdctl('get', key, '-w', 'json')) as {
    kvs: [{ mod_revision: number }];
  };
  return found.kvs[0].mod_revision;
}

describe('muster etcd put, get and ls', () => {
  it('keep every byte of keys and values, as etcdctl reads them', async () => {
    const keys = ['/bytes/with space', '/bytes/two\nlines', '/bytes/😀/ü', '/bytes//a/../%2F', ' '];
    for (const key of keys) {
      expect(await on('main', 'put', [key], { input: `value\0of ${key}\n` })).toMatchObject({ status: 0 });
      expect(await farm.etcdctl('get', '--print-value-only', '--', key)).toBe(`value\0of ${key}\n\n`);
      expect(await etcd('get', key)).toMatchObject({ status: 0, stdout: `value\0of ${key}\n` });
    }
    const { stdout } = await etcd('ls', '/bytes/', '--null');
    expect(stdout.split('\0').slice(0, -1)).toEqual(keys.slice(0, -1).sort());
    const listed = JSON.parse((await etcd('ls', '', '--json')).stdout) as { key: string }[];
    expect(listed.map(({ key }) => key)).toEqual([...keys].sort());
  });

  it('print values that are no text in Base64, and keys that are none by their escapes', async () => {
    const put = await on('main', 'put', ['--escaped', '/raw/\\xff\\x5c', '-'], { input: 'a\0b' });
    expect(put.status).toBe(0);
    const { stdout } = await etcd('get', '-e', '/raw/\\xff\\x5c', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      keyBase64: Buffer.from('/raw/\xff\\', 'latin1').toString('base64'),
      valueBase64: 'YQBi',
      version: 1,
    });
  });

  it('list the prefix of the cluster, page by page, and the past', async () => {
    const names = Array.from({ length: 1500 }, (_, index) => `/listed/${String(index).padStart(4, '0')}`);
    await using cluster = await connect(farm.endpoints);
    for (let begin = 0; begin < names.length; begin += 100)
      await cluster.apply(
        names.slice(begin, begin + 100).map((key) => ({ type: 'put', key: bytes(key), value: bytes('') })),
      );
    const before = await revisionOf('/listed/1499');
    expect(await etcd('del', '/listed/1499')).toMatchObject({ status: 0 });
    expect((await etcd('ls')).stdout).toBe(`${names.slice(0, -1).join('\n')}\n`);
    const past = await etcd('ls', '/listed/', '--rev', String(before), '--ndjson');
    expect(past.stdout.trimEnd().split('\n')).toHaveLength(1500);
    const taken = startMuster(words('ls', '--cluster', 'main'), { env });
    taken.stdout.once('data', () => taken.stdout.destroy());
    const [status] = (await once(taken, 'exit')) as [number];
    expect([0, 141]).toContain(status);
  });

  it('fail with status 1 for a key that is not there', async () => {
    expect(await etcd('get', '/nowhere')).toEqual({
      status: 1,
      stdout: '',
      stderr: 'muster: /nowhere does not exist\n',
    });
    expect(await etcd('get', '/nowhere', '--json')).toMatchObject({ status: 1, stdout: 'null\n' });
    expect(await etcd('del', '/nowhere')).toMatchObject({ status: 1 });
  });

  it('go through a host of the inventory', async () => {
    expect(await on('tunnelled', 'put', ['/far', 'away'])).toMatchObject({ status: 0, stderr: '' });
    expect(await farm.etcdctl('get', '--print-value-only', '/far')).toBe('away\n');
  });

  it('keep the lease of a key, or give it a new one', async () => {
    await etcd('put', '/leased', 'first', '--ttl', '10m');
    const lease = JSON.parse((await etcd('get', '/leased', '--json')).stdout).lease as string;
    expect(await farm.etcdctl('lease', 'timetolive', lease)).toContain('granted with TTL(600s)');
    await etcd('put', '/leased', 'second');
    const modRevision = await revisionOf('/leased');
    expect(JSON.parse((await etcd('get', '/leased', '--json')).stdout)).toMatchObject({
      ...{ lease, version: 2, modRevision },
    });
  });

  it('show on a terminal what does nothing to it', async () => {
    await on('main', 'put', ['/hostile\x1b]0;title\x07'], { input: '\x1b[2Jwiped\u202e' });
    await on('main', 'put', ['/hostile-bytes'], { input: '\x1b[2J\0' });
    for (const command of [
      ['ls', '/hostile'],
      ['get', '/hostile\x1b]0;title\x07'],
      ['get', '/hostile-bytes'],
    ]) {
      const child = startOnTerminal(words(command[0]!, '--cluster', 'main', ...command.slice(1)), { env });
      const screen = onScreen(child);
      expect((await screen.ended)[0]).toBe(0);
      expect(screen.raw).not.toMatch(/\x1b\[2J|\x1b\]0|\u202e/);
      expect(screen.raw).toMatch(/\\x1b\]0;title\\x07|wiped|00000000 {2}1b 5b 32 4a 00/);
    }
  });
});

describe('a guarded write', () => {
  it('is done while the revision is the one expected, and else prints what is there', async () => {
    expect(await etcd('put', '/guarded', 'mine', '--if-revision', '0')).toMatchObject({ status: 0 });
    const revision = await revisionOf('/guarded');
    await farm.etcdctl('put', '/guarded', 'theirs');
    const late = await etcd('put', '/guarded', 'mine again', '--if-revision', String(revision));
    expect(late).toMatchObject({ status: 1, stdout: 'theirs' });
    expect(late.stderr).toBe(
      `muster: conflict: /guarded is at revision ${revision + 1}, not ${revision}. Nothing was written.\n`,
    );
    const asJson = await etcd('del', '/guarded', '--if-revision', String(revision), '--json');
    expect(asJson.status).toBe(1);
    expect(JSON.parse(asJson.stdout)).toMatchObject({
      key: '/guarded',
      conflict: { expected: revision, current: { value: 'theirs', modRevision: revision + 1 } },
    });
    expect(await farm.etcdctl('get', '--print-value-only', '/guarded')).toBe('theirs\n');
  });

  it('is refused by a cluster that is read-only, before anything is asked or read', async () => {
    for (const args of [
      ['put', '/x', 'y'],
      ['del', '/x'],
      ['del', '/x', '--prefix', '--yes'],
    ]) {
      const { status, stderr } = await on('readable', args[0]!, args.slice(1));
      expect(status).toBe(2);
      expect(stderr).toContain('the cluster readable is read-only');
    }
    expect(await on('readable', 'get', ['/far'])).toMatchObject({ status: 0, stdout: 'away' });
  });

  it('of a protected cluster wants an answer on the terminal, or --yes', async () => {
    expect(await on('careful', 'put', ['/asked', 'v', '--yes'])).toMatchObject({ status: 0 });
    for (const [answer, expected] of [
      ['n', 1],
      ['y', 0],
    ] as const) {
      const child = startOnTerminal(words('del', '--cluster', 'careful', '/asked'), { env });
      const screen = onScreen(child);
      await until('a question', () => screen.raw.includes('Delete /asked from careful? [y/N]'));
      child.stdin.write(`${answer}\r`);
      expect((await screen.ended)[0]).toBe(expected);
      expect(stripVTControlCharacters(screen.raw)).toContain(
        answer === 'y' ? '1 key deleted' : 'Nothing was written.',
      );
    }
  });

  it('of a whole prefix tells how many keys it is about', async () => {
    for (const name of ['a', 'b', 'c']) await farm.etcdctl('put', `/many/${name}`, name);
    const child = startOnTerminal(words('del', '--cluster', 'main', '/many/', '--prefix'), { env });
    const screen = onScreen(child);
    await until('a question', () => screen.raw.includes('Delete 3 keys beginning with /many/ from main?'));
    await farm.etcdctl('put', '/many/d', 'meanwhile');
    child.stdin.write('y\r');
    expect((await screen.ended)[0]).toBe(1);
    expect(screen.raw).toContain('keys were written meanwhile');
    const done = await etcd('del', '/many/', '--prefix', '--yes', '--json');
    expect(JSON.parse(done.stdout)).toMatchObject({ deleted: 4 });
    expect(await etcd('del', '', '--prefix', '--yes')).toMatchObject({ status: 2 });
  });
});

describe('muster etcd diff', () => {
  it('compares two prefixes by content, also of two clusters', async () => {
    const values = {
      '/a/same': '1',
      '/b/same': '1',
      '/a/other': 'x\ny\n',
      '/b/other': 'x\nz\n',
      '/a/left': 'l',
    };
    for (const [key, value] of Object.entries(values)) await farm.etcdctl('put', key, value);
    const { status, stdout, stderr } = await etcd('diff', '/a/', 'readable:/b/');
    expect({ status, stderr }).toEqual({ status: 1, stderr: '2 keys differ\n' });
    expect(stdout).toContain('--- main:/a/other\n+++ readable:/b/other\n@@ -1,2 +1,2 @@\n x\n-y\n+z\n');
    expect(stdout).toContain('--- main:/a/left\n+++ /dev/null\n');
    const asJson = JSON.parse((await etcd('diff', '/b/', '/a/', '--json')).stdout) as object[];
    expect(asJson).toMatchObject([
      { name: 'left', change: 'added', b: { value: 'l' } },
      { name: 'other', change: 'changed', a: { value: 'x\nz\n' }, b: { value: 'x\ny\n' } },
    ]);
    expect(await etcd('diff', '/a/', '/a/')).toEqual({ status: 0, stdout: '', stderr: '' });
  });
});

describe('muster etcd history', () => {
  it('goes back to the creation of the key, or to the compaction', async () => {
    for (const value of ['one', 'two', 'three']) await farm.etcdctl('put', '/told', value);
    const newest = await revisionOf('/told');
    const whole = await etcd('history', '/told', '--json');
    expect(JSON.parse(whole.stdout)).toMatchObject({
      key: '/told',
      revisions: [
        { value: 'three', modRevision: newest, version: 3 },
        { value: 'two', modRevision: newest - 1, version: 2 },
        { value: 'one', modRevision: newest - 2, version: 1 },
      ],
      end: 'created',
    });
    await etcd('del', '/told');
    // A key that was deleted has its history all the same.
    const gone = await etcd('history', '/told');
    expect(gone.status).toBe(0);
    expect(gone.stdout.split('\n').map((line) => line.replace(/ .* /, ' … '))).toEqual([
      ...[`${newest + 1} … deleted`, `${newest} … three`, `${newest - 1} … two`, `${newest - 2} … one`, ''],
    ]);
    expect(JSON.parse((await etcd('history', '/told', '--json', '--limit', '1')).stdout)).toMatchObject({
      revisions: [{ key: '/told', modRevision: newest + 1, deleted: true }],
    });
    expect(await etcd('history', '/never')).toMatchObject({
      ...{ status: 1, stderr: expect.stringContaining('no state of it') },
    });
    await farm.compact(newest);
    const left = await etcd('history', '/told', '--rev', String(newest));
    expect(left).toMatchObject({ status: 0, stdout: `${newest}  version 3, 5 bytes  three\n` });
    expect(left.stderr).toContain('compacted');
  });
});

describe('muster etcd watch', () => {
  it('prints each change once, in order, over a restart of etcd', async () => {
    const child = startMuster(words('watch', '--cluster', 'main', '/watched/'), { env });
    const ended = endOf(child);
    const lines: Record<string, unknown>[] = [];
    let rest = '';
    child.stdout.on('data', (chunk: string) => {
      const parts = (rest + chunk).split('\n');
      rest = parts.pop()!;
      lines.push(...parts.map((line) => JSON.parse(line) as Record<string, unknown>));
    });
    const isTold = (event: string) => until(event, () => lines.some((line) => line.event === event));
    await isTold('connected');
    await farm.etcdctl('put', '/watched/a', '1');
    await on('main', 'put', ['/watched/a'], { input: '\0' });
    await until('two events', () => lines.length === 3);
    await farm.members[0]!.stop();
    await isTold('disconnected');
    await farm.members[0]!.start();
    await farm.healthy();
    await farm.etcdctl('del', '/watched/a');
    await isTold('resumed');
    const lease = /lease (\w+)/.exec(await farm.etcdctl('lease', 'grant', '600'))![1]!;
    await farm.etcdctl('put', `--lease=${lease}`, '/watched/leased', 'for a while');
    await farm.etcdctl('lease', 'revoke', lease);
    await until('all events', () => lines.some(({ leaseExpired }) => leaseExpired));
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ status: 130, stderr: '' });
    const first = (lines[0] as { revision: number }).revision;
    expect(lines.filter(({ event }) => event === undefined)).toEqual([
      { revision: first + 1, type: 'put', key: '/watched/a', value: '1' },
      { revision: first + 2, type: 'put', key: '/watched/a', valueBase64: 'AA==', prevValue: '1' },
      { revision: first + 3, type: 'delete', key: '/watched/a', prevValueBase64: 'AA==' },
      { revision: first + 4, type: 'put', key: '/watched/leased', value: 'for a while' },
      {
        revision: first + 5,
        type: 'delete',
        key: '/watched/leased',
        prevValue: 'for a while',
        leaseExpired: true,
      },
    ]);
    const control = lines.filter(({ event }) => event !== undefined);
    expect(control).toMatchObject([
      { event: 'connected', endpoint: farm.endpoints[0], revision: first },
      { event: 'disconnected', revision: first + 2, error: { code: expect.any(String) } },
      { event: 'resumed', endpoint: farm.endpoints[0], awayMs: expect.any(Number) },
    ]);
  });

  it('tells which revisions are unknown, and what they came to', async () => {
    await farm.etcdctl('put', '/gap/a', '1');
    const begin = await revisionOf('/gap/a');
    await farm.etcdctl('put', '/gap/a', '2');
    await farm.compact(begin + 1);
    const child = startMuster(words('watch', '--cluster', 'main', '/gap/', '--rev', String(begin)), { env });
    const ended = endOf(child);
    let seen = '';
    child.stdout.on('data', (chunk: string) => (seen += chunk));
    await until('connected', () => seen.includes('"connected"'));
    child.kill('SIGTERM');
    const { status, stdout } = await ended;
    expect(status).toBe(143);
    const records = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(records).toMatchObject([
      { event: 'gap', from: begin, to: begin + 1, reason: 'compacted' },
      { event: 'difference', type: 'put', key: '/gap/a', value: '2' },
      { event: 'converged', revision: begin + 1 },
      { event: 'connected', revision: begin + 1 },
    ]);
  });
});

describe('what goes wrong', () => {
  it('is said on standard error with status 1: nobody there', async () => {
    const file = await ssh.write('gone.yaml', 'etcd:\n  gone: { endpoints: ["127.0.0.1:1"] }\n');
    const { status, stdout, stderr } = await muster(['etcd', 'ls', '-i', file]);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^muster: 127\.0\.0\.1:1: REFUSED: /);
  });

  it.each([
    [['ls', '--cluster', 'other'], 'there is no cluster other'],
    [['ls'], 'name one of the clusters with --cluster: main, readable'],
    [['get', '--cluster', 'main', ''], 'one byte at least'],
    [['get', '--cluster', 'main', 'x', '--rev', 'now'], '--rev'],
    [['put', '--cluster', 'main', 'x', 'y', '--ttl', '5'], '--ttl'],
    [['frob'], 'frob'],
  ])('is bad usage with status 2: %j', async (args, reason) => {
    const { status, stdout, stderr } = await muster(words(args[0]!, ...args.slice(1)), { env });
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(reason);
  });

  it('is a wrong password, which is asked for again and never shown', async () => {
    await using own = await EtcdFarm.start();
    await own.enableAuth({ sre: { password: 'correct horse', prefix: '/mine/', may: 'readwrite' } });
    const file = await ssh.write(
      'auth.yaml',
      `etcd:\n  main: { endpoints: ['${own.endpoints[0]}'], username: sre }\n`,
    );
    const child = startOnTerminal(['etcd', 'put', '-i', file, '/mine/a', 'v'], { env });
    const screen = onScreen(child);
    await until('a question', () => /Password of sre .*main: /.test(screen.raw));
    child.stdin.write('wrong\r');
    await until('the question again', () => screen.raw.includes('refused'));
    child.stdin.write('correct horse\r');
    expect((await screen.ended)[0]).toBe(0);
    expect(screen.raw).toContain('/mine/a written at revision');
    expect(screen.raw).not.toMatch(/wrong|correct horse/);
    const unasked = await muster(['etcd', 'get', '-i', file, '/mine/a']);
    expect(unasked).toMatchObject({ status: 1, stdout: '', stderr: expect.stringContaining('AUTH') });
  });
});

describe('a password from a program', () => {
  let own: EtcdFarm;
  let file: string;
  const secret = 'correct horse';

  beforeAll(async () => {
    own = await EtcdFarm.start();
    const user = { password: secret, may: 'readwrite' } as const;
    await own.enableAuth({ sre: { ...user, prefix: '/mine/' } });
    const cluster = `{ endpoints: ['${own.endpoints[0]}'], username: sre }`;
    const other = `{ endpoints: ['${own.endpoints[0]}'], username: root }`;
    file = await ssh.write('given.yaml', `etcd:\n  main: ${cluster}\n  other: ${other}\n`);
  });
  afterAll(() => own[Symbol.asyncDispose]());

  const given = (args: string[], options: CliOptions = {}) =>
    muster(['etcd', args[0]!, '-i', file, '--cluster', 'main', ...args.slice(1)], options);
  /** As a shell has it: descriptor 3 is a pipe from `source`, or what `redirection` says. */
  const onDescriptor = (args: string[], redirection: string, env: Record<string, string> = {}) => {
    const line = '"$0" "$@" ' + redirection;
    const command = [inject('cli'), 'etcd', args[0]!, '-i', file, '--cluster', 'main', ...args.slice(1)];
    const child = spawn('bash', ['-c', `exec ${line}`, process.execPath, ...command], {
      env: { ...process.env, NO_COLOR: '1', ...env },
      stdio: 'pipe',
    });
    return { child, ended: endOf(child) };
  };

  it('comes from a variable, or is the first line of a pipe or a file', async () => {
    const env = { SECRET: secret };
    expect(await given(['put', '/mine/a', 'v', '--password-env', 'SECRET'], { env })).toMatchObject({
      status: 0,
    });
    const kept = await ssh.write('secret', `${secret}\r\nnot this\n`);
    for (const redirection of ['3< <(printf "%s" "$SECRET")', `3< '${kept}'`]) {
      const { ended } = onDescriptor(['get', '/mine/a', '--password-fd', '3'], redirection, env);
      expect(await ended).toEqual({ status: 0, stdout: 'v', stderr: '' });
    }
  });

  it('leaves standard input to the value', async () => {
    const { child, ended } = onDescriptor(
      ['put', '/mine/b', '--password-fd', '3'],
      '3< <(printf "%s" "$SECRET")',
      {
        SECRET: secret,
      },
    );
    child.stdin.end('two\nlines');
    expect(await ended).toMatchObject({ status: 0, stderr: '' });
    const env = { SECRET: secret };
    expect(await given(['get', '/mine/b', '--password-env', 'SECRET'], { env })).toMatchObject({
      stdout: 'two\nlines',
    });
    const refused = await given(['put', '/mine/b', '--password-fd', '0'], { input: `${secret}\nlost` });
    expect(refused).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('from 3') });
    expect(await given(['get', '/mine/b', '--password-env', 'SECRET'], { env })).toMatchObject({
      stdout: 'two\nlines',
    });
  });

  it('that is wrong is refused once, with what to do, and never shown', async () => {
    const wrong = 'battery staple';
    const args = ['get', '/mine/a', '--verbose', '--password-env', 'SECRET'];
    for (const more of [[], ['--json']]) {
      const { status, stdout, stderr } = await given([...args, ...more], { env: { SECRET: wrong } });
      expect(status).toBe(1);
      expect(stderr).toContain('AUTH');
      expect(stderr).toContain('Check what --password-env or --password-fd gives');
      expect(stdout + stderr).not.toContain(wrong);
    }
  });

  it('is for the first cluster that wants one, and for no other', async () => {
    const env = { SECRET: secret };
    const both = await given(['diff', '/mine/', 'other:/mine/', '--password-env', 'SECRET'], { env });
    expect(both).toMatchObject({ status: 1, stderr: expect.stringContaining('no password for') });
  });

  it.each([
    [['--password-env', 'NOWHERE'], 'the variable NOWHERE is not set'],
    [['--password-fd', 'x'], 'is not the number of a descriptor'],
    [['--password-fd', '3', '--password-env', 'SECRET'], 'cannot be used with'],
  ])('is bad usage with status 2: %j', async (args, reason) => {
    const { status, stdout, stderr } = await given(['get', '/mine/a', ...args], { env: { SECRET: secret } });
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(reason);
    expect(stderr).not.toContain(secret);
  });

  it('that does not come is waited for until the first signal', async () => {
    // Our end of its input stays open and silent.
    const { child, ended } = onDescriptor(['get', '/mine/a', '--password-fd', '3'], '3<&0 </dev/null');
    await until('its own handlers of signals, of which Node.js has none for SIGHUP', async () => {
      const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
      const caught = BigInt(`0x${/^SigCgt:\s*(\w+)/m.exec(status)![1]}`);
      return (caught >> BigInt(constants.signals.SIGHUP - 1)) & 1n;
    });
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ status: 143, stdout: '' });
    child.stdin.destroy();
  });
});

describe('muster etcd export and import', () => {
  const file = () => join(ssh.directory, 'keys.yaml');
  const shown = async (prefix: string) => (await etcd('ls', prefix)).stdout.trim().split('\n');

  it('bring a prefix back, guarded, and below another one', async () => {
    await using cluster = await connect(farm.endpoints);
    await cluster.put(bytes('/from/app.yaml'), bytes('port: 80\nname: shop\n'));
    await cluster.put(bytes('/from/binary'), Buffer.from([0, 255]));
    await cluster.put(bytes('/to/app.yaml'), bytes('port: 81\n'));
    await cluster.put(bytes('/to/old'), bytes('x'));
    const exported = await etcd('export', '/from/', '-o', file());
    expect(exported.status).toBe(0);
    expect(exported.stderr).toMatch(/^2 keys at revision \d+ written to .*keys\.yaml\n$/);
    const mode = async () => (await stat(file())).mode & 0o777;
    expect(await mode()).toBe(0o600);
    await chmod(file(), 0o644);
    expect((await etcd('export', '/from/', '-o', file())).status).toBe(0);
    expect(await mode()).toBe(0o600);
    const [, , , revision, ...lines] = (await etcd('export', '/from/')).stdout.split('\n');
    expect(revision).toMatch(/^revision: \d+$/);
    expect(lines.join('\n')).toBe(
      'keys:\n  app.yaml: |\n    port: 80\n    name: shop\n  binary: { base64: AP8= }\n',
    );
    expect(JSON.parse((await etcd('export', '/from/', '--format', 'json')).stdout)).toMatchObject({
      keys: { binary: { base64: 'AP8=' } },
    });
    const dry = await etcd('import', file(), '--prefix', '/to/', '--dry-run', '--delete');
    expect(dry).toEqual({
      status: 0,
      stdout: 'M /to/app.yaml\nA /to/binary\nD /to/old\n',
      stderr: 'main:/to/: 1 to add, 1 to change, 1 to remove, 0 the same\n',
    });
    const imported = await etcd('import', file(), '--prefix', '/to/', '--json');
    expect(JSON.parse(imported.stdout)).toMatchObject([
      { key: '/to/app.yaml', change: 'change' },
      { key: '/to/binary', change: 'add' },
    ]);
    expect(await shown('/to/')).toEqual(['/to/app.yaml', '/to/binary', '/to/old']);
    const unsure = await etcd('import', file(), '--prefix', '/to/', '--delete');
    expect(unsure).toMatchObject({ status: 2 });
    expect(await etcd('import', file(), '--prefix', '/to/', '--delete', '--yes')).toMatchObject({
      ...{ status: 0, stdout: 'D /to/old\n' },
    });
    expect(await etcd('import', file())).toMatchObject({ status: 0, stdout: '' });
    expect(await etcd('diff', '/from/', '/to/')).toMatchObject({ status: 0 });
  });

  it('write nothing that was not agreed to', async () => {
    await using cluster = await connect(farm.endpoints);
    const many = Array.from({ length: 200 }, (_, index) => `"${index}": x\n`).join('');
    const refused = await on('main', 'import', ['-', '--prefix', '/many/'], { input: many });
    expect(refused).toMatchObject({ status: 2, stdout: '' });
    expect(refused.stderr).toContain('it takes 2');
    expect(await cluster.count({ start: bytes('/many/'), end: bytes('/many0') })).toBe(0);
    const done = await on('main', 'import', ['-', '--prefix', '/many/', '--batches'], { input: many });
    expect(done).toMatchObject({ status: 0 });
    expect(done.stderr).toMatch(/^128 keys written at revision \d+\n72 keys written at revision \d+\n$/);
    expect(await on('readable', 'import', ['-'], { input: 'a: b' })).toMatchObject({ status: 2 });
    expect(await on('careful', 'import', ['-'], { input: 'a: b' })).toMatchObject({ status: 2 });
    const wrong = await on('main', 'import', ['-'], { input: 'a: 1\na: 2\n' });
    expect(wrong).toMatchObject({ status: 2, stdout: '' });
    expect(wrong.stderr).toContain('-:2:1: error: duplicate key “a”: the first is in line 1\n');
    expect(await etcd('export', '--format', 'toml')).toMatchObject({ status: 2 });
  });
});
