import { describe, expect, it } from 'vitest';
import {
  everything,
  plainLook,
  readLogPanelState,
} from '../../../../src/features/logs/editor/panel/logOrder';

describe('What a panel of logs keeps over a reload', () => {
  const order = {
    inventory: 'file:///w',
    hosts: ['web-1'],
    sources: ['app'],
    origin: undefined,
    file: undefined,
    start: { time: 5 },
    at: undefined,
  };
  const state = {
    order,
    view: {
      ...everything,
      level: 'warn',
      hiddenHosts: ['web-2'],
      from: 1,
      correlate: { field: 'a', value: 'b' },
    },
    look: { ...plainLook, wraps: true },
  };

  it('comes back as it was, through JSON', () => {
    expect(readLogPanelState(JSON.parse(JSON.stringify(state)))).toEqual(state);
    const origins = [
      { kind: 'file', path: '/a' },
      { kind: 'journal' },
      { kind: 'command', command: 'dmesg -w' },
    ];
    for (const origin of origins)
      expect(readLogPanelState({ ...state, order: { ...order, origin } })?.order.origin).toEqual(origin);
  });

  it('is nothing when it makes no sense', () => {
    const broken = [undefined, null, 'x', {}, { ...state, order: { ...order, start: 'never' } }];
    for (const stored of broken) expect(readLogPanelState(stored)).toBeUndefined();
  });
});
