import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EtcdCluster } from '../../../../src/features/etcd/core/client/etcdCluster';
import { keyStates } from '../../../../src/features/etcd/core/watch/keyStates';
import { listLevel } from '../../../../src/features/etcd/core/keys/listLevel';
import { EtcdFarm } from '../../../harness/etcd';
import { connect } from './etcdFixture';

describe('The states of a key', () => {
  let farm: EtcdFarm;
  let cluster: EtcdCluster;
  const key = Buffer.from('/config/app.yaml');

  beforeAll(async () => {
    farm = await EtcdFarm.start();
    cluster = await connect(farm.endpoints);
  });
  afterAll(async () => {
    await cluster?.close();
    await farm?.[Symbol.asyncDispose]();
  });

  const put = async (value: string) => {
    const result = await cluster.put(key, Buffer.from(value));
    return result.revision;
  };
  const told = async () =>
    (await keyStates(cluster, key)).states.map(({ revision, kv }) => [revision, kv?.value.toString()]);

  it('has every state, deletions and lives before them included', async () => {
    const first = await put('one');
    await cluster.put(Buffer.from('/other'), Buffer.from('x'));
    const second = await put('two');
    const { revision: deleted } = await cluster.delete(key);
    expect(await told()).toEqual([
      [first, 'one'],
      [second, 'two'],
      [deleted, undefined],
    ]);
    const again = await put('three');
    expect((await told()).slice(2)).toEqual([
      [deleted, undefined],
      [again, 'three'],
    ]);
  });

  it('begins with the state at the compaction, and has what a deletion took away', async () => {
    await put('kept');
    const { revision: noise } = await cluster.put(Buffer.from('/other'), Buffer.from('y'));
    await farm.compact(noise);
    const { revision: deleted } = await cluster.delete(key);
    const { states, oldest } = await keyStates(cluster, key);
    expect(states.map(({ revision, kv }) => [revision, kv?.value.toString()])).toEqual([
      [noise - 1, 'kept'],
      [deleted, undefined],
    ]);
    expect(oldest).toBe(noise);
  });

  it('keeps the newest that fit, and tells how many it left out', async () => {
    const large = Buffer.from('/large');
    for (let time = 0; time < 30; time++) await cluster.put(large, Buffer.alloc(1_400_000, 97 + time));
    const { states, forgotten } = await keyStates(cluster, large);
    expect(states.map(({ kv }) => kv!.value[0])).toEqual(Array.from({ length: 23 }, (_, at) => 104 + at));
    expect(forgotten).toBe(7);
  });

  it('is empty for a key that never was', async () => {
    expect((await keyStates(cluster, Buffer.from('/never'))).states).toEqual([]);
  });
});

describe('A level of real keys', () => {
  it('of 20,000 comes in pages, and folders beside it cost nothing', async () => {
    await using farm = await EtcdFarm.start();
    await using cluster = await connect(farm.endpoints);
    const put = (from: number, folder: string) =>
      cluster.apply(
        Array.from({ length: 100 }, (_, index) => ({
          type: 'put' as const,
          key: Buffer.from(`${folder}${String(from + index).padStart(6, '0')}`),
          value: Buffer.alloc(0),
        })),
      );
    for (let at = 0; at < 20_000; at += 1_000)
      await Promise.all(Array.from({ length: 10 }, (_, index) => put(at + index * 100, '/a/')));
    await put(0, '/b/');
    let asked = 0;
    const level = (prefix: string, from?: Buffer) =>
      listLevel(
        (range, limit) => {
          asked++;
          return cluster.range(range, { limit, keysOnly: true });
        },
        { prefix: Buffer.from(prefix), separator: Buffer.from('/'), limit: 500, ...(from && { from }) },
      );
    expect((await level('/')).entries.map(({ bytes }) => bytes.toString())).toEqual(['/a/', '/b/']);
    expect(asked).toBeLessThanOrEqual(3);
    const names: string[] = [];
    for (let from: Buffer | undefined; ;) {
      const page = await level('/a/', from);
      names.push(...page.entries.map(({ bytes }) => bytes.toString()));
      if (!(from = page.next)) break;
    }
    expect(names).toHaveLength(20_000);
    expect(new Set(names).size).toBe(20_000);
  });
});
