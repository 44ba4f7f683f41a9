import { expect, it } from 'vitest';
import { hotFunctions } from '../../src/features/profiles/core/analysis/hotFunctions';
import { readProfile } from '../../src/features/profiles/core/formats/readProfile';

it('A profile may have a million frames', async () => {
  const stacks = Array.from({ length: 1_000_000 }, (_, index) => `m;f${index} 1`).join('\n');
  const profile = await readProfile(Buffer.from(stacks), 'wide');
  expect(profile.frames).toHaveLength(1_000_001);
  expect(hotFunctions(profile).total).toBe(1_000_000);
});
