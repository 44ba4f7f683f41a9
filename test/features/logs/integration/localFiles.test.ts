import { execFile } from 'node:child_process';
import { appendFile, copyFile, mkdir, rename, rm, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test, vi } from 'vitest';
import { until } from '../../../harness/until';
import { allRows, eventsOf, linesOf, logsOver, noSsh, rowsWith, scratch, targetOn } from './logFixture';

async function following(file: string) {
  const logs = logsOver(noSsh);
  const session = logs.follow({
    targets: [targetOn(undefined, { kind: 'file', path: file })],
    start: 'beginning',
  });
  await until('the file is followed', () =>
    session.streams.some(({ state }) => state === 'following' || state === 'waiting'),
  );
  return { session, [Symbol.asyncDispose]: () => logs[Symbol.asyncDispose]() };
}

test('a file is read from its beginning, followed, and its rotation by rename told of', async () => {
  await using place = await scratch();
  const file = path.join(place.folder, 'a b.log');
  await writeFile(file, 'one\ntwo\r\n');
  await using followed = await following(file);
  expect(linesOf(await rowsWith(followed.session, 'two'))).toEqual(['one', 'two']);
  await appendFile(file, 'thr');
  await appendFile(file, 'ee\n');
  await rowsWith(followed.session, 'three');
  await rename(file, `${file}.1`);
  await appendFile(`${file}.1`, 'four\n');
  // Not a file that was rotated, though its name begins alike.
  await appendFile(`${file}-errors`, 'of another file\n');
  await writeFile(file, 'five\n');
  const rows = await rowsWith(followed.session, 'five');
  expect(linesOf(rows)).toEqual(['one', 'two', 'three', 'four', 'five']);
  expect(eventsOf(rows)).toEqual(['rotated']);
});

test('what a copy holds that was made before the file was cut is read from it', async () => {
  await using place = await scratch();
  const file = path.join(place.folder, 'app.log');
  await writeFile(file, 'one\n');
  await using followed = await following(file);
  await rowsWith(followed.session, 'one');
  await appendFile(file, 'two\n');
  await copyFile(file, `${file}.1`);
  await truncate(file);
  await rowsWith(followed.session, 'truncated');
  await appendFile(file, 'three\n');
  const rows = await rowsWith(followed.session, 'three');
  expect(linesOf(rows)).toEqual(['one', 'two', 'three']);
  expect(rows.find(({ kind }) => kind === 'truncated')).toMatchObject({ lost: null });
});

test('a file that was cut and is as long as before is read anew, and what it held may be missing', async () => {
  await using place = await scratch();
  const file = path.join(place.folder, 'app.log');
  await writeFile(file, 'one\n');
  await using followed = await following(file);
  await rowsWith(followed.session, 'one');
  await writeFile(file, 'two\n');
  const rows = await rowsWith(followed.session, 'two');
  expect(linesOf(rows)).toEqual(['one', 'two']);
  expect(eventsOf(rows)).toContainEqual(expect.stringMatching(/^(gap|truncated)$/));
});

test('a file that is not there yet is waited for, and a glob gains files', async () => {
  await using place = await scratch();
  await using one = await following(path.join(place.folder, 'later.log'));
  expect(one.session.streams.map(({ state }) => state)).toEqual(['waiting']);
  await using many = await following(path.join(place.folder, '*.log'));
  await writeFile(path.join(place.folder, 'later.log'), 'here\n');
  expect(linesOf(await rowsWith(one.session, 'here'))).toEqual(['here']);
  expect(linesOf(await rowsWith(many.session, 'here'))).toEqual(['here']);
  await rm(path.join(place.folder, 'later.log'));
  await until('it is gone', () => one.session.streams[0]?.state === 'waiting');
  await writeFile(path.join(place.folder, 'later.log'), 'again\n');
  expect(linesOf(await rowsWith(one.session, 'again'))).toEqual(['here', 'again']);
});

test('the tools of busybox are enough: what is there, what comes, and what is rotated or cut', async () => {
  await using place = await scratch();
  const tools = path.join(place.folder, 'bin');
  await mkdir(tools);
  await promisify(execFile)('busybox', ['--install', '-s', tools]);
  const file = path.join(place.folder, 'app.log');
  await writeFile(file, 'one\n');
  vi.stubEnv('PATH', tools);
  await using followed = await following(path.join(place.folder, '*.log'));
  vi.unstubAllEnvs();
  await appendFile(file, 'two\n');
  await rowsWith(followed.session, 'two');
  await rename(file, `${file}.1`);
  await writeFile(file, 'three\n');
  await rowsWith(followed.session, 'three');
  await truncate(file);
  await appendFile(file, '4\n');
  await rowsWith(followed.session, '4');
  await writeFile(path.join(place.folder, 'other.log'), 'five\n');
  const rows = await rowsWith(followed.session, 'five');
  expect(linesOf(rows)).toEqual(['one', 'two', 'three', '4', 'five']);
  expect(eventsOf(rows)).toEqual(expect.arrayContaining(['rotated', 'truncated']));
});

test('nothing that was started for a session outlives it', async () => {
  await using place = await scratch();
  const file = path.join(place.folder, 'app.log');
  await writeFile(file, 'one\n');
  const { session } = await following(file);
  await rowsWith(session, 'one');
  expect((await allRows(session)).length).toBe(1);
  await session.dispose();
  expect(session.streams.map(({ state }) => state)).toEqual(['ended']);
});
