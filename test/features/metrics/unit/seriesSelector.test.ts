import { describe, expect, it, test } from 'vitest';
import { parseSeriesSelector, selects } from '../../../../src/features/metrics/core/seriesSelector';

const isMeant = (selector: string, name: string, labels: Record<string, string> = {}) =>
  selects(parseSeriesSelector(selector), {
    name,
    labels: Object.entries(labels).map(([label, value]) => ({ name: label, value })),
  });

test.each([
  ['up', 'up', {}, true],
  ['up', 'up', { any: 'label' }, true],
  ['up', 'uptime', {}, false],
  ['memstats.NumGC', 'memstats.NumGC', {}, true],
  ['a{}', 'a', {}, true],
  ['a{b=c}', 'a', { b: 'c' }, true],
  ['a{b=c}', 'a', { b: 'd' }, false],
  ['a{b="c d, e}"}', 'a', { b: 'c d, e}' }, true],
  ['a{b="say \\"x\\"\\n"}', 'a', { b: 'say "x"\n' }, true],
  ['a{ b = c , d = e , }', 'a', { b: 'c', d: 'e' }, true],
  ['a{b=c,d=e}', 'a', { b: 'c' }, false],
  ['a{b=""}', 'a', {}, true],
  ['a{b!=c}', 'a', {}, true],
  ['a{b!=c}', 'a', { b: 'c' }, false],
  ['a{code=~"5.."}', 'a', { code: '503' }, true],
  ['a{code=~"5."}', 'a', { code: '503' }, false],
  ['a{code!~"5..|4.."}', 'a', { code: '200' }, true],
  ['a_bucket{le="1"}', 'a_bucket', { le: '1.0' }, true],
  ['a_bucket{le="+Inf"}', 'a_bucket', { le: 'inf' }, true],
  ['a_bucket{le!="1"}', 'a_bucket', { le: '1.0' }, false],
  ['a{b="1"}', 'a', { b: '1.0' }, false],
])('%s and %s%j: %s', (selector, name, labels, expected) => {
  expect(isMeant(selector, name, labels as Record<string, string>)).toBe(expected);
});

describe('what is not a selector', () => {
  test.each([
    '',
    ' ',
    '{a="b"}',
    'a b',
    'a{',
    'a}',
    'a{b}',
    'a{b=c d=e}',
    'a{b="c}',
    'a{b=c}d',
    'a{b=~"("}',
    'a{,}',
  ])('is refused: %s', (text) => {
    expect(() => parseSeriesSelector(text)).toThrow(RangeError);
  });

  it('is refused, however long', () => {
    expect(() => parseSeriesSelector(`a{${'b="'.repeat(50_000)}`)).toThrow(RangeError);
  });
});
