import { describe, expect, it } from 'vitest';
import { profileSamples, readDamaged } from './damagedProfiles';

describe('Damaged profiles', () => {
  it('of every format end with a profile, or with what is wrong', async () => {
    const samples = await profileSamples();
    expect(samples).toHaveLength(10);
    // The same ones each time; `npm run test:extra` tries thousands of others.
    for (const [, sample] of samples) await readDamaged(sample, { numRuns: 40, seed: 5 });
  });
});
