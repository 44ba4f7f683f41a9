import { createHash } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Deadline } from '../../../../src/platform/batch/deadline';
import { SshdFarm } from '../../../harness/sshd';
import { TcpProxy } from '../../../harness/tcpProxy';
import { failure, hostOn, poolFor } from '../../../platform/integration/ssh/sshFixture';
import { hostThrough, linesOf, logsOver, rowsWith, scratch, targetOn } from './logFixture';

const lines = 60_000;
const begin = Date.UTC(2026, 10, 26, 12);
const timeOf = (line: number) => new Date(begin + line * 1000);
const textOf = (line: number) => `${timeOf(line).toISOString()} INFO n=${line}`;

let farm: SshdFarm;
beforeAll(async () => {
  farm = await SshdFarm.create();
});
afterAll(() => farm[Symbol.asyncDispose]());

async function longLog(folder: string): Promise<string> {
  const file = path.join(folder, 'app.log');
  await writeFile(file, Array.from({ length: lines }, (_, line) => `${textOf(line)}\n`).join(''));
  return file;
}

test('a log is read from a time on, without reading what is before', async () => {
  await using place = await scratch();
  const file = await longLog(place.folder);
  const daemon = await farm.start({ config: ['Subsystem sftp internal-sftp'] });
  await using pool = await poolFor(farm, [daemon]);
  await using logs = logsOver(pool);
  const target = hostOn(farm, daemon);
  const session = logs.follow({
    targets: [targetOn(target, { kind: 'file', path: path.join(place.folder, '*.log') })],
    start: { time: timeOf(50_000).getTime() },
    follow: false,
  });
  await session.ended;
  const rows = linesOf(await rowsWith(session, textOf(lines - 1)));
  expect(rows[0]).toBe(textOf(50_000));
  expect(rows).toHaveLength(lines - 50_000);
  expect(session.stats.bytes).toBeLessThan((await stat(file)).size / 4);

  const deadline = new Deadline(30_000);
  const opened = await logs.open(target, file, deadline);
  const offset = await logs.seekTime(opened, timeOf(12_345).getTime() - 1, deadline);
  const found = Buffer.from(await opened.read(offset, 100, deadline)).toString();
  expect(found.split('\n')[0]).toBe(textOf(12_345));
  await opened.close();
});

test('a log is downloaded in parallel, goes on after lost links, and has the checksum of the host', async () => {
  await using place = await scratch();
  const file = await longLog(place.folder);
  const daemon = await farm.start({ config: ['Subsystem sftp internal-sftp'] });
  await using proxy = await TcpProxy.to(daemon.port);
  await using pool = await poolFor(farm, [daemon]);
  await using logs = logsOver(pool);
  const target = await hostThrough(proxy, farm, daemon);
  const deadline = new Deadline(60_000);
  const copy = path.join(place.folder, 'copy.log');
  let cuts = 0;
  let done = 0;
  const downloaded = await logs.download(target, file, copy, {
    deadline,
    onProgress: (progress) => {
      // It never begins anew.
      expect(progress.done).toBeGreaterThan(done);
      done = progress.done;
      if (++cuts > 1) return;
      proxy.cut();
      proxy.restore();
    },
  });
  const content = await readFile(file);
  expect(downloaded).toEqual({
    bytes: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
    verified: true,
  });
  expect((await readFile(copy)).equals(content)).toBe(true);

  // Part of another file: the checksum tells.
  await writeFile(`${copy}.part`, 'another file');
  const error = await failure(logs.download(target, file, copy, { deadline }));
  expect(error.code).toBe('CONFLICT');
});
