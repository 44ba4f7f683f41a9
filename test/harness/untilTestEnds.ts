import { onTestFinished } from 'vitest';

/** Disposes what a test made, the last first, and after a picture was taken of how it failed, as `await using` would not. */
export function untilTestEnds<Value extends AsyncDisposable>(value: Value): Value {
  onTestFinished(() => value[Symbol.asyncDispose]());
  return value;
}
