import { describe, expect, it } from 'vitest';
import { jsonText } from '../../../src/shell/cli/output/jsonText';
import { formatTable } from '../../../src/shell/cli/output/table';

describe('What the shell prints', () => {
  it('as JSON has nothing that a terminal acts on, and is the same value', () => {
    const value = { text: 'a\u001b]0;x\u0007 \u009b31m \u009d52;c \u202ebidi\u2066 \u2028 \ufeff é 🚀' };
    expect(jsonText(value)).toMatch(/^[\x20-\x7eé🚀]*$/u);
    expect(JSON.parse(jsonText(value))).toEqual(value);
    expect(jsonText([1], 2)).toBe('[\n  1\n]');
  });

  it('as a table may have very many lines', async () => {
    const rows = Array.from({ length: 200_000 }, (_, index) => [String(index)]);
    const plain = { dim: (text: string) => text } as Parameters<typeof formatTable>[2];
    const text = await formatTable(['n'], rows, plain);
    expect(text.split('\n')).toHaveLength(200_002);
  });
});
