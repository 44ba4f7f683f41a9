import { describe, expect, it } from 'vitest';
import { conditionsOf } from '../../harness/whenClause';

describe('The conditions of a when clause', () => {
  it('are all keys, with what they are compared with', () => {
    expect(conditionsOf("!a && (b.c == 'd e' || !(f =~ /^[/)]\\/g$/i)) && h > 0")).toEqual([
      { key: 'a' },
      { key: 'b.c', operator: '==', value: "'d e'" },
      { key: 'f', operator: '=~', value: '/^[/)]\\/g$/i' },
      { key: 'h', operator: '>', value: '0' },
    ]);
  });

  it.each(['', 'a &&', 'a b', '(a', 'a)', 'a ==', 'a == && b', '&& a', 'a = b', "a == 'b"])(
    'are not made up for “%s”',
    (clause) => expect(() => conditionsOf(clause)).toThrow('clause'),
  );
});
