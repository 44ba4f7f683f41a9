// Muster's client of etcd in a process that stays, for one endpoint: node etcdEngine.cjs ENDPOINT
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { openEtcd } from '../src/features/etcd/core/client/etcdCluster';
import { prefixRange, singleKey } from '../src/features/etcd/core/client/etcdModel';
import { type Round, serveRounds } from './serveRounds';

const endpoint = process.argv[2]!;
const cluster = openEtcd(
  { name: 'bench', endpoints: [endpoint], prefix: '', readOnly: false, protected: false },
  { directory: '/' },
);
const rangeOf = (prefix: string) => prefixRange(Buffer.from(prefix));
/** Milliseconds since the epoch, to the microsecond. */
const now = () => performance.timeOrigin + performance.now();
const sentAt = (value: Buffer | undefined) => Number(value?.toString('latin1').split(' ', 1)[0]) / 1000;

const rounds: Record<string, Round> = {
  /** Receives `count` events that etcd has stored, from a revision on. */
  replay: async (prefix, revision, count) => watchRound(prefix, Number(revision), Number(count), () => 0),
  /** Receives `count` events as they are made; their values begin with the time in microseconds. */
  paced: async (prefix, _, count) =>
    watchRound(prefix, undefined, Number(count), (value) => now() - sentAt(value)),
  list: async (prefix) => {
    const etcd = await cluster;
    return async () => {
      const latencies: number[] = [];
      const delay = monitorEventLoopDelay({ resolution: 1 });
      delay.enable();
      for await (const { kvs } of etcd.list(rangeOf(prefix), { keysOnly: true }))
        for (let index = 0; index < kvs.length; index++) latencies.push(0);
      delay.disable();
      return { latencies, stallMs: delay.max / 1e6 };
    };
  },
  /** Makes `count` keys. */
  fill: async (prefix, count) => {
    const etcd = await cluster;
    return async () => {
      for (let at = 0; at < Number(count); at += 100)
        await etcd.apply(
          Array.from({ length: 100 }, (_, index) => ({
            type: 'put' as const,
            key: Buffer.from(`${prefix}service-${String(at + index).padStart(8, '0')}/endpoint`),
            value: Buffer.from('10.0.0.1:8080'),
          })),
        );
      return { latencies: [] };
    };
  },
  /** As many watches of a key each, for some seconds. */
  watchers: async (prefix, count, seconds) => {
    const etcd = await cluster;
    return async () => {
      const latencies: number[] = [];
      const watches = keysOf(prefix, Number(count)).map((key) => etcd.watch(singleKey(key)));
      const drained = watches.map(async (watch) => {
        for await (const record of watch)
          if (record.type === 'events')
            for (const { current } of record.events) latencies.push(now() - sentAt(current?.value));
      });
      await new Promise((resolve) => setTimeout(resolve, Number(seconds) * 1000));
      for (const watch of watches) watch.close();
      await Promise.all(drained);
      return { latencies };
    };
  },
  /** The same by asking for each key every 5 s. */
  pollers: async (prefix, count, seconds) => {
    const etcd = await cluster;
    return async () => {
      const latencies: number[] = [];
      const seen = new Map<string, number>();
      const poll = async (key: Buffer) => {
        const kv = await etcd.get(key);
        const before = seen.get(key.toString());
        if (kv) seen.set(key.toString(), kv.modRevision);
        if (kv && before !== undefined && kv.modRevision > before) latencies.push(now() - sentAt(kv.value));
      };
      const keys = keysOf(prefix, Number(count));
      const timers = keys.map((key, index) => {
        let timer = setTimeout(
          () => {
            timer = setInterval(() => void poll(key), 5_000);
            void poll(key);
          },
          (index * 5_000) / keys.length,
        );
        return () => clearTimeout(timer);
      });
      await new Promise((resolve) => setTimeout(resolve, Number(seconds) * 1000));
      for (const stop of timers) stop();
      return { latencies };
    };
  },
};

async function watchRound(
  prefix: string,
  fromRevision: number | undefined,
  count: number,
  latencyOf: (value: Buffer | undefined) => number,
) {
  const etcd = await cluster;
  return async () => {
    const latencies: number[] = [];
    await using watch = etcd.watch(rangeOf(prefix), { ...(fromRevision !== undefined && { fromRevision }) });
    for await (const record of watch) {
      if (record.type === 'gap') throw new Error(`revisions ${record.from} to ${record.to} are gone`);
      if (record.type !== 'events') continue;
      for (const { current } of record.events) latencies.push(latencyOf(current?.value));
      if (latencies.length >= count) break;
    }
    return { latencies };
  };
}

function keysOf(prefix: string, count: number): Buffer[] {
  return Array.from({ length: count }, (_, index) => Buffer.from(`${prefix}${index}`));
}

void serveRounds(rounds).finally(async () => (await cluster).close());
