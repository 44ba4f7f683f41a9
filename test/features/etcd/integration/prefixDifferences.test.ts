import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  appliedChange,
  applyDifferences,
  transactionsFor,
} from '../../../../src/features/etcd/core/compare/applyDifferences';
import type { EtcdCluster } from '../../../../src/features/etcd/core/client/etcdCluster';
import { exportPrefix } from '../../../../src/features/etcd/core/compare/exportPrefix';
import type { PrefixFileFormat } from '../../../../src/features/etcd/core/compare/prefixFile';
import {
  type ClusterSide,
  findDifferences,
} from '../../../../src/features/etcd/core/compare/prefixDifferences';
import { readPrefixFile } from '../../../../src/features/etcd/core/compare/readPrefixFile';
import { EtcdFarm } from '../../../harness/etcd';
import { bytes, connect } from './etcdFixture';

let farm: EtcdFarm;
let etcd: EtcdCluster & AsyncDisposable;
beforeAll(async () => {
  farm = await EtcdFarm.start();
  etcd = await connect(farm.endpoints);
});
afterAll(async () => {
  await etcd.close();
  await farm[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await etcd.deletePrefix(bytes(''));
});

const side = (prefix: string, revision?: number): ClusterSide => ({
  ...{ kind: 'cluster', etcd, prefix: bytes(prefix), call: {} },
  ...(revision !== undefined && { revision }),
});
const put = async (entries: Record<string, string>) => {
  let revision = 0;
  for (const [key, value] of Object.entries(entries))
    ({ revision } = await etcd.put(bytes(key), bytes(value)));
  return revision;
};
const fill = async (prefix: string, count: number, value: string) => {
  const puts = Array.from({ length: count }, (_, index) => ({
    ...{
      type: 'put' as const,
      key: bytes(`${prefix}${String(index).padStart(5, '0')}`),
      value: bytes(value),
    },
    ifRevision: 0,
  }));
  for (let at = 0; at < count; at += 128) await etcd.apply(puts.slice(at, at + 128));
};
const under = async (prefix: string) =>
  Object.fromEntries(
    (await etcd.range({ start: bytes(prefix), end: bytes(`${prefix}\xff`) })).kvs.map(({ key, value }) => [
      key.toString().slice(prefix.length),
      value.toString(),
    ]),
  );
const namesOf = (all: readonly { name: Buffer }[]) => all.map(({ name }) => name.toString());
const exported = async (prefix: string, format: PrefixFileFormat) => {
  const { text, revision } = await exportPrefix(etcd, bytes(prefix), { format, cluster: 'main', call: {} });
  const parts: string[] = [];
  for await (const part of text) parts.push(part);
  return { content: Buffer.from(parts.join('')), revision };
};

describe('Two prefixes', () => {
  it('differ by what is added, changed and removed, and become the same where it is chosen', async () => {
    await put({
      '/a/same': '1',
      '/a/new': 'n',
      '/a/other': 'x',
      '/b/same': '1',
      '/b/other': 'y',
      '/b/old': 'o',
    });
    const [left, right] = [side('/a/'), side('/b/')];
    const { all, same, leftRevision } = await findDifferences(left, right);
    expect(all.map((one) => [one.name.toString(), appliedChange(one)])).toEqual([
      ['new', 'add'],
      ['old', 'remove'],
      ['other', 'change'],
    ]);
    expect(same).toBe(1);
    const [transaction, ...more] = transactionsFor(all.slice(0, 2), right.prefix);
    expect(more).toEqual([]);
    expect(await applyDifferences(transaction!, left, right, { leftRevision })).toMatchObject({ ok: true });
    expect(await under('/b/')).toEqual({ new: 'n', same: '1', other: 'y' });
    expect(namesOf((await findDifferences(left, right)).all)).toEqual(['other']);
  });

  it('are not touched when one of the keys was changed, created or deleted since', async () => {
    await put({ '/a/1': 'a', '/a/2': 'a', '/a/3': 'a', '/b/1': 'b', '/b/2': 'b' });
    const [left, right] = [side('/a/'), side('/b/')];
    const { all, leftRevision } = await findDifferences(left, right);
    await put({ '/b/2': 'mine', '/b/3': 'mine' });
    await etcd.delete(bytes('/b/1'));
    const result = await applyDifferences(all, left, right, { leftRevision });
    expect(result).toMatchObject({ ok: false });
    expect(result.ok ? [] : result.conflicts.map(({ key }) => key.toString())).toEqual([
      '/b/1',
      '/b/2',
      '/b/3',
    ]);
    expect(await under('/b/')).toEqual({ 2: 'mine', 3: 'mine' });
  });

  it('are applied as they were compared, though the left one was changed or compacted meanwhile', async () => {
    await put({ '/a/1': 'compared', '/a/2': 'compared' });
    const [left, right] = [side('/a/'), side('/b/')];
    const { all, leftRevision } = await findDifferences(left, right);
    const now = await put({ '/a/1': 'later' });
    expect(await applyDifferences(all, left, right, { leftRevision })).toMatchObject({ ok: true });
    expect(await under('/b/')).toEqual({ 1: 'compared', 2: 'compared' });
    await farm.compact(now);
    const again = {
      ...all[0]!,
      right: { modRevision: (await etcd.get(bytes('/b/1')))!.modRevision, size: 1 },
    };
    await expect(applyDifferences([again], left, right, { leftRevision })).rejects.toMatchObject({
      code: 'COMPACTED',
    });
    expect(await under('/b/')).toEqual({ 1: 'compared', 2: 'compared' });
  });

  it('of the past and now: a prefix becomes what it was', async () => {
    const before = await put({ '/a/kept': '1', '/a/changed': '1', '/a/gone': '1' });
    await put({ '/a/changed': '2', '/a/fresh': '1' });
    await etcd.delete(bytes('/a/gone'));
    const [left, right] = [side('/a/', before), side('/a/')];
    const { all, leftRevision } = await findDifferences(left, right);
    expect(leftRevision).toBe(before);
    expect(await applyDifferences(all, left, right, { leftRevision })).toMatchObject({ ok: true });
    expect(await under('/a/')).toEqual({ kept: '1', changed: '1', gone: '1' });
  });

  it('with more than one transaction takes are applied in several, each whole and guarded', async () => {
    await fill('/a/', 300, 'x');
    const [left, right] = [side('/a/'), side('/b/')];
    const { all, leftRevision } = await findDifferences(left, right);
    const transactions = transactionsFor(all, right.prefix);
    expect(transactions.map(({ length }) => length)).toEqual([128, 128, 44]);
    await etcd.put(Buffer.concat([right.prefix, transactions[1]![5]!.name]), bytes('mine'));
    const results = [];
    for (const transaction of transactions)
      results.push((await applyDifferences(transaction, left, right, { leftRevision })).ok);
    expect(results).toEqual([true, false, true]);
    expect(Object.keys(await under('/b/'))).toHaveLength(128 + 44 + 1);
  });

  it('with values of a megabyte are split by size, and conflicts are told without them', async () => {
    for (const name of ['1', '2', '3']) await etcd.put(bytes(`/a/${name}`), Buffer.alloc(1_400_000, name));
    const [left, right] = [side('/a/'), side('/b/')];
    const { all, leftRevision } = await findDifferences(left, right);
    const transactions = transactionsFor(all, right.prefix);
    expect(transactions.map(({ length }) => length)).toEqual([1, 1, 1]);
    for (const transaction of transactions)
      expect(await applyDifferences(transaction, left, right, { leftRevision })).toMatchObject({ ok: true });
    expect((await findDifferences(left, right)).all).toEqual([]);
    const result = await applyDifferences(transactions[0]!, left, right, { leftRevision });
    expect(result).toMatchObject({ ok: false, conflicts: [{ current: { value: Buffer.alloc(0) } }] });
  });

  it('keep the leases of keys that are there', async () => {
    await etcd.put(bytes('/b/leased'), bytes('old'), { ttl: 600 });
    const { lease } = (await etcd.get(bytes('/b/leased')))!;
    await put({ '/a/leased': 'new' });
    const [left, right] = [side('/a/'), side('/b/')];
    const { all, leftRevision } = await findDifferences(left, right);
    await applyDifferences(all, left, right, { leftRevision });
    expect(await etcd.get(bytes('/b/leased'))).toMatchObject({ lease, value: bytes('new') });
  });

  it('are compared up to a limit, without their values in memory', async () => {
    await fill('/a/', 20_000, 'x'.repeat(200));
    const told: number[] = [];
    const whole = await findDifferences(side('/a/'), side('/b/'), { onProgress: (keys) => told.push(keys) });
    expect(whole.all).toHaveLength(20_000);
    expect(told.at(-1)).toBe(20_000);
    const part = await findDifferences(side('/a/'), side('/b/'), { limit: 100 });
    expect(part.all).toHaveLength(100);
    expect(part.same).toBeUndefined();
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(findDifferences(side('/a/'), side('/b/'), { signal })).rejects.toThrow();
  });
});

describe('A file of a prefix', () => {
  it.each(['yaml', 'json'] as const)(
    'brings every byte back as %s, and leases if that is asked',
    async (format) => {
      const strange = [' ', 'new\nline', '🦭', '%2F', '..', '//a//', 'a\0b'];
      for (const [index, name] of strange.entries())
        await etcd.put(bytes(`/a/${name}`), Buffer.from([index, 0, 0xff, 0x0a]));
      await etcd.put(Buffer.concat([bytes('/a/'), Buffer.from([0xff, 0xc3])]), bytes('two\nlines\n'));
      await etcd.put(bytes('/a/leased'), bytes('x'), { ttl: 600 });
      const { content } = await exported('/a/', format);
      const { entries, problems, header } = await readPrefixFile(content, { file: 'x', separator: '/' });
      expect(problems).toEqual([]);
      expect(header?.prefix).toEqual(bytes('/a/'));
      const file = { kind: 'file', entries } as const;
      expect(await findDifferences(file, side('/a/'))).toMatchObject({ all: [], same: strange.length + 2 });
      const right = side('/b/');
      const { all } = await findDifferences(file, right);
      expect(await applyDifferences(all, file, right, { leftRevision: undefined, ttl: true })).toMatchObject({
        ok: true,
      });
      expect((await findDifferences(side('/a/'), right)).all).toEqual([]);
      const { lease } = (await etcd.get(bytes('/b/leased')))!;
      expect((await etcd.lease(lease!)).grantedTtl).toBe(600);
    },
  );
});
