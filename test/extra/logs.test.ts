import { afterAll, beforeAll, expect, test } from 'vitest';
import { SshdFarm } from '../harness/sshd';
import { until } from '../harness/until';
import { logsOver, targetOn } from '../integration/logs/logFixture';
import { everyNumberIsThere } from '../integration/logs/numberedHosts';
import { hostOn, poolFor } from '../integration/ssh/sshFixture';

let farm: SshdFarm;
beforeAll(async () => {
  farm = await SshdFarm.create();
});
afterAll(async () => {
  await farm[Symbol.asyncDispose]();
});

test('ten million lines are followed with flat memory', { timeout: 600_000 }, async () => {
  const daemon = await farm.start();
  await using pool = await poolFor(farm, [daemon]);
  await using logs = logsOver(pool);
  const command = `awk 'BEGIN { for (n = 0; n < 10000000; n++) print "2026-11-26T12:00:00Z INFO request number " n " of many" }'`;
  const session = logs.follow(
    { targets: [targetOn(hostOn(farm, daemon), { kind: 'command', command })] },
    { memory: 64 * 1024 * 1024 },
  );
  let highest = 0;
  const watch = setInterval(() => {
    if (session.stats.lines > 2_000_000) highest = Math.max(highest, process.memoryUsage().rss);
  }, 50);
  await until('a fifth has come', () => session.stats.lines > 2_000_000, 300_000);
  const early = process.memoryUsage().rss;
  await session.ended;
  clearInterval(watch);
  await until('all is counted', () => session.stats.lines === 10_000_000);
  console.log(
    `rss ${(early / 1e6).toFixed(0)} MB after 2 million lines, at most ${(highest / 1e6).toFixed(0)} MB later`,
  );
  expect(highest - early).toBeLessThan(100 * 1024 * 1024);
});

test(
  'every one of a million numbered lines on each of eight hosts is there once, or in a reported gap',
  { timeout: 600_000 },
  async () => {
    console.log(await everyNumberIsThere(farm, 1_000_000, 300_000));
  },
);
