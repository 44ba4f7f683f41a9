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
  timeout = 60_000,
): Promise<NonNullable<Value>> {
  const deadline = performance.now() + timeout;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (performance.now() > deadline) throw new Error(`${what}: not within ${timeout} ms`);
    await delay(interval);
  }
}

/**
 * Resolves with what `read` gives as soon as `is` is true of it. Throws after `timeout` milliseconds, with what was read
 * last.
 */
export async function untilRead<Value>(
  what: string,
  read: () => Promise<Value>,
  is: (value: Value) => boolean,
  timeout?: number,
): Promise<Value> {
  let last: Value | undefined;
  try {
    await until(what, async () => is((last = await read())), timeout);
    return last!;
  } catch (error) {
    const shown = Array.isArray(last) ? last.join('\n') : String(last);
    throw new Error(`${(error as Error).message}, but\n${shown}`, { cause: error });
  }
}
