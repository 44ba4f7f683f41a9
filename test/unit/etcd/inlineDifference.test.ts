import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inlineDifference, valueDifference } from '../../../src/core/etcd/inlineDifference';

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

  it('is quick and short for values that have nothing in common', () => {
    const before = 'x y '.repeat(200_000);
    const after = 'q r '.repeat(200_000);
    const began = performance.now();
    expect(shown(before, after).length).toBeLessThan(1300);
    expect(performance.now() - began).toBeLessThan(200);
  });

  it('never tears a character, and tells both texts where they are short', () => {
    const text = fc.string({ unit: 'binary', maxLength: 20 });
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

  it('of long values is found in their bytes, without tearing characters', () => {
    const value = (word: string) => Buffer.from(`${'é🚀 '.repeat(150_000)}${word} ${'🚀é '.repeat(150_000)}`);
    const [before, after] = [value('one'), value('three')];
    const began = performance.now();
    const parts = valueDifference(before, after);
    expect(performance.now() - began).toBeLessThan(100);
    const changes = parts.filter(({ kind }) => kind !== 'same').map(({ kind, text }) => `${kind} ${text}`);
    expect(changes).toEqual(['removed one', 'added three']);
    const text = parts.map(({ text }) => text).join('');
    expect(text).not.toContain('\ufffd');
    expect(text).toMatch(/^….*…$/s);
    expect(text.length).toBeLessThan(300);
  });
});
