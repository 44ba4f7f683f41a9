import { describe, expect, it } from 'vitest';
import type { EtcdCluster } from '../../src/features/etcd/core/client/etcdCluster';
import { singleKey } from '../../src/features/etcd/core/client/etcdModel';
import type { EtcdWatch } from '../../src/features/etcd/core/watch/etcdWatch';
import type { Change } from '../../src/features/etcd/core/client/etcdTransaction';
import { EtcdFarm } from '../harness/etcd';
import { TcpProxy } from '../harness/tcpProxy';
import { until } from '../harness/until';
import {
  bytes,
  connect,
  span,
  under,
  whereItBegan,
  Witness,
  write,
} from '../features/etcd/integration/etcdFixture';

const megabyte = 1024 * 1024;
/** Milliseconds for what takes seconds on a machine of its own. */
const patience = 240_000;

// First, while the process is small.
describe('a listing', () => {
  it('of 145 MB of values, three times over, does not keep them', async () => {
    await using farm = await EtcdFarm.start();
    await using cluster = await connect(farm.endpoints);
    await write(farm.endpoints, '/v/', 100, 1_450_000);
    await cluster.get(bytes('/v/0'));
    const before = process.memoryUsage().rss;
    let most = before;
    // Three times, so that what is only collected late does not pass for what is kept.
    for (let time = 0; time < 3; time++) {
      let total = 0;
      const keys = new Set<string>();
      for await (const { kvs } of cluster.list(under('/v/'))) {
        for (const { key, value } of kvs) {
          keys.add(key.toString());
          expect(value.toString('latin1', 0, 4)).toMatch(new RegExp(`^${key.toString().slice(3)} x`));
          total += value.length;
        }
        most = Math.max(most, process.memoryUsage().rss);
      }
      expect(keys.size).toBe(100);
      expect(total).toBeGreaterThan(145_000_000);
    }
    const growth = (most - before) / megabyte;
    console.info(`435 MB listed, the process grew by ${growth.toFixed()} MiB`);
    // Garbage included, of which V8 lets some dozens of megabytes gather.
    expect(growth).toBeLessThan(200);
  });
});

describe('a watch', () => {
  it('tells 100,000 puts once while the member it is on is killed and comes back', async () => {
    await using farm = await EtcdFarm.start({ members: 3 });
    await using cluster = await connect(farm.endpoints);
    await using watch = cluster.watch(under('/a/'));
    const witness = new Witness(watch);
    const { revision, member, others } = await whereItBegan(witness, farm);

    const writing = write(others, '/a/', 100_000);
    await until('a third of the events', () => witness.events.length > 33_000, patience);
    await member.kill();
    await until('the failover', () => witness.of('resumed').length > 0);
    await until('two thirds of the events', () => witness.events.length > 66_000, patience);
    await member.start();
    const last = await writing;
    await until('the last event', () => witness.revision >= last, patience);

    expect(witness.events.length).toBeGreaterThanOrEqual(100_000);
    expect(outOfTurn(witness, revision + 1)).toEqual([]);
    expect(witness.of('gap')).toEqual([]);
  });

  it('tells 60,000 puts once, cut while they are made and twice while the backlog arrives', async () => {
    await using farm = await EtcdFarm.start();
    await using observer = await connect(farm.endpoints);
    await using link = await TcpProxy.to(farm.members[0]!.port);
    await using cluster = await connect([`127.0.0.1:${link.port}`]);
    await using watch = cluster.watch(under('/b/'));
    const witness = new Witness(watch);
    const { revision } = await until('the watch', () => witness.of('connected')[0]);

    const writing = write(farm.endpoints, '/b/', 60_000, 1_000);
    await until('some events', () => witness.events.length > 5_000, patience);
    link.cut();
    await until('the loss', () => witness.of('disconnected').length === 1);
    const backlog = async () => (await revisionOf(observer)) - witness.revision;
    await until('a backlog of 20 MB', async () => (await backlog()) > 20_000, patience);
    for (const megabytes of [2, 6]) {
      link.cutAfterBytes(megabytes * megabyte);
      link.restore();
      await until('the next cut', () => !link.open, patience);
      // What was not told by then is more than 4 MiB.
      expect(await backlog()).toBeGreaterThan(4_200);
    }
    link.restore();
    const last = await writing;
    await until('the last event', () => witness.revision >= last, patience);

    expect(witness.events.length).toBe(60_000);
    expect(outOfTurn(witness, revision + 1)).toEqual([]);
    expect(witness.of('gap')).toEqual([]);
    expect(witness.of('resumed').length).toBeGreaterThanOrEqual(2);
  });

  it('says what a compaction of 20,000 keys took away, and converges to what etcdctl reads', async () => {
    await using farm = await EtcdFarm.start();
    await using writer = await connect(farm.endpoints);
    await using link = await TcpProxy.to(farm.members[0]!.port);
    await apply(
      writer,
      span(0, 19_999).map((number) => put(number, `first ${number}`)),
    );
    await using cluster = await connect([`127.0.0.1:${link.port}`]);
    await using watch = cluster.watch(under('/c/'), { snapshot: 'values' });
    const copy = new Copy(watch);
    await until('the watch', () => copy.begun, patience);
    const told = copy.revision;

    link.cut();
    await until('the loss', () => copy.lost);
    await apply(
      writer,
      span(0, 999).map((number) => remove(number)),
    );
    await apply(
      writer,
      span(1_000, 5_999).map((number) => put(number, `second ${number}`)),
    );
    await apply(
      writer,
      span(20_000, 21_999).map((number) => put(number, `new ${number}`)),
    );
    const compacted = await revisionOf(writer);
    await farm.compact(compacted);
    link.restore();
    // The state moves on and is compacted again while the difference is read.
    await until('the gap', () => copy.gaps.length > 0);
    await apply(
      writer,
      span(6_000, 6_999).map((number) => remove(number)),
    );
    await apply(
      writer,
      span(19_000, 20_999).map((number) => put(number, `third ${number}`)),
    );
    await farm.compact((await revisionOf(writer)) - 5);
    const last = await apply(writer, [put(0, 'the end')]);
    await until('the end', () => copy.revision >= last, patience);

    expect(copy.gaps[0]).toEqual({ from: told + 1, to: compacted });
    const printed = JSON.parse(await farm.etcdctl('get', '--prefix', '/c/', '-w', 'json')) as {
      kvs: { key: string; value: string }[];
    };
    const decoded = (text: string) => Buffer.from(text, 'base64').toString();
    const expected = new Map(printed.kvs.map(({ key, value }) => [decoded(key), decoded(value)]));
    expect(expected.size).toBe(20_001);
    expect(copy.state.size).toBe(expected.size);
    expect([...expected].filter(([key, value]) => copy.state.get(key) !== value)).toEqual([]);
  });
});

