import { describe, expect, it } from 'vitest';
import { TransferRate } from '../../../../src/features/copy/core/transferRate';

describe('The rate of a copy', () => {
  it('says nothing before anything is moved, and no rate in the first moment', () => {
    const rate = new TransferRate(1);
    rate.add({ kind: 'planned', host: 'a', files: 1, bytes: 1000 }, 0);
    expect(rate.text(0)).toBe('');
    rate.add({ kind: 'moved', host: 'a', bytes: 100 }, 0);
    expect(rate.text(499)).toBe('100 B of 1.0 kB');
  });

  it('expects of hosts that have not begun what the others take', () => {
    const rate = new TransferRate(3);
    rate.add({ kind: 'planned', host: 'a', files: 1, bytes: 1000 }, 0);
    rate.add({ kind: 'moved', host: 'a', bytes: 1000 }, 0);
    expect(rate.text(1000)).toBe('1.0 kB of 3.0 kB · 1.0 kB/s · 2 s left');
    rate.ended = 3;
    expect(rate.text(1000)).toBe('1.0 kB of 1.0 kB · 1.0 kB/s · 0 s left');
  });

  it('is of the last seconds, however fast it was before', () => {
    const rate = new TransferRate(1);
    rate.add({ kind: 'planned', host: 'a', files: 1, bytes: 1_000_000 }, 0);
    rate.add({ kind: 'moved', host: 'a', bytes: 900_000 }, 0);
    for (let second = 1; second <= 30; second++)
      rate.add({ kind: 'moved', host: 'a', bytes: 1000 }, second * 1000);
    expect(rate.text(31_000)).toMatch(/^930 kB of 1\.0 MB · 1\.0 kB\/s · 70 s left$/);
  });
});
