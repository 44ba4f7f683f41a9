import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EtcdCluster } from '../../../../src/features/etcd/core/client/etcdCluster';
import { type KeyValue, prefixRange } from '../../../../src/features/etcd/core/client/etcdModel';
import { EtcdFarm } from '../../../harness/etcd';
import { bytes, connect, span, under, Witness } from './etcdFixture';
import { until } from '../../../harness/until';

let farm: EtcdFarm;
let cluster: EtcdCluster & AsyncDisposable;
beforeAll(async () => {
  farm = await EtcdFarm.start();
  cluster = await connect(farm.endpoints);
});
afterAll(async () => {
  await cluster.close();
  await farm[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await cluster.deletePrefix(bytes(''));
});

const strangeKeys = [
  ...[
    'with space',
    'new\nline',
    'tab\t',
    'emoji 🦭',
    '100%',
    '%2F',
    '..',
    '../up',
    '/leading',
    '//doubled//slashes/',
  ],
  ...['a//b', 'trailing/', '中文', '"quoted"', "it's", 'a\0b', '\u202eright to left'],
].map(bytes);
const notText = [
  Buffer.from([0]),
  Buffer.from([0xff]),
  Buffer.from([0xff, 0xff, 0x01]),
  Buffer.from([0xc3, 0x28]),
];

describe('keys and values', () => {
  it.each([...strangeKeys, ...notText].map((key) => [JSON.stringify(key.toString('latin1')), key] as const))(
    'keep every byte of the key %s',
    async (_, key) => {
      const value = Buffer.from([0, 1, 0xff, 0, 0x0a, 0xc3, 0x28]);
      await using watch = cluster.watch(under(''));
      const witness = new Witness(watch);
      await until('the watch', () => witness.of('connected')[0]);
      expect(await cluster.put(key, value, { ifRevision: 0 })).toMatchObject({ ok: true });
      const kv = await cluster.get(key);
      expect(kv?.key.equals(key)).toBe(true);
      expect(kv?.value.equals(value)).toBe(true);
      expect((await cluster.range(prefixRange(key))).kvs).toEqual([kv]);
      const renamed = Buffer.concat([key, bytes('2')]);
      expect(await cluster.rename(key, renamed)).toMatchObject({ ok: true });
      expect((await cluster.get(renamed))?.value.equals(value)).toBe(true);
      await until('three events', () => witness.events.length === 3);
      expect(witness.events.map((event) => event.key)).toEqual([key, renamed, key]);
      expect(witness.events[0]!.current?.value.equals(value)).toBe(true);
    },
  );

  it('keep a value of 1.4 MB, and refuse one that etcd does not take', async () => {
    const value = Buffer.alloc(1_400_000, Buffer.from([0, 1, 2, 255]));
    await cluster.put(bytes('/big'), value);
    expect((await cluster.get(bytes('/big')))?.value.equals(value)).toBe(true);
    await expect(cluster.put(bytes('/huge'), Buffer.alloc(1_700_000))).rejects.toMatchObject({
      code: 'TOO_LARGE',
    });
  });

  it('are read at a past revision until it is compacted', async () => {
    const key = bytes('/past');
    const first = await cluster.put(key, bytes('1'));
    const second = await cluster.put(key, bytes('2'));
    const gone = await cluster.delete(key);
    expect((await cluster.get(key, { revision: first.revision }))?.value.toString()).toBe('1');
    expect(await cluster.get(key)).toBeUndefined();
    await farm.compact(gone.revision);
    await expect(cluster.get(key, { revision: second.revision })).rejects.toMatchObject({
      code: 'COMPACTED',
    });
  });
});

describe('writes', () => {
  it('of two at once: one wins, the other gets what is there now', async () => {
    const key = bytes('/contested');
    const { revision } = await cluster.put(key, bytes('old'));
    await using other = await connect(farm.endpoints);
    const results = await Promise.all([
      cluster.put(key, bytes('mine'), { ifRevision: revision }),
      other.put(key, bytes('theirs'), { ifRevision: revision }),
    ]);
    const [winner] = results.filter(({ ok }) => ok);
    const [loser] = results.filter(({ ok }) => !ok);
    const now = (await cluster.get(key))!;
    expect(now.modRevision).toBe(winner!.revision);
    expect(loser).toMatchObject({ ok: false, conflicts: [{ key, expected: revision, current: now }] });
  });

  it('are all done or none', async () => {
    const [a, b, c] = ['/a', '/b', '/c'].map(bytes) as [Buffer, Buffer, Buffer];
    const { revision } = await cluster.put(a, bytes('1'));
    const changes = [
      { type: 'put', key: a, value: bytes('2'), ifRevision: revision },
      { type: 'put', key: b, value: bytes('2'), ifRevision: 0 },
      { type: 'delete', key: c },
    ] as const;
    expect(await cluster.apply(changes)).toEqual({ ok: true, revision: revision + 1, deleted: 0 });
    const again = await cluster.apply(changes);
    expect(again.ok || again.conflicts.map(({ key }) => key)).toEqual([a, b]);
    expect(await cluster.count(under('/'))).toBe(2);
  });

  it('rename nothing onto a key that exists', async () => {
    await cluster.put(bytes('/from'), bytes('1'));
    await cluster.put(bytes('/to'), bytes('2'));
    const result = await cluster.rename(bytes('/from'), bytes('/to'));
    expect(result.ok || result.conflicts.map(({ key }) => key.toString())).toEqual(['/to']);
    expect((await cluster.get(bytes('/to')))?.value.toString()).toBe('2');
    expect((await cluster.get(bytes('/from')))?.value.toString()).toBe('1');
  });

  it('delete a prefix only when nothing in it was written since', async () => {
    await cluster.put(bytes('/p/1'), bytes('1'));
    const { revision } = await cluster.put(bytes('/p/2'), bytes('1'));
    await cluster.put(bytes('/p/3'), bytes('1'));
    const refused = await cluster.deletePrefix(bytes('/p/'), { unchangedSince: revision });
    expect(refused.ok || refused.conflicts.map(({ key }) => key.toString())).toEqual(['/p/3']);
    const done = await cluster.deletePrefix(bytes('/p/'), { unchangedSince: revision + 1 });
    expect(done).toMatchObject({ ok: true, deleted: 3 });
  });

  it('keep the lease of a key unless they are told otherwise', async () => {
    const key = bytes('/leased');
    await cluster.put(key, bytes('1'), { ttl: 60 });
    const { lease, modRevision } = (await cluster.get(key))!;
    expect(lease).toMatch(/^[0-9a-f]{16}$/);
    expect(await farm.etcdctl('lease', 'list')).toContain(lease);
    await cluster.put(key, bytes('2'));
    await cluster.put(key, bytes('3'), { ifRevision: modRevision + 1 });
    expect((await cluster.get(key))?.lease).toBe(lease);
    expect(await cluster.lease(lease!, { keys: true })).toMatchObject({ grantedTtl: 60, keys: [key] });
    await cluster.rename(key, bytes('/renamed'));
    expect((await cluster.get(bytes('/renamed')))?.lease).toBe(lease);
    await cluster.put(bytes('/renamed'), bytes('4'), { lease: 'none' });
    expect((await cluster.get(bytes('/renamed')))?.lease).toBeUndefined();
    await cluster.revokeLease(lease!);
    expect((await cluster.lease(lease!)).ttl).toBeUndefined();
  });

  it('leave no lease behind when they lose', async () => {
    await cluster.put(bytes('/x'), bytes('1'));
    const before = await cluster.leases();
    expect(await cluster.put(bytes('/x'), bytes('2'), { ifRevision: 0, ttl: 60 })).toMatchObject({
      ok: false,
    });
    expect(await cluster.leases()).toEqual(before);
  });

  it('are refused where the cluster is read-only', async () => {
    await using readOnly = await connect(farm.endpoints, { readOnly: true });
    await expect(readOnly.put(bytes('/x'), bytes('1'))).rejects.toMatchObject({ code: 'READ_ONLY' });
    await expect(readOnly.delete(bytes('/x'))).rejects.toMatchObject({ code: 'READ_ONLY' });
    expect(await readOnly.get(bytes('/x'))).toBeUndefined();
  });
});

describe('a listing', () => {
  it('of 40 MB holds about a megabyte at a time and is of one revision', async () => {
    const sizes: number[] = span(1, 160).map((number) =>
      number % 40 === 0 ? 1_400_000 : number < 100 ? 300_000 : 2_000,
    );
    for (const [index, size] of sizes.entries())
      await cluster.put(bytes(`/l/${String(index).padStart(3, '0')}`), Buffer.alloc(size, 'v'));
    let largest = 0;
    let total = 0;
    const keys: string[] = [];
    const revisions = new Set<number>();
    for await (const { kvs, revision, remaining } of cluster.list(under('/l/'))) {
      if (keys.length === 0) await cluster.put(bytes('/l/zzz'), bytes('too late'));
      const size = kvs.reduce((sum, { value }) => sum + value.length, 0);
      largest = Math.max(largest, size);
      total += size;
      keys.push(...kvs.map(({ key }) => key.toString()));
      revisions.add(revision);
      expect(remaining).toBe(160 - keys.length);
    }
    expect(total).toBe(sizes.reduce((sum, size) => sum + size, 0));
    expect(keys).toEqual(span(0, 159).map((number) => `/l/${String(number).padStart(3, '0')}`));
    expect(revisions.size).toBe(1);
    expect(largest).toBeLessThan(4 * 1024 * 1024);
  });

  it('of 20,000 keys leaves the thread to others', async () => {
    const changes = (first: number) =>
      span(first, first + 99).map((number) => ({
        ...({ type: 'put', lease: 'none' } as const),
        ...{ key: bytes(`/k/${String(number).padStart(6, '0')}`), value: bytes('x') },
      }));
    for (let first = 0; first < 20_000; first += 100) await cluster.apply(changes(first));
    let longest = 0;
    let last = performance.now();
    const timer = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 1);
    const found: KeyValue[] = [];
    const begin = performance.now();
    for await (const { kvs } of cluster.list(under('/k/'), { keysOnly: true })) found.push(...kvs);
    clearInterval(timer);
    console.info(
      `20,000 keys in ${(performance.now() - begin).toFixed()} ms, longest stall ${longest.toFixed()} ms`,
    );
    expect(found.length).toBe(20_000);
    expect(await cluster.count(under('/k/'))).toBe(20_000);
  });
});
