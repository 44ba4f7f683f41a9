import { describe, expect, it } from 'vitest';
import {
  Function as PprofFunction,
  Line,
  Location,
  Profile as Encoded,
  Sample,
  StringTable,
  ValueType,
} from 'pprof-format';
import { MusterError } from '../../../../src/platform/errors/errors';
import { readProfile } from '../../../../src/features/profiles/core/formats/readProfile';
import { peakMemory } from '../../../harness/peakMemory';
import { profileSamples, readDamaged } from './damagedProfiles';
import { propertyRuns } from '../../../harness/propertyRuns';

const gigabyte = 1024 ** 3;

/** A location of many inlined frames, of which a sample repeats it, with so many types of values. */
function inflated(inlined: number, repeated: number, types: number): Uint8Array {
  const stringTable = new StringTable();
  const sampleType = Array.from(
    { length: types },
    (_, index) => new ValueType({ type: stringTable.dedup(`type ${index}`), unit: 0 }),
  );
  const line = Array.from({ length: inlined }, (_, index) => new Line({ functionId: 1, line: index + 1 }));
  return new Encoded({
    ...{ stringTable, sampleType, function: [new PprofFunction({ id: 1, name: stringTable.dedup('f') })] },
    location: [new Location({ id: 1, line })],
    sample: [new Sample({ locationId: Array.from({ length: repeated }, () => 1), value: [1] })],
  }).encode();
}

describe('Hostile profiles', () => {
  it.each([
    ['a location of 200,000 frames, 200,000 times in a stack', inflated(200_000, 200_000, 1), 'read'],
    ['5,000 types of values of a deep stack', inflated(100_000, 1, 5_000), 'TOO_LARGE'],
  ])('take no more memory than is sensible: %s', async (_, bytes, outcome) => {
    const before = peakMemory();
    const ended = await readProfile(bytes, 'file').then(
      () => 'read',
      (error: unknown) => (MusterError.is(error) ? error.code : error),
    );
    expect(ended).toBe(outcome);
    expect(peakMemory().resident - before.resident).toBeLessThan(gigabyte);
    expect(peakMemory().asked - before.asked).toBeLessThan(2 * gigabyte);
  });
});

describe('Hostile files', () => {
  it.each([
    ['a number of a million bytes', Buffer.concat([Buffer.from([9 << 3]), Buffer.alloc(1_000_000, 0xff)])],
    [
      'a number of a million bytes in a sample',
      Buffer.concat([Buffer.from([0x12, 0xc0, 0x84, 0x3d, 0x08]), Buffer.alloc(999_999, 0xff)]),
    ],
    ['a line of perf with a million spaces', `a${' '.repeat(1_000_000)}b\n`],
    ['a frame of perf with a million brackets', `a 1 1.0: 1 c:\n 1 ${'b (('.repeat(250_000)}\n`],
  ])('are read or refused at once: %s', async (_, content) => {
    const outcome = await readProfile(Buffer.from(content as string), 'file').then(
      () => 'read',
      (error: unknown) => (MusterError.is(error) ? error.code : error),
    );
    expect(['read', 'FORMAT']).toContain(outcome);
  });
});

describe('Damaged profiles', () => {
  it('of every format end with a profile, or with what is wrong', async () => {
    const samples = await profileSamples();
    expect(samples).toHaveLength(10);
    // The same ones each time; `npm run test:extra` tries thousands of others.
    for (const [, sample] of samples) await readDamaged(sample, { numRuns: propertyRuns(40), seed: 5 });
  });
});
