import { createInterface } from 'node:readline';
import type { Sample } from './measure';
import { percentiles } from './percentiles';

/**
 * The work of a round, to be timed, prepared with the words after its name. Gives latencies of what succeeded, the
 * longest stall where that is looked at, and what is left to do off the clock.
 */
export type Round = (
  ...words: string[]
) => Promise<() => Promise<{ latencies: number[]; stallMs?: number; after?: () => Promise<void> }>>;

/** Does the round that each line of standard input names, and answers with its sample, until the input ends. */
export async function serveRounds(rounds: Readonly<Record<string, Round>>): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const [name, ...words] = line.split(' ') as [string, ...string[]];
    process.stdout.write(`${JSON.stringify(await sample(await rounds[name]!(...words)))}\n`);
  }
}

async function sample(work: Awaited<ReturnType<Round>>): Promise<Sample> {
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  const { latencies, stallMs, after } = await work();
  const wallMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpu);
  await after?.();
  return {
    wallMs,
    cpuMs: (user + system) / 1000,
    ...percentiles(latencies),
    stallMs,
  };
}
