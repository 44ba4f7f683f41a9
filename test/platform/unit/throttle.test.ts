import { expect, test } from 'vitest';
import { Throttle } from '../../../src/platform/batch/throttle';

test('what was requested is done once, at once when it is flushed, and not again', () => {
  let done = 0;
  const throttle = new Throttle(() => done++, 60_000);
  throttle.flush();
  expect(done).toBe(0);
  throttle.request();
  throttle.request();
  expect(done).toBe(0);
  throttle.flush();
  throttle.flush();
  expect(done).toBe(1);
});
