import { expect } from 'vitest';
import type { SshdFarm } from '../../../harness/sshd';
import { until } from '../../../harness/until';
import { hostOn, poolFor } from '../../../platform/integration/ssh/sshFixture';
import { logsOver, targetOn } from './logFixture';

/**
 * Follows a command that prints `count` lines, of which `memory` bytes are kept. Once those are full the process grows no
 * further than by `garbage` bytes.
 */
export async function followsWithFlatMemory(
  farm: SshdFarm,
  count: number,
  { memory, garbage }: { memory: number; garbage: number },
): Promise<void> {
  const daemon = await farm.start();
  await using pool = await poolFor(farm, [daemon]);
  await using logs = logsOver(pool);
  const command = `awk 'BEGIN { for (n = 0; n < ${count}; n++) print "2026-11-26T12:00:00Z INFO request number " n " of many" }'`;
  const target = targetOn(hostOn(farm, daemon), { kind: 'command', command });
  const session = logs.follow({ targets: [target] }, { memory });
  const isWarm = () => session.stats.lines > count / 5;
  let highest = 0;
  const watch = setInterval(() => {
    if (isWarm()) highest = Math.max(highest, process.memoryUsage.rss());
  }, 50);
  await until('a fifth has come', isWarm, 300_000);
  const early = process.memoryUsage.rss();
  await session.ended;
  clearInterval(watch);
  await until('all is counted', () => session.stats.lines === count);
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed()} MB`;
  console.info(`rss ${megabytes(early)} after a fifth of the lines, at most ${megabytes(highest)} later`);
  expect(highest - early).toBeLessThan(garbage);
}
