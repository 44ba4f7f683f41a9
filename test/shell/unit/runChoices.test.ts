import { describe, expect, it } from 'vitest';
import { controlOf, readChoice, withChoice } from '../../../src/shell/editor/commands/runChoices';

describe('How to run', () => {
  it.each([
    ['pause', '30s', { pauseMs: 30_000 }],
    ['pause', '0s', undefined],
    ['pause', '2d', undefined],
    ['pause', '30', undefined],
    ['retries', '0', { retries: 0 }],
    ['retries', ' 100 ', { retries: 100 }],
    ['retries', '101', undefined],
    ['retries', '1.5', undefined],
    ['retries', '', undefined],
  ] as const)('reads %s %s', (name, text, control) => expect(readChoice(name, text)).toEqual(control));

  it('has a pause for as long as there are batches', () => {
    const inBatches = withChoice(withChoice({}, 'serial', '1,50%'), 'pause', ' 30s ');
    expect(inBatches).toEqual({ serial: '1,50%', pause: '30s' });
    expect(controlOf(inBatches)).toEqual({ serial: [{ count: 1 }, { percent: 50 }], pauseMs: 30_000 });
    expect(withChoice(inBatches, 'serial', '')).toEqual({});
    expect(withChoice({ retries: '2' }, 'pause', '30s')).toEqual({ retries: '2' });
  });
});
