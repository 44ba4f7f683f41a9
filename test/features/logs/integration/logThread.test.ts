import { appendFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, inject, test } from 'vitest';
import { MusterError } from '../../../../src/platform/errors/errors';
import { logLevels } from '../../../../src/features/logs/core/recognise/logLevel';
import { until } from '../../../harness/until';
import { logsOver, noSsh, rowsWith, scratch, targetOn } from './logFixture';

const thread = path.join(path.dirname(inject('cli')), 'log.worker.js');

test('a session whose store is a thread answers as one whose store is not', async () => {
  await using place = await scratch();
  const file = path.join(place.folder, 'app.log');
  const line = (index: number) =>
    `2026-11-26T12:${String(Math.floor(index / 60) % 60).padStart(2, '0')}:${String(index % 60).padStart(2, '0')}Z ${index % 10 === 0 ? 'ERROR' : 'INFO'} request=${index}\n`;
  await writeFile(file, Array.from({ length: 3000 }, (_, index) => line(index)).join(''));
  await using logs = logsOver(noSsh, thread);
  const session = logs.follow({
    targets: [targetOn(undefined, { kind: 'file', path: file })],
    start: 'beginning',
  });
  await rowsWith(session, 'request=2999');
  const view = await session.view({ level: 'error' });
  await until(
    'all is looked through',
    () => view.state.scanned === 1 && view.state.end - view.state.first === 300,
  );
  const [first] = await view.rows(view.state.first, view.state.end);
  expect(first).toMatchObject({ seq: 0, kind: 'line', level: 'error', text: line(0).trim() });
  await view.find({ text: 'request=1\\d0\\b', regex: true });
  expect(await view.next(view.state.first)).toMatchObject({ ordinal: 1 });
  expect(await view.previous(view.state.first)).toMatchObject({ ordinal: 10 });
  await until('all matches are counted', () => view.findState.count === 10);
  expect(await view.positionOf(15)).toBe(view.state.first + 2);
  const middle = await view.positionAt(Date.UTC(2026, 10, 26, 12, 10));
  expect((await view.rows(middle, middle + 1))[0]?.text).toContain('request=600');
  const { counts, step } = await view.histogram(10);
  expect([counts.length, counts.reduce((sum, count) => sum + count)]).toEqual([10 * logLevels.length, 300]);
  expect(step).toBeGreaterThan(0);
  await appendFile(file, line(3000));
  await until('the new error is shown', () => view.state.end - view.state.first === 301);
  let text = '';
  for await (const part of view.text(view.state.end - 1, view.state.end)) text += part;
  expect(text).toBe(line(3000));
  expect(await session.details(0)).toMatchObject({ fields: { request: '0' }, record: { first: 0, last: 0 } });
  await expect(view.setFilter({ include: [{ text: '(', regex: true }] })).rejects.toMatchObject({
    code: 'USAGE',
  });
  await session.dispose();
  const closed = await view.rows(0, 1).catch((error: unknown) => error);
  expect(MusterError.is(closed, 'CANCELLED')).toBe(true);
});

test('a session that is disposed as soon as all has come reports how much that was', async () => {
  await using place = await scratch();
  const file = path.join(place.folder, 'app.log');
  await writeFile(file, 'INFO request\n'.repeat(300));
  await using logs = logsOver(noSsh);
  const session = logs.follow({
    targets: [targetOn(undefined, { kind: 'file', path: file })],
    start: 'beginning',
    follow: false,
  });
  const told: number[] = [];
  session.onStats(({ lines }) => told.push(lines));
  await session.ended;
  await session.dispose();
  expect([session.stats.lines, told.at(-1)]).toEqual([300, 300]);
});

test('when the thread that keeps the lines dies, all that is followed has failed for that reason and ends', async () => {
  await using place = await scratch();
  const [file, flag, dying] = ['app.log', 'flag', 'dying.mjs'].map((name) => path.join(place.folder, name));
  await writeFile(file!, 'one\n');
  await writeFile(
    dying!,
    `import { existsSync } from 'node:fs';
    await import(${JSON.stringify(pathToFileURL(thread).href)});
    setInterval(() => {
      if (existsSync(${JSON.stringify(flag)})) throw new Error('the heap is full');
    }, 10);`,
  );
  await using logs = logsOver(noSsh, dying);
  const session = logs.follow({
    targets: [
      targetOn(undefined, { kind: 'file', path: file! }),
      targetOn(undefined, { kind: 'command', command: 'while :; do echo two; done' }),
    ],
    start: 'beginning',
  });
  await rowsWith(session, 'one');
  const view = await session.view();
  const told: string[] = [];
  session.onStreams((streams) => told.push(streams.map(({ state }) => state).join()));
  await writeFile(flag!, '');
  await session.ended;
  expect(told.at(-1)).toBe('failed,failed');
  for (const { error } of session.streams)
    expect(error).toMatchObject({
      message: 'the thread that keeps the logs has ended',
      causes: ['the heap is full'],
    });
  const why = await view.rows(0, 1).catch((error: unknown) => error);
  expect(why).toMatchObject({ code: 'PROTOCOL' });
  expect(await session.details(0).catch((error: unknown) => error)).toBe(why);
});

test('a session that is disposed while it is read rejects nothing that nobody waits for', async () => {
  await using place = await scratch();
  const file = path.join(place.folder, 'app.log');
  await writeFile(file, 'one\n');
  const unhandled: unknown[] = [];
  const hear = (error: unknown) => unhandled.push(error);
  process.on('unhandledRejection', hear);
  try {
    await using logs = logsOver(noSsh, thread);
    const session = logs.follow({
      targets: [targetOn(undefined, { kind: 'file', path: file })],
      start: 'beginning',
    });
    for await (const rows of session.read({}, new AbortController().signal)) {
      expect(rows[0]?.text).toBe('one');
      break;
    }
    await session.dispose();
    // Node.js tells of rejections after the microtasks of a turn.
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.off('unhandledRejection', hear);
  }
  expect(unhandled).toEqual([]);
});
