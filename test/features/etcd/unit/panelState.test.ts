import { describe, expect, it } from 'vitest';
import { readPanelState } from '../../../../src/features/etcd/editor/watch/panelState';

const state = {
  ...{ cluster: 'main', inventory: 'file:///fleet', identity: '[]', prefix: 'L2NvbmZpZy8=', isKey: false },
  ...{ fromRevision: 12, filter: { text: 'app', isRegex: false, types: ['put'] }, isGrouped: true },
  changes: 7,
};

describe('What a watch panel keeps over a reload', () => {
  it('is read as it was written', () => {
    expect(readPanelState(structuredClone(state))).toEqual(state);
    const young = { ...state, fromRevision: undefined };
    expect(readPanelState(young)).toEqual(young);
    // As the version before kept it.
    expect(readPanelState({ ...state, changes: undefined })).toEqual({ ...state, changes: 0 });
  });

  it.each([
    ...[undefined, null, 'text', {}, { ...state, prefix: '%' }, { ...state, fromRevision: 0 }],
    ...[
      { ...state, fromRevision: 1.5 },
      { ...state, filter: { ...state.filter, types: ['move'] } },
    ],
  ])('is nothing when it makes no sense: %j', (stored) => {
    expect(readPanelState(stored)).toBeUndefined();
  });
});
