import { setImmediate } from 'node:timers/promises';

/** Work in small steps: a generator that yields wherever it may be interrupted. */
export type Steps<T> = Generator<undefined, T>;

/** Longest stretch before others get their turn, in milliseconds. */
export const maxStretchMs = 20;

export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** Finishes the steps, letting the event loop run in between. */
export async function finishBreathing<T>(steps: Steps<T>): Promise<T> {
  let since = performance.now();
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    if (performance.now() - since < maxStretchMs) continue;
    await setImmediate();
    since = performance.now();
  }
}
