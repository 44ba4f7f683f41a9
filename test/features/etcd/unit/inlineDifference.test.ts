import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  inlineDifference,
  valueDifference,
} from '../../../../src/features/etcd/core/compare/inlineDifference';
import { cpuMs } from '../../../harness/cpuMs';
import { unicodeText } from '../../../harness/unicodeText';

const shown = (before: string, after: string) =>
  inlineDifference(before, after)
    .map(({ kind, text }) => (kind === 'same' ? text : `${kind === 'added' ? '+' : '-'}[${text}]`))
    .join('');

describe('The inline difference of two values', () => {
  it('is word by word', () => {
    expect(shown('port: 80', 'port: 8080')).toBe('port: -[80]+[8080]');
    expect(shown('', 'new')).toBe('+[new]');
    expect(shown('old', '')).toBe('-[old]');
    expect(shown('same', 'same')).toBe('same');
  });

  it('leaves out what is far from the change', () => {
    const text = (word: string) => `${'a '.repeat(5000)}${word}${' z'.repeat(5000)}`;
    const difference = shown(text('one'), text('two'));
    expect(difference).toMatch(/^….*-\[one\]\+\[two\].*…$/);
    expect(difference.length).toBeLessThan(100);
  });

  it('is quick and short for values that have nothing in common', async () => {
    const before = 'x y '.repeat(200_000);
    const after = 'q r '.repeat(200_000);
    const ms = await cpuMs(() => expect(shown(before, after).length).toBeLessThan(1300));
    expect(ms).toBeLessThan(1_000);
  });

  it('never tears a character, and tells both texts where they are short', () => {
    const text = unicodeText(20);
    fc.assert(
      fc.property(text, text, (before, after) => {
        const parts = inlineDifference(before, after);
        const side = (without: string) =>
          parts.map(({ kind, text }) => (kind === without ? '' : text)).join('');
        expect(side('removed')).toBe(after);
        expect(side('added')).toBe(before);
      }),
    );
  });

  it('of long values is found in their bytes, without tearing characters', async () => {
    const value = (word: string) => Buffer.from(`${'é🚀 '.repeat(150_000)}${word} ${'🚀é '.repeat(150_000)}`);
    const [before, after] = [value('one'), value('three')];
    let parts: ReturnType<typeof valueDifference> = [];
    expect(await cpuMs(() => (parts = valueDifference(before, after)))).toBeLessThan(1_000);
    const changes = parts.filter(({ kind }) => kind !== 'same').map(({ kind, text }) => `${kind} ${text}`);
    expect(changes).toEqual(['removed one', 'added three']);
    const text = parts.map(({ text }) => text).join('');
    expect(text).not.toContain('\ufffd');
    expect(text).toMatch(/^….*…$/s);
    expect(text.length).toBeLessThan(300);
  });
});
