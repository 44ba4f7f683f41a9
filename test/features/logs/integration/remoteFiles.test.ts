import { appendFile, rename, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Deadline } from '../../../../src/platform/batch/deadline';
import { FileLogSession } from '../../../../src/features/logs/core/file/fileLogSession';
import type { LogRow } from '../../../../src/features/logs/core/logRow';
import { SshdFarm } from '../../../harness/sshd';
import { TcpProxy } from '../../../harness/tcpProxy';
import { until } from '../../../harness/until';
import { hostOn, poolFor } from '../../../platform/integration/ssh/sshFixture';
import { endOf, startMuster } from '../../../harness/musterCli';
import {
  allRows,
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
beforeAll(async () => {
  farm = await SshdFarm.create();
});
afterAll(() => farm[Symbol.asyncDispose]());

test('a stream goes on exactly where it was when the link was lost, across rotations meanwhile', async () => {
  await using place = await scratch();
  const file = path.join(place.folder, 'app.log');
  // More than what is compared when it is read on.
  const past = Array.from({ length: 100 }, (_, index) => `before ${index}`);
  await writeFile(file, `${past.join('\n')}\none\n`);
  const daemon = await farm.start();
  await using proxy = await TcpProxy.to(daemon.port);
  await using pool = await poolFor(farm, [daemon]);
  const target = await hostThrough(proxy, farm, daemon);
  await using logs = logsOver(pool);
  const session = logs.follow({
    targets: [targetOn(target, { kind: 'file', path: file })],
    start: 'beginning',
  });
  await rowsWith(session, 'one');
  proxy.cut();
  await rowsWith(session, 'disconnected');
  await appendFile(file, 'two\n');
  await rename(file, `${file}.1`);
  await writeFile(file, 'three\n');
  await rename(`${file}.1`, `${file}.2`);
  await rename(file, `${file}.1`);
  await writeFile(file, 'four\n');
  proxy.restore();
  const rows = await rowsWith(session, 'four');
  expect(linesOf(rows)).toEqual([...past, 'one', 'two', 'three', 'four']);
  expect(eventsOf(rows)).toEqual(['disconnected', 'resumed', 'rotated', 'rotated']);
  await daemon.dropConnections();
  await appendFile(file, 'five\n');
  const later = await rowsWith(session, 'five');
  expect(linesOf(later).slice(past.length)).toEqual(['one', 'two', 'three', 'four', 'five']);
  expect(eventsOf(later).slice(-2)).toEqual(['disconnected', 'resumed']);
  const started = await followersOn(daemon);
  expect(started.length).toBeGreaterThan(0);
  await session.dispose();
  await until('nothing is left on the host', () => started.every(hasEnded));
});

test('what cannot be found again after a lost link is a gap', async () => {
  await using place = await scratch();
  const file = path.join(place.folder, 'app.log');
  await writeFile(file, 'one\n');
  const daemon = await farm.start();
  await using pool = await poolFor(farm, [daemon]);
  await using logs = logsOver(pool);
  const session = logs.follow({
    targets: [targetOn(hostOn(farm, daemon), { kind: 'file', path: file })],
    start: 'beginning',
  });
  await rowsWith(session, 'one');
  await writeFile(`${file}.new`, 'another file\n');
  await daemon.dropConnections();
  await rename(`${file}.new`, file);
  const rows = await rowsWith(session, 'another file');
  expect(linesOf(rows)).toEqual(['one', 'another file']);
  expect(rows.find(({ kind }) => kind === 'gap')).toMatchObject({ lost: null });
});

test('two hosts are merged by time, and a command that ends is told of', async () => {
  const daemons = await Promise.all([farm.start(), farm.start()]);
  await using pool = await poolFor(farm, daemons);
  await using logs = logsOver(pool);
  const [a, b] = daemons.map((daemon, index) => hostOn(farm, daemon, {}, `web-${index + 1}`));
  const at = (...seconds: number[]) =>
    `printf '%s\\n' ${seconds.map((s) => `"2026-11-26T12:00:0${s}Z INFO n=${s}"`).join(' ')}; exit 3`;
  const session = logs.follow({
    targets: [
      targetOn(a, { kind: 'command', command: at(1, 3, 5) }),
      targetOn(b, { kind: 'command', command: at(2, 4, 6) }),
    ],
    follow: false,
  });
  await session.ended;
  const rows = await until('all is merged', async () => {
    const all = await allRows(session);
    return all.length === 8 ? all : undefined;
  });
  expect(linesOf(rows).map((line) => line.slice(-1))).toEqual(['1', '2', '3', '4', '5', '6']);
  expect(rows.filter(({ kind }) => kind === 'ended').map(({ text }) => text)).toEqual([
    'the command has ended with status 3',
    'the command has ended with status 3',
  ]);
});

test('a trace is shown with its error, and a line whose time is not recognised is given none', async () => {
  await using place = await scratch();
  const daemon = await farm.start();
  const known = await farm.write('known', await daemon.knownHostsLine());
  const inventory = path.join(place.folder, 'muster.yaml');
  const ssh = `{ port: ${daemon.port}, identityFile: ${farm.clientKey}, knownHosts: ${known} }`;
  await writeFile(inventory, `hosts: { web-01: { address: 127.0.0.1, ssh: ${ssh} } }\n`);
  const print = async (name: string, content: string, ...options: string[]) => {
    const file = path.join(place.folder, name);
    await writeFile(file, content);
    const args = ['logs', '--path', file, '--no-follow', '--json', '-i', inventory, ...options];
    const { stdout } = await endOf(startMuster(args));
    return stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  };
  const trace = [
    '2026-11-29 10:00:01,123Z - app - ERROR - failed',
    'Traceback (most recent call last):',
    '  File "a.py", line 1, in <module>',
    'ValueError: x',
    '',
    'During handling of the above exception, another exception occurred:',
  ];
  const errors = await print(
    'trace.log',
    `${trace.join('\n')}\n2026-11-29 10:00:02,123Z - app - INFO - ok\n`,
    '--level',
    'error',
  );
  expect(errors.map(({ line }) => line)).toEqual(trace);
  expect(errors.map(({ timeSource }) => timeSource)).toEqual(['line', ...trace.slice(1).map(() => 'before')]);
  expect(new Set(errors.map(({ time }) => time))).toEqual(new Set(['2026-11-29T10:00:01.123Z']));
  const timeless = await print('none.log', '[10:00:02 ERR] text\n03/04/2026 10:00:01 text\n');
  expect(timeless).toMatchObject([{ timeSource: 'none', level: 'error' }, { timeSource: 'none' }]);
  for (const record of timeless) expect(record).not.toHaveProperty('time');
  const [level] = await print('level.log', '2026-11-30T21:15:35.478Z ERROR Unhandled: TypeError: x\n');
  expect(level).not.toHaveProperty('fields');
});

test('dates without a year are of the years in which the file was written', async () => {
  await using place = await scratch();
  const file = path.join(place.folder, 'syslog');
  const year = new Date().getUTCFullYear() - 2;
  const modified = new Date(year, 0, 2, 13);
  const line = (date: string) => `${date} 12:00:00 web-01 app: x\n`;
  await writeFile(file, ['Dec 31', 'Jan  1', 'Jan  2'].map(line).join(''));
  await utimes(file, modified, modified);
  const daemon = await farm.start({ config: ['Subsystem sftp internal-sftp'] });
  await using pool = await poolFor(farm, [daemon]);
  await using logs = logsOver(pool);
  const host = hostOn(farm, daemon);
  const datesOf = (rows: readonly LogRow[]) =>
    rows.filter(({ kind }) => kind === 'line').map(({ time }) => new Date(time!).toISOString().slice(0, 10));
  const past = [`${year - 1}-12-31`, `${year}-01-01`, `${year}-01-02`];
  const session = logs.follow({
    targets: [targetOn(host, { kind: 'file', path: file })],
    start: 'beginning',
  });
  expect(datesOf(await rowsWith(session, 'Jan  2'))).toEqual(past);
  await until('it is followed', () => session.streams[0]?.state === 'following');
  // What comes now is of now.
  const today = new Date();
  const [, month, day, , clock] = today.toString().split(' ');
  await appendFile(file, `${month} ${String(Number(day)).padStart(2)} ${clock} web-01 app: later\n`);
  const later = datesOf(await rowsWith(session, 'app: later'));
  expect(later).toEqual([...past, today.toISOString().slice(0, 10)]);
  await session.dispose();
  await writeFile(file, ['Dec 31', 'Jan  1', 'Jan  2'].map(line).join(''));
  await utimes(file, modified, modified);
  const since = logs.follow({
    targets: [targetOn(host, { kind: 'file', path: file })],
    start: { time: Date.UTC(year, 0, 1) },
    follow: false,
  });
  await since.ended;
  expect(datesOf(await rowsWith(since, 'Jan  2'))).toEqual(past.slice(1));
  const deadline = new Deadline(60_000);
  const opened = new FileLogSession(await logs.open(host, file, deadline), { reads: 'parts' });
  const view = await opened.view();
  await until('it is read', () => view.state.end - view.state.first === 3);
  expect(datesOf(await view.rows(view.state.first, view.state.end))).toEqual(past);
  await opened.dispose();
  deadline.dispose();
});

test('muster logs prints a record for each line and leaves nothing behind, even when it is killed', async () => {
  await using place = await scratch();
  const file = path.join(place.folder, 'app.log');
  await writeFile(file, '{"time":"2026-11-26T12:00:00Z","level":"error","order_id":42}\nplain\n');
  const daemon = await farm.start();
  const known = await farm.write('known', await daemon.knownHostsLine());
  const inventory = path.join(place.folder, 'muster.yaml');
  const { port } = daemon;
  await writeFile(
    inventory,
    `hosts:\n  web-01: { address: 127.0.0.1, labels: { file: app }, ssh: { port: ${port}, identityFile: ${farm.clientKey}, knownHosts: ${known} } }\n` +
      `logs:\n  app: { path: "${place.folder}/{label.file}.log" }\n`,
  );
  const ended = await endOf(startMuster(['logs', '--no-follow', '--json', '-i', inventory]));
  expect(ended.stderr).toBe('');
  const records = ended.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  expect(records).toMatchObject([
    {
      host: 'web-01',
      source: 'app',
      time: '2026-11-26T12:00:00.000Z',
      timeSource: 'line',
      fields: { order_id: '42' },
      level: 'error',
    },
    { host: 'web-01', source: 'app', line: 'plain', timeSource: 'before' },
  ]);
  const filtered = await endOf(
    startMuster(['logs', 'web-*', '--path', file, '--no-follow', '--field', 'order_id=42', '-i', inventory]),
  );
  expect(filtered.stdout).toBe('web-01 {"time":"2026-11-26T12:00:00Z","level":"error","order_id":42}\n');
  const killed = startMuster(['logs', '-i', inventory]);
  const started = await until('it follows', async () => {
    const followers = await followersOn(daemon);
    return followers.length > 2 ? followers : undefined;
  });
  killed.kill('SIGKILL');
  await until('nothing is left on the host', () => started.every(hasEnded));
});
