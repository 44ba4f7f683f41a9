import { describe, expect, it } from 'vitest';
import { survives } from '../harness/hostileInputs';
import { hostileReaders } from '../harness/hostileReaders';

const count = Number(process.env.MUSTER_HOSTILE_INPUTS ?? 1_000_000);
const seed = Number(process.env.MUSTER_HOSTILE_SEED ?? Date.now() % 2 ** 32);
/** What a process may grow by; each reader is given small inputs one after the other. */
const mostGrownBytes = 512 * 1024 * 1024;

describe(`A million hostile inputs (MUSTER_HOSTILE_SEED=${seed})`, { timeout: 2 * 3_600_000 }, async () => {
  for (const { name, material, read, isRefusal } of await hostileReaders())
    it(`never crash the reader of ${name}, hold it up for a second, or make it grow`, async () => {
      const { inputs, slowestMs, grownBytes } = await survives(material, read, { count, seed, isRefusal });
      const grown = (grownBytes / 1024 ** 2).toFixed();
      console.info(
        `${name}: ${inputs.toLocaleString('en')} inputs, slowest ${slowestMs.toFixed()} ms, grown ${grown} MB`,
      );
      expect(inputs).toBe(count);
      expect(grownBytes).toBeLessThan(mostGrownBytes);
    });
});
