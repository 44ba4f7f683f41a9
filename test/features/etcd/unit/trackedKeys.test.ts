import { describe, expect, it } from 'vitest';
import { TrackedKeys } from '../../../../src/features/etcd/core/watch/trackedKeys';

const kv = (key: string, modRevision: number) => ({
  ...{ key: Buffer.from(key), value: Buffer.alloc(0), createRevision: 1, modRevision, version: 1 },
  lease: undefined,
});

describe('the keys of a watch, read while changes come in', () => {
  it('are those that were read, but for what has changed meanwhile', () => {
    const keys = new TrackedKeys(10);
    keys.beginBefore();
    keys.putBefore(kv('kept', 5));
    keys.put(kv('changed', 8));
    keys.delete(Buffer.from('gone'));
    keys.putBefore(kv('changed', 5));
    keys.putBefore(kv('gone', 5));
    keys.endBefore();
    expect(keys.revisionOf(Buffer.from('kept'))).toBe(5);
    expect(keys.revisionOf(Buffer.from('changed'))).toBe(8);
    expect(keys.revisionOf(Buffer.from('gone'))).toBeUndefined();
    expect([...keys.missingIn(new Set(['kept']))]).toEqual([{ key: Buffer.from('changed'), revision: 8 }]);
  });

  it.each(['put', 'putBefore'] as const)('are unknown once there are too many: %s', (way) => {
    const keys = new TrackedKeys(2);
    keys.beginBefore();
    for (const key of ['a', 'b']) keys[way](kv(key, 1));
    expect(keys.known).toBe(true);
    keys[way](kv('c', 1));
    expect(keys.known).toBe(false);
    keys.put(kv('d', 2));
    keys.delete(Buffer.from('a'));
    expect(keys.revisionOf(Buffer.from('d'))).toBeUndefined();
  });
});
