import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EtcdFarm } from '../../../harness/etcd';
import { TcpProxy } from '../../../harness/tcpProxy';
import { until } from '../../../harness/until';
import { bytes, connect, span, under, whereItBegan, Witness, write } from './etcdFixture';

describe('a watch on a cluster of three', () => {
  it('tells every revision once while its member is killed and comes back', async () => {
    await using farm = await EtcdFarm.start({ members: 3 });
    await using cluster = await connect(farm.endpoints);
    await using watch = cluster.watch(under('/a/'));
    const witness = new Witness(watch);
    const { endpoint, revision, member, others } = await whereItBegan(witness, farm);

    const writing = write(others, '/a/', 10_000);
    await until('some events', () => witness.events.length > 2_000);
    await member.kill();
    await until('the failover', () => witness.of('resumed').length > 0);
    await member.start();
    const last = await writing;

    await until('the last event', () => witness.revision >= last);
    expect(witness.events.map((event) => event.revision)).toEqual(span(revision + 1, last));
    const [disconnected, resumed] = [witness.of('disconnected')[0]!, witness.of('resumed')[0]!];
    expect(disconnected.endpoint).toBe(endpoint);
    expect(resumed.endpoint).not.toBe(endpoint);
    expect(resumed.revision).toBe(disconnected.revision);
    expect(witness.of('gap')).toEqual([]);
  });
});

