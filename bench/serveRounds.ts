import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import type { Sample } from './measure';

/**
 * The work of a round, to be timed, prepared with the words after its name. Gives latencies of what succeeded, and what
 * is left to do off the clock.
 */
export type Round = (
  ...words: string[]
) => Promise<() => Promise<{ latencies: number[]; after?: () => Promise<void> }>>;

/** Does the round that each line of standard input names, and answers with its sample, until the input ends. */
export async function serveRounds(rounds: Readonly<Record<string, Round>>): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const [name, ...words] = line.split(' ') as [string, ...string[]];
    process.stdout.write(`${JSON.stringify(await sample(await rounds[name]!(...words)))}\n`);
  }
}

async function sample(work: Awaited<ReturnType<Round>>): Promise<Sample> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  const { latencies, after } = await work();
  const wallMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpu);
  delay.disable();
  await after?.();
  latencies.sort((a, b) => a - b);
  const percentile = (percent: number) => latencies[Math.ceil((latencies.length * percent) / 100) - 1];
  return {
    wallMs,
    cpuMs: (user + system) / 1000,
    ok: latencies.length,
    ...{ p50Ms: percentile(50), p95Ms: percentile(95), p99Ms: percentile(99) },
    stallMs: delay.max / 1e6,
  };
}
