import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OutputBudget, OutputBuffer } from '../../../../src/features/runs/core/outputBuffer';

const unlimited = () => new OutputBudget(Infinity);

describe('the output of a host', () => {
  it('is the same text however the bytes were cut', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 5 }), (text, size) => {
        const bytes = Buffer.from(text.toWellFormed());
        const output = new OutputBuffer(1 << 20, unlimited());
        for (let at = 0; at < bytes.length; at += size) output.append(bytes.subarray(at, at + size));
        expect(output.text()).toBe(bytes.toString());
        expect(output.droppedBytes).toBe(0);
      }),
    );
  });

  it('keeps its beginning up to the limit and counts the rest, cutting no character in two', () => {
    const output = new OutputBuffer(4, unlimited());
    output.append(Buffer.from('abc€def'));
    output.append(Buffer.from('ghi'));
    expect(output.text()).toBe('abc');
    expect(output.droppedBytes).toBe(8);
  });

  it('shares a budget with the other hosts of the batch', () => {
    const budget = new OutputBudget(5);
    const first = new OutputBuffer(100, budget);
    const second = new OutputBuffer(100, budget);
    first.append(Buffer.from('abc'));
    second.append(Buffer.from('def'));
    expect([first.text(), second.text(), second.droppedBytes]).toEqual(['abc', 'de', 1]);
  });

  it('shows invalid UTF-8 as replacement characters and keeps a byte order mark', () => {
    const output = new OutputBuffer(100, unlimited());
    output.append(Buffer.from([0xef, 0xbb, 0xbf, 0x61, 0xff, 0x62]));
    expect(output.text()).toBe('\ufeffa\ufffdb');
  });
});
