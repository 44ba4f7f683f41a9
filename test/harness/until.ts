import { setTimeout as delay } from 'node:timers/promises';

/** Milliseconds. */
const interval = 50;

/**
 * Resolves with the first truthy value that `condition` gives.
 * Throws after `timeout` milliseconds, naming what was waited for.
 */
export async function until<Value>(
  what: string,
  condition: () => Value | Promise<Value>,
  timeout = 30_000,
): Promise<NonNullable<Value>> {
  const deadline = performance.now() + timeout;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (performance.now() > deadline) throw new Error(`${what}: not within ${timeout} ms`);
    await delay(interval);
  }
}
