import { describe, expect, it } from 'vitest';
import { survives } from '../../harness/hostileInputs';
import { hostileReaders } from '../../harness/hostileReaders';

describe('What others wrote or send', async () => {
  // `npm run test:soak` reads a million of each.
  for (const { name, material, read, isRefusal } of await hostileReaders())
    it(`never crashes the reader of ${name}, nor holds it up`, async () => {
      const { inputs } = await survives(material, read, { count: 300, seed: 16, isRefusal });
      expect(inputs).toBe(300);
    });
});