/** The first revisions that are not one more than the one before. */
function outOfTurn({ events }: Witness, first: number): number[] {
  const revisions = events.map(({ revision }) => revision);
  return revisions.filter((revision, index) => revision !== first + index).slice(0, 10);
}

async function revisionOf(cluster: EtcdCluster): Promise<number> {
  return (await cluster.range(singleKey(bytes('x')), { keysOnly: true })).revision;
}

const keyAt = (number: number) => bytes(`/c/${String(number).padStart(6, '0')}`);
const put = (number: number, value: string): Change => ({
  ...{ type: 'put', key: keyAt(number), value: bytes(value), lease: 'none' },
});
const remove = (number: number): Change => ({ type: 'delete', key: keyAt(number) });

/** Makes the changes, 100 in each transaction, and gives the last revision. */
async function apply(cluster: EtcdCluster, changes: readonly Change[]): Promise<number> {
  let last = 0;
  for (let at = 0; at < changes.length; at += 100)
    last = (await cluster.apply(changes.slice(at, at + 100))).revision;
  return last;
}

/** The state of a range as a watch tells it. */
class Copy {
  readonly state = new Map<string, string>();
  readonly gaps: { from: number; to: number }[] = [];
  begun = false;
  lost = false;
  revision = 0;

  constructor(watch: EtcdWatch) {
    void this.follow(watch);
  }

  private async follow(watch: EtcdWatch): Promise<void> {
    for await (const record of watch) {
      if (record.type === 'connected') this.begun = true;
      if (record.type === 'disconnected') this.lost = true;
      if (record.type === 'gap') this.gaps.push({ from: record.from, to: record.to });
      if (record.type === 'snapshot')
        for (const { key, value } of record.kvs) this.state.set(key.toString(), value.toString());
      if (record.type === 'difference') this.change(record.changes);
      if (record.type === 'events') this.change(record.events);
      if (record.type === 'events') this.revision = record.events.at(-1)!.revision;
      else if ('revision' in record) this.revision = record.revision;
    }
  }

  private change(changes: readonly { key: Buffer; current: { value: Buffer } | undefined }[]): void {
    for (const { key, current } of changes)
      if (current) this.state.set(key.toString(), current.value.toString());
      else this.state.delete(key.toString());
  }
}
