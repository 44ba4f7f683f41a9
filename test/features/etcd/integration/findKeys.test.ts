import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EtcdCluster } from '../../../../src/features/etcd/core/client/etcdCluster';
import { keyText } from '../../../../src/features/etcd/core/keys/keyText';
import { findKeys, wholeKey } from '../../../../src/features/etcd/editor/config/findKeys';
import { EtcdFarm } from '../../../harness/etcd';
import { bytes, connect } from './etcdFixture';

const place = { prefix: bytes('/prod/'), separator: bytes('/') };

describe('Keys are found by what is typed of them', () => {
  let farm: EtcdFarm;
  let cluster: EtcdCluster & AsyncDisposable;

  beforeAll(async () => {
    farm = await EtcdFarm.start();
    cluster = await connect(farm.endpoints);
    const keys = [
      ...[
        '/prod/db',
        '/prod/db/replica',
        '/prod/web/db.yaml',
        '/prod/web/Timeout',
        '/test/db',
        '/prod/\nnew',
      ].map(bytes),
      Buffer.from([...bytes('/prod/odd/'), 0xff, 0x00]),
      ...Array.from({ length: 60 }, (_, index) => bytes(`/prod/many/${String(index).padStart(2, '0')}`)),
    ];
    await cluster.apply(keys.map((key) => ({ type: 'put' as const, key, value: bytes('v') })));
  });
  afterAll(async () => {
    await cluster?.[Symbol.asyncDispose]();
    await farm?.[Symbol.asyncDispose]();
  });

  const answers = async (text: string, { limit = 200, maxSearched = 100_000 } = {}) => {
    const all = [];
    for await (const found of findKeys(cluster, { text, limit, maxSearched, options: {}, ...place }))
      all.push({ ...found, keys: found.keys.map((key) => keyText(key)) });
    return all;
  };
  const keysOf = async (text: string) => (await answers(text)).at(-1)!.keys;

  it.each([
    ['/prod/db', ['/prod/db', '/prod/db/replica']],
    ['db', ['/prod/db', '/prod/db/replica', '/prod/web/db.yaml']],
    ['timeout', ['/prod/web/Timeout']],
    ['/prod/odd/\\xff', ['/prod/odd/\\xff\\x00']],
    ['\\xff', ['/prod/odd/\\xff\\x00']],
    ['\\x0anew', ['/prod/\\x0anew']],
    ['/test', ['/test/db']],
    ['nothing like it', []],
  ])('%j finds %j', async (text, keys) => {
    expect(await keysOf(text)).toEqual(keys);
  });

  it('the beginnings first, in one question', async () => {
    const [first, second] = await answers('db');
    expect(first).toMatchObject({ keys: ['/prod/db', '/prod/db/replica'], done: false });
    expect(second).toMatchObject({ keys: ['/prod/db', '/prod/db/replica', '/prod/web/db.yaml'], done: true });
  });

  it('no more than the limit, and it is known how many begin so', async () => {
    const [first, ...others] = await answers('/prod/many/', { limit: 10 });
    expect(first).toMatchObject({ total: 60, done: true });
    expect(first!.keys).toHaveLength(10);
    expect(others).toEqual([]);
  });

  it('and it is known when not all keys were looked at, or more have it in them', async () => {
    const parts = (await answers('any/', { limit: 10 })).at(-1)!;
    expect([parts.keys.length, parts.more]).toEqual([10, true]);
    expect((await answers('any/')).at(-1)!.more).toBe(false);
  });

  it('until the one who asks gives up', async () => {
    const gone = AbortSignal.abort(new Error('typed on'));
    const search = { text: 'db', limit: 1, maxSearched: 1, options: { signal: gone }, ...place };
    await expect(findKeys(cluster, search).next()).rejects.toThrow();
  });
});

it.each([
  ['db', '/prod/db'],
  ['/prod/db', '/prod/db'],
  ['/pr', '/prod/'],
  ['/test/db', '/test/db'],
  ['a\\x00', '/prod/a\0'],
])('%j means the key %j below /prod/', (text, key) => {
  expect(wholeKey(text, place).toString()).toBe(key);
});
