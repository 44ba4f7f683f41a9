import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EtcdFarm } from '../../harness/etcd';
import { until } from '../../harness/until';
import { connect, massPut, under, Witness } from './etcdFixture';

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
    expectAll(live);

    const { revision } = live;
    await using past = cluster.watch(under('/m/'), { fromRevision: revision });
    const later = new Witness(past);
    await until('all deletions again', () => later.events.length >= count, patience);
    expectAll(later);

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
});

function expectAll({ events }: Witness): void {
  expect(events.length).toBe(count);
  expect(new Set(events.map(({ key }) => key.toString())).size).toBe(count);
  expect(new Set(events.map(({ revision }) => revision)).size).toBe(1);
  const wrong = events.filter(
    ({ type, key, previous }) =>
      type !== 'delete' || previous?.value.toString() !== `value of ${key.toString()}`,
  );
  expect(wrong).toEqual([]);
}
