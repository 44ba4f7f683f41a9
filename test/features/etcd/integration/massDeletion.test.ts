import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPrevious } from '../../../../src/features/etcd/core/watch/readPrevious';
import type { WatchEvent } from '../../../../src/features/etcd/core/watch/etcdWatchRecord';
import { EtcdFarm } from '../../../harness/etcd';
import { until } from '../../../harness/until';
import { bytes, connect, expectMassDeletion, massPut, under, Witness } from './etcdFixture';

const count = 20_000;
/** Milliseconds for what etcdctl needs one or two seconds for on a calm machine. */
const patience = 60_000;

describe('a watch of 20,000 keys that one revision deletes', () => {
  let farm: EtcdFarm;
  beforeAll(async () => {
    farm = await EtcdFarm.start({ arguments: ['--max-txn-ops', '5000'] });
  });
  afterAll(() => farm[Symbol.asyncDispose]());

  it('tells each deletion once with the value before, live and from the past', async () => {
    await using cluster = await connect(farm.endpoints);
    await massPut(cluster, '/m/', count);
    await using watch = cluster.watch(under('/m/'));
    const live = new Witness(watch);
    await until('the watch', () => live.of('connected')[0]);
    const delays = monitorEventLoopDelay({ resolution: 5 });
    delays.enable();
    const farmed = await farm.etcdctl('del', '--prefix', '/m/');
    expect(Number(farmed)).toBe(count);
    await until('all deletions', () => live.events.length >= count, patience);
    delays.disable();
    console.info(`longest hold-up of the event loop: ${(delays.max / 1e6).toFixed()} ms`);
    expectMassDeletion(live, count);

    const { revision } = live;
    await using past = cluster.watch(under('/m/'), { fromRevision: revision });
    const later = new Witness(past);
    await until('all deletions again', () => later.events.length >= count, patience);
    expectMassDeletion(later, count);

    // What follows comes in the ordinary way again, with the value before.
    await cluster.put(Buffer.from('/m/after'), Buffer.from('1'));
    const last = await cluster.put(Buffer.from('/m/after'), Buffer.from('2'));
    for (const witness of [live, later]) {
      await until('what follows', () => witness.revision >= last.revision);
      expect(witness.events.length).toBe(count + 2);
      expect(witness.of('detour')).toEqual([]);
      expect(witness.of('disconnected')).toEqual([]);
      expect(witness.events.at(-1)?.previous?.value.toString()).toBe('1');
    }
  });

  it('reports keys that came after it began, and their deletion, once each', async () => {
    await using cluster = await connect(farm.endpoints);
    await using watch = cluster.watch(under('/g/'));
    const witness = new Witness(watch);
    await until('the watch', () => witness.of('connected')[0]);
    await massPut(cluster, '/g/', 5_000);
    await until('all puts', () => witness.events.length === 5_000);
    witness.events.length = 0;
    await cluster.deletePrefix(bytes('/g/'));
    await until('all deletions', () => witness.events.length >= 5_000, patience);
    expectMassDeletion(witness, 5_000);
    for (const type of ['detour', 'disconnected', 'gap'] as const) expect(witness.of(type)).toEqual([]);
  });

  it('is complete up to its revision only when the last of its parts was taken', async () => {
    await using cluster = await connect(farm.endpoints);
    await massPut(cluster, '/c/', 2_500);
    await using watch = cluster.watch(under('/c/'));
    const records = watch[Symbol.asyncIterator]();
    const began = await records.next();
    expect(began.value).toMatchObject({ type: 'connected' });
    const { revision } = await cluster.deletePrefix(bytes('/c/'));
    let taken = 0;
    while (taken < 2_500) {
      const { value } = await records.next();
      if (value?.type !== 'events') continue;
      taken += value.events.length;
      // With the next record this one has been dealt with.
      if (taken < 2_500) expect(watch.complete).toBeLessThan(revision);
    }
    expect(taken).toBe(2_500);
    await until('progress', async () => {
      await records.next();
      return watch.complete >= revision;
    });
  });
});

describe('what was before events', () => {
  it('is read where it can be, and stays unknown where it was compacted', async () => {
    await using farm = await EtcdFarm.start();
    await using cluster = await connect(farm.endpoints);
    const put = async (key: string, value: string) => {
      const { revision } = await cluster.put(bytes(key), bytes(value));
      const { kvs } = await cluster.range(under(key), { revision });
      return { type: 'put', key: bytes(key), revision, current: kvs[0]!, previousUnknown: true } as const;
    };
    await put('/a', '1');
    const lost = { ...(await put('/a', '2')), previous: undefined };
    await put('/b', '1');
    const known = { ...(await put('/b', '2')), previous: undefined };
    const others = [];
    for (let number = 0; number < 5; number++) {
      await put(`/o${number}`, '1');
      others.push({ ...(await put(`/o${number}`, '2')), previous: undefined });
    }
    await farm.compact(lost.revision);
    const events: WatchEvent[] = [known, lost, ...others];
    await readPrevious(cluster, events, new AbortController().signal);
    expect(events.map(({ previous }) => previous?.value.toString())).toEqual([
      ...['1', undefined, '1', '1', '1', '1', '1'],
    ]);
    expect(events.map(({ previousUnknown }) => previousUnknown)).toEqual([
      ...[false, true, false, false, false, false, false],
    ]);
  });
});
