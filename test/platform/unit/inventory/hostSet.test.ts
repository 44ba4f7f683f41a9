import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compactHostSet,
  expandHostPattern,
  expandHostSet,
  splitHostSet,
} from '../../../../src/platform/inventory/selection/hostSet';
import { propertyRuns } from '../../../harness/propertyRuns';

describe('a host pattern', () => {
  it.each([
    ['db-1', ['db-1']],
    ['web-[08:11]', ['web-08', 'web-09', 'web-10', 'web-11']],
    ['n[9:11]', ['n9', 'n10', 'n11']],
    ['n[1:10:3]', ['n1', 'n4', 'n7', 'n10']],
    ['n[:2]', ['n0', 'n1', 'n2']],
    ['rack-[a:d]', ['rack-a', 'rack-b', 'rack-c', 'rack-d']],
    ['rack-[a:e:2]', ['rack-a', 'rack-c', 'rack-e']],
    ['r[1:2]-n[01:02].x', ['r1-n01.x', 'r1-n02.x', 'r2-n01.x', 'r2-n02.x']],
    ['web-[01-03,20]', ['web-01', 'web-02', 'web-03', 'web-20']],
    ['web-[1-4]', ['web-1', 'web-2', 'web-3', 'web-4']],
  ])('%s expands as in Ansible', (pattern, names) => {
    expect(expandHostPattern(pattern)).toEqual(names);
  });

  it.each([
    ['a[3:1]', 'backwards'],
    ['a[f:a]', 'backwards'],
    ['a[01:100]', 'same length'],
    ['a[1:]', 'numbers or single letters'],
    ['a[1:x]', 'numbers or single letters'],
    ['a[1:9:0]', 'step'],
    ['a[1:9:2:3]', 'step'],
    ['a[1:2', 'without its counterpart'],
    ['a1:2]', 'without its counterpart'],
    ['a[1:99999999]', '100,000'],
    ['a[1:1000]b[1:1000]', '100,000'],
    ['a[1-1000000]', '100,000'],
    ['a[1:9999999999999999999]', 'too long'],
  ])('%s is refused', (pattern, reason) => {
    expect(() => expandHostPattern(pattern)).toThrow(reason);
  });

  it('keeps brackets that hold no range', () => {
    expect(expandHostPattern('web-[abc]')).toEqual(['web-[abc]']);
  });
});

describe('a folded host set', () => {
  it.each([
    [['web-01', 'web-02', 'web-03', 'web-20', 'db-1'], 'web-[01-03,20],db-1'],
    [['n9', 'n10', 'n11'], 'n[9-11]'],
    [['n10', 'n2', 'n1'], 'n[1-2,10]'],
    [['a', 'b'], 'a,b'],
    [['w-09', 'w-10', 'w-100'], 'w-[09-10,100]'],
    [['w1', 'w01'], 'w[1,01]'],
    [['r1-n1', 'r1-n2', 'r2-n1', 'r2-n2', 'r3-n1'], 'r[1-2]-n[1-2],r3-n1'],
    [['10.0.0.1', '10.0.0.2'], '10.0.0.[1-2]'],
    [['solo-7'], 'solo-7'],
    [[], ''],
  ])('of %j is %s', (names, text) => {
    expect(compactHostSet(names)).toBe(text);
  });

  it('is read back by its parts', () => {
    expect(splitHostSet('web-[01-03,20], db-1')).toEqual(['web-[01-03,20]', 'db-1']);
    expect(expandHostSet('web-[01-03,20],db-1')).toEqual(['web-01', 'web-02', 'web-03', 'web-20', 'db-1']);
  });

  it('names exactly the hosts it was made of, whatever they are called', () => {
    const name = fc
      .array(fc.oneof(fc.constantFrom('web-', 'db', '.', 'x', '-r'), fc.stringMatching(/^[0-9]{1,4}$/)), {
        minLength: 1,
        maxLength: 5,
      })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 40 }), (names) => {
        expect(expandHostSet(compactHostSet(names)).sort()).toEqual([...names].sort());
      }),
      { numRuns: propertyRuns(500) },
    );
  });

  it('is made for 5,000 hosts at once', () => {
    const names = expandHostPattern('rack[1:50]-node[001:100]');
    expect(compactHostSet(names)).toBe('rack[1-50]-node[001-100]');
  });
});
