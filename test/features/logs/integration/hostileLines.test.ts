import { appendFile, open, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { until } from '../../../harness/until';
import { linesOf, logsOver, noSsh, rowsWith, scratch, targetOn } from './logFixture';

test('a line of 100 MB is cut and counted, and what comes after it is a line', async () => {
  await using place = await scratch();
  const file = path.join(place.folder, 'app.log');
  const block = Buffer.alloc(1024 * 1024, 'x');
  await using output = await open(file, 'a');
  for (let index = 0; index < 100; index++) await output.write(block);
  await output.write('\nafter\n');
  await using logs = logsOver(noSsh);
  const session = logs.follow({
    targets: [targetOn(undefined, { kind: 'file', path: file })],
    start: 'beginning',
  });
  await until('it is read', () => session.stats.lines === 2);
  const [giant, after] = await rowsWith(session, 'after');
  expect(giant!.text.length).toBeLessThan(1024 * 1024);
  expect(Buffer.byteLength(giant!.text) + (giant!.hidden ?? 0) + (giant!.cut ?? 0)).toBe(100 * 1024 * 1024);
  expect(after).toMatchObject({ kind: 'line', text: 'after' });
});

test('bytes that are no UTF-8, and characters broken in the middle, cost no line', async () => {
  await using place = await scratch();
  const file = path.join(place.folder, 'app.log');
  await writeFile(file, Buffer.from([0xff, 0xfe, 0x41, 0x0a, 0xe2, 0x82]));
  await using logs = logsOver(noSsh);
  const session = logs.follow({
    targets: [targetOn(undefined, { kind: 'file', path: file })],
    start: 'beginning',
  });
  await rowsWith(session, 'A');
  await appendFile(file, Buffer.from([0xac, 0x0a, 0x00, 0x1e, 0x0a]));
  const rows = await until('all', async () =>
    session.stats.lines === 3 ? rowsWith(session, '€') : undefined,
  );
  expect(linesOf(rows)).toEqual(['\ufffd\ufffdA', '€', '\0\x1e']);
});
