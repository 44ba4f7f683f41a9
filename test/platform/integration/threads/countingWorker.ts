import { once } from 'node:events';
import { MusterError } from '../../../../src/platform/errors/errors';
import { serveThread } from '../../../../src/platform/threads/serveThread';
import { handOver } from '../../../../src/platform/threads/threadContract';
import type { CountingContract } from './countingContract';

serveThread<CountingContract>(async ({ start, fails }, tells) => {
  await new Promise((resolve) => setImmediate(resolve));
  if (fails) throw new MusterError('FORMAT', 'it cannot be read', { hint: 'Write it again.' });
  let number = start;
  return {
    add: (count) => (number += count),
    raise: (bytes) => {
      new Uint8Array(bytes)[0]!++;
      return handOver(bytes, [bytes]);
    },
    fail: () => {
      const inner = new Error('no route', { cause: new Error('the cable is out') });
      throw new MusterError('UNREACHABLE', 'db-1 is far', {
        phase: 'connect',
        hint: 'Go there.',
        cause: inner,
      });
    },
    unsendable: () => () => {},
    wait: async (signal) => {
      tells.waiting();
      await once(signal, 'abort');
      throw new MusterError('TIMEOUT', `heeded: ${(signal.reason as Error).message}`);
    },
    die: () => {
      setImmediate(() => {
        throw new Error('the thread has died');
      });
      return new Promise(() => {});
    },
    leave: () => process.exit(),
    count: (times) => {
      for (let index = 0; index < times; index++) tells.counted(++number);
    },
  };
});
