import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesPatternList, matchesWildcard } from '../../../../src/platform/transport/ssh/config/wildcard';
import { cpuMs } from '../../../harness/cpuMs';

describe('a pattern of OpenSSH', () => {
  it.each([
    ['web-1', 'web-1', true],
    ['web-?', 'web-1', true],
    ['web-?', 'web-', false],
    ['*.example.com', 'a.b.example.com', true],
    ['*.example.com', 'example.com', false],
    ['[*]:22', '[::1]:22', true],
    ['*', '', true],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'a-b-b-d', false],
  ])('%s on %s: %s', (pattern, text, matches) => {
    expect(matchesWildcard(pattern, text)).toBe(matches);
  });

  it('means the same as a regular expression', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 8 });
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*', '?'), maxLength: 8 });
    fc.assert(
      fc.property(pattern, text, (glob, value) => {
        const expression = glob.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.');
        expect(matchesWildcard(glob, value)).toBe(new RegExp(`^${expression}$`).test(value));
      }),
    );
  });

  it('takes no time that grows out of bounds', async () => {
    const hostile = () => expect(matchesWildcard(`${'a*'.repeat(200)}b`, 'a'.repeat(5000))).toBe(false);
    expect(await cpuMs(hostile)).toBeLessThan(1000);
  });

  it('in a list with a negation excludes, wherever it stands', () => {
    expect(matchesPatternList(['*.example.com', '!db.example.com'], 'web.example.com')).toBe(true);
    expect(matchesPatternList(['!db.example.com', '*.example.com'], 'db.example.com')).toBe(false);
    expect(matchesPatternList(['!db.example.com'], 'web.example.com')).toBe(false);
  });
});
