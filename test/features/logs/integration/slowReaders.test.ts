import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LogPrinter } from '../../../../src/features/logs/cli/logPrinter';
import { OutputStream } from '../../../../src/shell/cli/output/outputStream';
import type { LogRow } from '../../../../src/features/logs/core/logRow';
import { type Sshd, SshdFarm } from '../../../harness/sshd';
import { until } from '../../../harness/until';
import { hostOn, poolFor } from '../../../platform/integration/ssh/sshFixture';
import { linesOf, logsOver, noSsh, targetOn } from './logFixture';

let farm: SshdFarm;
let daemon: Sshd;
beforeAll(async () => {
  farm = await SshdFarm.create();
  daemon = await farm.start();
});
afterAll(() => farm[Symbol.asyncDispose]());

const first = 1_000_000;
const last = 1_799_999;
const allBytes = (last - first + 1) * `${last}\n`.length;

test('what a command writes to its standard error waits on the host while nobody reads it, and none is lost', async () => {
  await using pool = await poolFor(farm, [daemon]);
  await using logs = logsOver(pool);
  const command = `seq ${first} ${last} >&2`;
  const session = logs.follow({
    targets: [targetOn(hostOn(farm, daemon), { kind: 'command', command })],
    follow: false,
  });
  const reading = session.read({}, new AbortController().signal)[Symbol.asyncIterator]();
  const { value } = (await reading.next()) as { value: LogRow[] };
  await until('it is held back', () => session.stats.throttled);
  await until('nothing more comes', async () => {
    const before = session.streams[0]!.bytes;
    await delay(200);
    return session.streams[0]!.bytes === before;
  });
  expect(session.streams[0]!.bytes).toBeLessThan(allBytes / 2);
  let next = first;
  const isNext = (line: string) => line === String(next++);
  expect(linesOf(value).every(isNext)).toBe(true);
  for await (const rows of { [Symbol.asyncIterator]: () => reading })
    expect(linesOf(rows).every(isNext)).toBe(true);
  expect(next).toBe(last + 1);
});

test.each([true, false])(
  'lines that were dropped before they were read are a gap that says how many (as JSON: %s)',
  async (asJson) => {
    await using logs = logsOver(noSsh);
    // Few enough not to be held back, long enough for the memory not to hold them.
    const command = `awk 'BEGIN { for (; n < 2000; n++) printf "%010000d\\n", n }'`;
    const session = logs.follow(
      { targets: [targetOn(undefined, { kind: 'command', command })], follow: false },
      { memory: 4 * 1024 * 1024 },
    );
    const reading = session.read({}, new AbortController().signal)[Symbol.asyncIterator]();
    // What is read before the command has ended may have a gap of its own.
    const rows = [...((await reading.next()) as { value: LogRow[] }).value];
    await session.ended;
    for await (const more of { [Symbol.asyncIterator]: () => reading }) rows.push(...more);
    const gaps = rows.filter(({ kind }) => kind === 'gap');
    const dropped = gaps.reduce((sum, { lost }) => sum + lost!, 0);
    expect(dropped).toBeGreaterThan(0);
    expect(linesOf(rows).length + dropped).toBe(2000);

    const stream = new PassThrough();
    const written = text(stream);
    await new LogPrinter(session, new OutputStream(stream, false, () => {}), asJson, false).print(rows);
    stream.end();
    const gap = asJson ? '"event":"gap",' : '— gap, ';
    const printed = (await written).split('\n').filter((line) => line.includes(gap));
    expect(printed).toHaveLength(gaps.length);
  },
);
