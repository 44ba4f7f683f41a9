import { describe, expect, it } from 'vitest';
import { listPages } from '../../../../src/features/etcd/core/client/etcdListing';
import type { RangeAnswer } from '../../../../src/features/etcd/core/client/etcdMessages';
import { prefixRange } from '../../../../src/features/etcd/core/client/etcdModel';

const kv = (key: string) => ({
  ...{ key: Buffer.from(key), value: Buffer.alloc(0), createRevision: 1, modRevision: 1, version: 1 },
  lease: undefined,
});
const answer = (keys: string[], more: boolean): RangeAnswer => ({
  ...{ revision: 9, kvs: keys.map(kv), more, count: 99 },
});

/** The keys that are listed, when the server gives these answers, the last one for ever. */
async function listed(...answers: RangeAnswer[]): Promise<string[]> {
  const keys: string[] = [];
  const read = () => Promise.resolve(answers.length > 1 ? answers.shift()! : answers[0]!);
  for await (const { kvs } of listPages(read, prefixRange(Buffer.from('p/')), {}))
    keys.push(...kvs.map(({ key }) => key.toString()));
  return keys;
}

describe('a listing', () => {
  it('goes on after the last key of each page', async () => {
    expect(await listed(answer(['p/a', 'p/b'], true), answer(['p/c'], false))).toEqual(['p/a', 'p/b', 'p/c']);
    expect(await listed(answer([], false))).toEqual([]);
  });

  it.each([
    ['the same page again and again', [answer(['p/k'], true)]],
    ['pages without keys, with more to come', [answer([], true)]],
    ['keys before those that were asked for', [answer(['o'], false)]],
    ['keys after those that were asked for', [answer(['p/a', 'q'], false)]],
    ['keys in another order', [answer(['p/b', 'p/a'], false)]],
  ])('ends where the server gives %s', async (_, answers) => {
    await expect(listed(...answers)).rejects.toMatchObject({ code: 'PROTOCOL', phase: 'request' });
  });
});
