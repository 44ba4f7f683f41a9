import { once } from 'node:events';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { endOf, startMuster, startOnTerminal } from '../../../harness/musterCli';
import { freePort } from '../../../harness/ports';
import { type Sshd, SshdFarm } from '../../../harness/sshd';
import { TcpProxy } from '../../../harness/tcpProxy';
import { until } from '../../../harness/until';
import { poolFor } from '../../../platform/integration/ssh/sshFixture';
import {
  eventsOf,
  followersOn,
  hasEnded,
  hostThrough,
  linesOf,
  logsOver,
  rowsWith,
  scratch,
  targetOn,
} from './logFixture';

let farm: SshdFarm;
let daemon: Sshd;
beforeAll(async () => {
  farm = await SshdFarm.create();
  daemon = await farm.start();
});
afterAll(() => farm[Symbol.asyncDispose]());

/** A log on a host, and an inventory with both. */
async function aHost(content: string) {
  const place = await scratch();
  const file = path.join(place.folder, 'app.log');
  await writeFile(file, content);
  const known = await farm.write('known', await daemon.knownHostsLine());
  const inventory = path.join(place.folder, 'muster.yaml');
  const ssh = `{ port: ${daemon.port}, identityFile: ${farm.clientKey}, knownHosts: ${known} }`;
  await writeFile(
    inventory,
    `hosts: { web-01: { address: 127.0.0.1, ssh: ${ssh} } }\nlogs: { app: { path: ${file} } }\n`,
  );
  return { ...place, file, inventory };
}

test('twenty hosts are read at once, and nothing is said but their lines', async () => {
  await using place = await scratch();
  const known = await farm.write('known', await daemon.knownHostsLine());
  const ssh = `{ port: ${daemon.port}, identityFile: ${farm.clientKey}, knownHosts: ${known} }`;
  const inventory = path.join(place.folder, 'muster.yaml');
  const names = Array.from({ length: 20 }, (_, number) => `web-${number + 10}`);
  const hosts = names.map((name) => `  ${name}: { address: 127.0.0.1, ssh: ${ssh} }\n`).join('');
  await writeFile(inventory, `hosts:\n${hosts}logs: { hello: { command: "echo I am {name}" } }\n`);
  const ended = await endOf(startMuster(['logs', '--no-follow', '--json', '-i', inventory]));
  const records = ended.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { line?: string });
  const lines = records.flatMap(({ line }) => line ?? []);
  expect(lines.sort()).toEqual(names.map((name) => `I am ${name}`));
  expect(ended.stderr).toBe('');
});

const followersOfOne = () =>
  until('it follows', async () => {
    const followers = await followersOn(daemon);
    return followers.length > 2 ? followers : undefined;
  });

test('a host that cannot be reached is told of at once with the reason, and the others are followed', async () => {
  await using place = await aHost('one\n');
  const ssh = `{ port: ${await freePort()}, identityFile: ${farm.clientKey} }`;
  const inventory = await readFile(place.inventory, 'utf8');
  const dead = `hosts: { dead-01: { address: 127.0.0.1, ssh: ${ssh} }, `;
  await writeFile(place.inventory, inventory.replace('hosts: { ', dead));
  const child = startMuster(['logs', '--json', '-i', place.inventory]);
  const ended = endOf(child);
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  await until(
    'both are told of',
    () => said.join('').includes('"one"') && said.join('').includes('tried again'),
  );
  child.kill('SIGINT');
  const { stderr } = await ended;
  expect(stderr).toMatch(/^muster: dead-01 .*app\.log: REFUSED: .+\n(?:.+\n)*It is tried again\.\n$/);
});

test('every host that refuses is named with the reason, the last one too, when what is there is read once', async () => {
  await using place = await aHost('one\n');
  const dead = await Promise.all(
    ['dead-01', 'dead-02'].map(
      async (name) =>
        `${name}: { address: 127.0.0.1, ssh: { port: ${await freePort()}, identityFile: ${farm.clientKey} } }`,
    ),
  );
  const inventory = await readFile(place.inventory, 'utf8');
  await writeFile(place.inventory, inventory.replace('hosts: { ', `hosts: { ${dead.join(', ')}, `));
  for (const hosts of [[], ['dead-01'], ['dead-01', 'dead-02']]) {
    const ended = await endOf(
      startMuster(['logs', ...hosts, '--no-follow', '--json', '-i', place.inventory]),
    );
    const named = hosts.length === 0 ? ['dead-01', 'dead-02'] : hosts;
    for (const name of named)
      expect(ended.stderr).toMatch(new RegExp(`muster: ${name} .*app\\.log: REFUSED: `));
    expect(ended.status).toBe(1);
  }
});

test('a host without the label that the path needs is named, and the others are read', async () => {
  await using place = await aHost('one\n');
  const inventory = await readFile(place.inventory, 'utf8');
  const bare = 'hosts: { bare-01: { address: 127.0.0.1 }, web-01: { labels: { log: app },';
  const labelled = inventory.replace('hosts: { web-01: {', bare);
  await writeFile(place.inventory, labelled);
  const glob = path.join(path.dirname(place.file), '{label.log}.log');
  const ended = await endOf(
    startMuster(['logs', '--path', glob, '--no-follow', '--json', '-i', place.inventory]),
  );
  expect(ended.stderr).toMatch(/^muster: bare-01 .*\{label\.log\}\.log: INVENTORY: /);
  expect(ended.stdout).toContain('"line":"one"');
  expect(ended.status).toBe(1);
});