describe('a watch on one member', () => {
  let farm: EtcdFarm;
  beforeAll(async () => {
    farm = await EtcdFarm.start();
  });
  afterAll(() => farm[Symbol.asyncDispose]());

  it('tells a backlog above 4 MiB once, cut while it is written and again while it arrives', async () => {
    await using link = await TcpProxy.to(farm.members[0]!.port);
    await using cluster = await connect([`127.0.0.1:${link.port}`]);
    await using watch = cluster.watch(under('/b/'));
    const witness = new Witness(watch);
    const { revision } = await until('the watch', () => witness.of('connected')[0]);
    await cluster.put(bytes('/b/first'), bytes('1'));
    await until('an event', () => witness.events.length === 1);

    link.cut();
    await until('the loss', () => witness.of('disconnected').length === 1);
    const last = await write(farm.endpoints, '/b/', 6_000, 1_000);
    for (const megabytes of [1, 3]) {
      link.cutAfterBytes(megabytes * 1024 * 1024);
      link.restore();
      await until('the next cut', () => !link.open);
      expect(witness.revision).toBeLessThan(last);
    }
    link.restore();

    await until('the last event', () => witness.revision >= last);
    expect(witness.events.map((event) => event.revision)).toEqual(span(revision + 1, last));
    expect(witness.of('gap')).toEqual([]);
    expect(witness.of('resumed').length).toBeGreaterThan(1);
    expect(Math.max(...witness.of('resumed').map(({ awayMs }) => awayMs))).toBeGreaterThan(100);
  });

  it('tells one transaction of many megabytes in parts, once, though cut between them', async () => {
    await using writer = await connect(farm.endpoints);
    const value = Buffer.alloc(100_000, 'v');
    for (const number of span(1, 100)) await writer.put(bytes(`/t/${number}`), value);
    await using link = await TcpProxy.to(farm.members[0]!.port);
    await using cluster = await connect([`127.0.0.1:${link.port}`]);
    await using watch = cluster.watch(under('/t/'));
    const witness = new Witness(watch);
    await until('the watch', () => witness.of('connected')[0]);

    link.cutAfterBytes(4 * 1024 * 1024);
    const deleted = await writer.deletePrefix(bytes('/t/'));
    await until('the cut', () => !link.open);
    link.restore();
    await until('all deletions', () => witness.events.length >= 100);
    await writer.put(bytes('/t/after'), value);
    await until('what follows', () => witness.revision > deleted.revision);

    const keys = witness.events.slice(0, -1).map(({ key }) => key.toString());
    expect(keys.toSorted()).toEqual(
      span(1, 100)
        .map((number) => `/t/${number}`)
        .toSorted(),
    );
    expect(new Set(witness.events.slice(0, -1).map((event) => event.revision))).toEqual(
      new Set([deleted.revision]),
    );
    expect(witness.events[0]!.previous?.value).toEqual(value);
  });

  it('reports what a compaction made unknown, and the net difference', async () => {
    await using link = await TcpProxy.to(farm.members[0]!.port);
    await using writer = await connect(farm.endpoints);
    for (const name of ['kept', 'changed', 'gone']) await writer.put(bytes(`/c/${name}`), bytes('before'));
    await using cluster = await connect([`127.0.0.1:${link.port}`]);
    await using watch = cluster.watch(under('/c/'), { snapshot: 'values' });
    const witness = new Witness(watch);
    const { revision } = await until('the watch', () => witness.of('connected')[0]);
    const state = new Map(
      witness
        .of('snapshot')
        .flatMap(({ kvs }) => kvs.map(({ key, value }) => [key.toString(), value.toString()])),
    );
    expect([...state.keys()]).toEqual(['/c/changed', '/c/gone', '/c/kept']);

    link.cut();
    await until('the loss', () => witness.of('disconnected').length === 1);
    await writer.put(bytes('/c/changed'), bytes('between'));
    await writer.put(bytes('/c/changed'), bytes('after'));
    await writer.put(bytes('/c/new'), bytes('after'));
    const { revision: compacted } = await writer.delete(bytes('/c/gone'));
    await farm.compact(compacted);
    await writer.put(bytes('/c/kept'), bytes('later'));
    link.restore();

    await until('the later event', () => witness.events.length === 1);
    expect(witness.of('gap')).toEqual([
      { type: 'gap', from: revision + 1, to: compacted, reason: 'compacted' },
    ]);
    for (const { changes, deletionsKnown } of witness.of('difference')) {
      expect(deletionsKnown).toBe(true);
      for (const { key, current } of changes) {
        if (current) state.set(key.toString(), current.value.toString());
        else state.delete(key.toString());
      }
    }
    expect(
      witness
        .of('difference')
        .flatMap(({ changes }) => changes.map(({ key }) => key.toString()))
        .toSorted(),
    ).toEqual(['/c/changed', '/c/gone', '/c/new']);
    for (const { key, current } of witness.events) state.set(key.toString(), current!.value.toString());
    const fresh = await writer.range(under('/c/'));
    expect(Object.fromEntries(state)).toEqual(
      Object.fromEntries(fresh.kvs.map(({ key, value }) => [key.toString(), value.toString()])),
    );
    const types = witness.records.map(({ type }) => type);
    expect(types.indexOf('gap')).toBeLessThan(types.indexOf('difference'));
    expect(types.indexOf('difference')).toBeLessThan(types.indexOf('resumed'));
  });

  it('begins in the past, with what was before each change', async () => {
    await using cluster = await connect(farm.endpoints);
    const first = await cluster.put(bytes('/p/x'), bytes('1'));
    await cluster.put(bytes('/p/x'), bytes('2'));
    await cluster.delete(bytes('/p/x'));
    await using watch = cluster.watch(under('/p/'), { fromRevision: first.revision });
    const witness = new Witness(watch);
    await until('three events', () => witness.events.length === 3);
    expect(
      witness.events.map(({ type, current, previous }) => [
        type,
        current?.value.toString(),
        previous?.value.toString(),
      ]),
    ).toEqual([
      ['put', '1', undefined],
      ['put', '2', '1'],
      ['delete', undefined, '2'],
    ]);
  });

  it('tells keys that went with their lease from keys that were deleted', async () => {
    await using cluster = await connect(farm.endpoints);
    await using watch = cluster.watch(under('/l/'));
    const witness = new Witness(watch);
    await until('the watch', () => witness.of('connected')[0]);
    await cluster.put(bytes('/l/expires'), bytes('1'), { ttl: 1 });
    await cluster.put(bytes('/l/deleted'), bytes('1'), { ttl: 60 });
    await cluster.delete(bytes('/l/deleted'));
    await until('both deletions', () => witness.events.length === 4);
    const ends = witness.events.filter(({ type }) => type === 'delete');
    expect(Object.fromEntries(ends.map(({ key, lease }) => [key.toString(), lease]))).toEqual({
      '/l/expires': 'expired',
      '/l/deleted': undefined,
    });
  });

  it('proves that it is alive, and notices a member that hangs', async () => {
    await using cluster = await connect(farm.endpoints);
    await using watch = cluster.watch(under('/q/'), { idleMs: 200 });
    const witness = new Witness(watch);
    await until('signs of life', () => witness.of('progress').length >= 2);
    await farm.members[0]!.freeze();
    const { error } = await until('the loss', () => witness.of('disconnected')[0]);
    expect(error.code).toBe('TIMEOUT');
    farm.members[0]!.thaw();
    await until('the return', () => witness.of('resumed')[0]);
    await cluster.put(bytes('/q/x'), bytes('1'));
    await until('an event', () => witness.events.length === 1);
  });

  it('reads no more from etcd than it is asked for', async () => {
    await using link = await TcpProxy.to(farm.members[0]!.port);
    await using cluster = await connect([`127.0.0.1:${link.port}`]);
    await using watch = cluster.watch(under('/s/'), { previous: false });
    const iterator = watch[Symbol.asyncIterator]();
    expect((await iterator.next()).value).toMatchObject({ type: 'connected' });
    const waiting = iterator.next();
    const last = await write(farm.endpoints, '/s/', 1_500, 50_000);
    await waiting;
    const written = 1_500 * 50_000;
    await until('etcd to be held back', () => link.delivered > 1024 * 1024);
    expect(link.delivered).toBeLessThan(written * 0.75);
    let revision = 0;
    while (revision < last) {
      const { value } = await iterator.next();
      if (value?.type === 'events') revision = value.events.at(-1)!.revision;
    }
  });

  it('ends when it is closed while it waits', async () => {
    await using cluster = await connect(farm.endpoints);
    const watch = cluster.watch(under('/e/'));
    const witness = new Witness(watch);
    await until('the watch', () => witness.of('connected')[0]);
    watch.close();
    expect(await witness.ended).toBeUndefined();
  });
});
