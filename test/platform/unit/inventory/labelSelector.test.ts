import { describe, expect, it } from 'vitest';
import { labelSelector } from '../../../../src/platform/inventory/selection/labelSelector';
import { splitSelectors } from '../../../../src/shell/editor/commands/splitSelectors';

describe('The selector of a label', () => {
  it.each([
    ['role', 'web', 'role=web'],
    ['app/tier', 'v1.2-rc_3', 'app/tier=v1.2-rc_3'],
    ['note', 'two words', 'note=two?words'],
    ['note', 'a,b (c) [1-3] *', 'note=a?b??c???1-3???'],
    ['note', 'a"b\'$(touch /tmp/x) `…` ', 'note=a?b???touch?/tmp/x??????'],
    ['note', '=x', 'note=?x'],
    ['note', '!x', 'note=?x'],
    ['note', 'line\nbreak', 'note=line?break'],
    ['note', '🚀', 'note=??'],
    ['note', '', undefined],
    ['two words', 'x', undefined],
    ['-x', 'y', undefined],
  ])('%s with the value %j is %j, one word in a line of several', (label, value, selector) => {
    expect(labelSelector(label, value)).toBe(selector);
    if (selector !== undefined) expect(splitSelectors(`${selector} web-1`)).toEqual([selector, 'web-1']);
  });
});