test('what is not found, and a command that fails, are named for each host, and the others are read', async () => {
  await using place = await aHost('one\n');
  const inventory = await readFile(place.inventory, 'utf8');
  await writeFile(place.inventory, inventory.replace(/web-01: (\{.*?\} \})/, 'web-01: $1, web-02: $1'));
  const none = path.join(place.folder, 'none.log');
  const empty = path.join(place.folder, 'empty.txt');
  await writeFile(empty, '');
  const read = async (...args: string[]) => {
    const ended = await endOf(startMuster(['logs', ...args, '--no-follow', '--json', '-i', place.inventory]));
    const lines = ended.stdout.split('\n').filter((line) => line.includes('"line":'));
    return { status: ended.status, lines: lines.length, stderr: ended.stderr };
  };
  const missing = [
    ['--path', none],
    ['--path', path.join(place.folder, 'x*.log')],
    ['--path', place.folder],
    ['--command', 'exit 3'],
    ['--command', 'nosuchcmd'],
  ];
  for (const args of missing) {
    const { status, stderr } = await read(...args);
    for (const name of ['web-01', 'web-02'])
      expect(stderr).toMatch(
        new RegExp(
          `^muster: ${name} .*: (PRECONDITION: there is no such file|EXIT_STATUS: .* status \\d+)`,
          'm',
        ),
      );
    expect([args, status]).toEqual([args, 1]);
  }
  const both = await read('web-01', '--path', none, place.file);
  expect(both).toMatchObject({ status: 1, lines: 1 });
  expect(both.stderr).toMatch(/^muster: web-01 .*none\.log: /);
  expect(await read('--path', empty)).toEqual({ status: 0, lines: 0, stderr: '' });
  expect(await read('--command', 'true')).toEqual({ status: 0, lines: 0, stderr: '' });
});

test('a host that can be reached after all is followed from then on, and a command that says nothing is, too', async () => {
  await using place = await aHost('one\n');
  await using proxy = await TcpProxy.to(daemon.port);
  await using pool = await poolFor(farm, [daemon], { circuitRetryMs: 500 });
  await using logs = logsOver(pool);
  const target = await hostThrough(proxy, farm, daemon);
  proxy.cut();
  const session = logs.follow({
    targets: [
      targetOn(target, { kind: 'file', path: place.file }),
      targetOn(target, { kind: 'command', command: 'sleep 1000' }),
    ],
    start: 'beginning',
  });
  const states = () => session.streams.map(({ state }) => state).sort();
  await until('it is told', () => states().join() === 'unreachable,unreachable');
  expect(session.streams[0]!.error).toMatchObject({ hint: expect.any(String) as string });
  proxy.restore();
  expect(linesOf(await rowsWith(session, 'one'))).toEqual(['one']);
  await until('both to be followed', () => states().join() === 'following,reading');
  expect(session.streams.flatMap(({ error }) => error ?? [])).toEqual([]);
});

test('Ctrl-C ends what runs on the hosts, with the status that shells expect', async () => {
  await using place = await aHost('one\n');
  const child = startMuster(['logs', '-i', place.inventory]);
  const ended = endOf(child);
  const started = await followersOfOne();
  child.kill('SIGINT');
  expect(await ended).toMatchObject({ status: 130, stderr: '' });
  await until('nothing is left on the host', () => started.every(hasEnded));
});

test('a process that is killed leaves nothing on the hosts', async () => {
  await using place = await aHost('one\n');
  const child = startMuster(['logs', '-i', place.inventory]);
  const ended = endOf(child);
  const started = await followersOfOne();
  child.kill('SIGKILL');
  await ended;
  await until('nothing is left on the host', () => started.every(hasEnded), 5000);
});

test('a reader that has enough, as head is, ends it without a complaint', async () => {
  await using place = await aHost('one\n');
  const child = startMuster(['logs', '-i', place.inventory]);
  const stderr: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  const closed = once(child, 'exit');
  await once(child.stdout, 'data');
  const started = await followersOfOne();
  child.stdout.destroy();
  await appendFile(place.file, 'two\n');
  await closed;
  expect(Buffer.concat(stderr).toString()).toBe('');
  await until('nothing is left on the host', () => started.every(hasEnded));
});

test('on a terminal a line clears no screen, sets no title and asks for no answer', async () => {
  await using place = await aHost('\x1b[2J\x1b]0;title\x07\x1b[6nharmless \x1b[31mred\x1b[0m\n');
  const { stdout } = await endOf(startOnTerminal(['logs', '--no-follow', '-i', place.inventory]));
  expect(stdout).toContain('harmless \x1b[31mred');
  for (const sequence of ['\x1b[2J', '\x1b]0;', '\x1b[6n']) expect(stdout).not.toContain(sequence);
});

test('a network that swallows everything is noticed and told of, and the stream goes on when it is back', async () => {
  await using place = await aHost('one\n');
  await using swallowing = await TcpProxy.to(daemon.port);
  await using pool = await poolFor(farm, [daemon], { keepaliveMs: 300 });
  await using logs = logsOver(pool);
  const target = await hostThrough(swallowing, farm, daemon);
  const session = logs.follow({
    targets: [targetOn(target, { kind: 'file', path: place.file })],
    start: 'beginning',
  });
  await rowsWith(session, 'one');
  swallowing.swallow();
  await appendFile(place.file, 'two\n');
  await until('it is told', () => session.streams[0]!.state === 'reconnecting');
  expect(session.streams[0]!.error).toMatchObject({ hint: expect.any(String) as string });
  swallowing.restore();
  const rows = await rowsWith(session, 'two');
  expect(linesOf(rows)).toEqual(['one', 'two']);
  expect(eventsOf(rows)).toEqual(['disconnected', 'resumed']);
});
