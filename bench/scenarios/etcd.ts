import { execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { EtcdFarm } from '../../test/harness/etcd';
import { type BenchContext, etcdEngineFile, goContender } from '../context';
import { type Contender, fixed, measure, type Peer, type Sample, type Table } from '../measure';
import { percentiles } from '../percentiles';
import { ResidentProcess } from '../residentProcess';
import { timedCommand } from '../timedCommand';

const run = promisify(execFile);
const stored = 100_000;
const paced = { count: 2_500, perSecond: 500, keys: 100 };
const watched = { keys: 100, seconds: 20, perSecond: 10 };
/** Time for a watch to begin. */
const beginMs = 500;

/** One etcd, watched and listed by Muster's client, Go's and etcdctl. */
export async function* etcdScenarios(context: BenchContext): AsyncGenerator<Table> {
  context.peers.require('etcd');
  context.peers.require('etcdctl');
  await using farm = await EtcdFarm.start();
  const endpoint = farm.endpoints[0]!;
  await using engine = new ResidentProcess('the engine', process.execPath, [
    ...[etcdEngineFile(context.directory), endpoint],
  ]);
  const { goPeers } = context;
  await using go = goPeers?.hasEtcd
    ? new ResidentProcess('the Go peer', goPeers.file, ['etcd', '-endpoint', endpoint])
    : undefined;
  const client = ['--endpoints', endpoint];

  // As many revisions of a thousand keys as there are keys of their own.
  const writer = ['test/harness/etcdWriter.mjs', endpoint];
  const first = (await revisionOf(client)) + 1;
  await run(process.execPath, [...writer, 'replay/', String(stored), '100']);
  const replay = `replay/ ${first} ${stored}`;
  const muster: Contender = { name: 'Muster', round: () => engine.ask(`replay ${replay}`) };
  yield await measure({
    title: '100,000 stored revisions, told by a watch from the past',
    expected: stored,
    rounds: context.rounds ?? 7,
    warmUps: 2,
    comparisons: [
      {
        ...{ row: 'replay', muster, metric: 'rate', target: { atLeast: 0.6 } },
        peer: goContender('Go clientv3', go, `replay ${replay}`),
      },
      {
        ...{ row: 'replay', muster, metric: 'rate' },
        peer: {
          name: 'etcdctl watch',
          round: () =>
            etcdctlWatch([...client, 'watch', '--prefix', '--rev', String(first), 'replay/'], stored),
        },
      },
    ],
  });

  const pacedRound = (peer: ResidentProcess): (() => Promise<Sample>) => {
    return async () => {
      const answer = peer.ask(`paced paced/ 0 ${paced.count}`);
      await delay(beginMs);
      await pacedWrites(endpoint, 'paced/', paced);
      return answer;
    };
  };
  const follower: Contender = { name: 'Muster', round: pacedRound(engine) };
  const goFollower: Peer = go
    ? { name: 'Go clientv3', round: pacedRound(go) }
    : goContender('Go clientv3', undefined, '');
  const etcdctlFollower: Peer = {
    name: 'etcdctl watch',
    round: () => etcdctlFollows(endpoint, 'paced/', paced),
  };
  yield await measure({
    title: '500 puts a second by another process, from put to event',
    expected: paced.count,
    rounds: context.rounds ?? 9,
    warmUps: 1,
    comparisons: [
      {
        ...{ row: 'P50', muster: follower, peer: goFollower },
        ...{ metric: 'p50', target: { atMost: 1.2 } },
      },
      { row: 'P99', muster: follower, peer: goFollower, metric: 'p99' },
      { row: 'P50', muster: follower, peer: etcdctlFollower, metric: 'p50' },
      { row: 'P99', muster: follower, peer: etcdctlFollower, metric: 'p99' },
    ],
  });

  await engine.ask(`fill list/ ${stored}`);
  const lister: Contender = { name: 'Muster', round: () => engine.ask('list list/ 0 0') };
  yield await measure({
    title: '100,000 keys listed without their values',
    expected: stored,
    rounds: context.rounds ?? 7,
    warmUps: 2,
    comparisons: [
      {
        ...{ row: 'all keys', muster: lister, metric: 'wall' },
        peer: {
          name: 'etcdctl get --prefix --keys-only',
          round: () =>
            timedCommand(
              context.directory,
              ['etcdctl', ...client, 'get', '--prefix', '--keys-only', 'list/'],
              (stdout) => stdout.split('\n').filter(Boolean).length,
              { ETCDCTL_API: '3' },
            ),
        },
      },
      {
        ...{ row: 'all keys', muster: lister, metric: 'wall' },
        peer: goContender('Go clientv3, the same pages', go, 'list list/ 0 0'),
      },
      {
        ...{ row: 'longest stall of the event loop', muster: lister, metric: 'stall' },
        ...{ peer: fixed('limit, 50 ms', 50), target: { atMost: 1 } },
      },
    ],
  });

  const cost = (work: 'watchers' | 'pollers') => async (): Promise<Sample> => {
    const before = await requestsTo(endpoint);
    const answer = engine.ask(`${work} cost/ ${watched.keys} ${watched.seconds}`);
    await delay(beginMs);
    const count = watched.perSecond * (watched.seconds - 2);
    await pacedWrites(endpoint, 'cost/', { ...watched, count });
    const sample = await answer;
    return { ...sample, requests: (await requestsTo(endpoint)) - before };
  };
  const watchers: Contender = { name: 'Muster', round: cost('watchers') };
  const pollers: Contender = { name: 'asking every 5 s', round: cost('pollers') };
  yield await measure({
    title: `100 keys followed for ${watched.seconds} s, with ${watched.perSecond} changes a second`,
    expected: 1,
    rounds: Math.min(context.rounds ?? 3, 3),
    warmUps: 0,
    comparisons: [
      { row: 'CPU of the client', muster: watchers, peer: pollers, metric: 'cpu' },
      { row: 'requests to etcd', muster: watchers, peer: pollers, metric: 'requests' },
      {
        row: 'from put to seen, P50',
        muster: watchers,
        peer: pollers,
        metric: 'p50',
        target: { atMost: 0.1 },
      },
    ],
  });
}

async function revisionOf(client: readonly string[]): Promise<number> {
  const { stdout } = await run('etcdctl', [...client, 'get', 'x', '-w', 'json'], {
    env: { ...process.env, ETCDCTL_API: '3' },
  });
  return (JSON.parse(stdout) as { header: { revision: number } }).header.revision;
}

async function pacedWrites(
  endpoint: string,
  prefix: string,
  { count, perSecond, keys }: { count: number; perSecond: number; keys: number },
): Promise<void> {
  const script = 'bench/fixtures/pacedWriter.mjs';
  await run(process.execPath, [script, endpoint, prefix, ...[count, perSecond, keys].map(String)]);
}

/** Lines that etcdctl prints for an event: its type, its key and its value. */
const linesPerEvent = 3;

/** Times etcdctl from its start until it has printed `count` events. */
async function etcdctlWatch(args: readonly string[], count: number): Promise<Sample> {
  const startedAt = performance.now();
  using child = startEtcdctl(args);
  let lines = 0;
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines++;
    if (lines >= count * linesPerEvent) break;
  }
  return { wallMs: performance.now() - startedAt, ok: Math.floor(lines / linesPerEvent) };
}

/** The time from put to event as the reader of etcdctl's output sees it. */
async function etcdctlFollows(endpoint: string, prefix: string, pace: typeof paced): Promise<Sample> {
  using child = startEtcdctl(['--endpoints', endpoint, 'watch', '--prefix', prefix]);
  await delay(beginMs);
  const startedAt = performance.now();
  const writing = pacedWrites(endpoint, prefix, pace);
  const latencies: number[] = [];
  let lines = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    if (++lines % linesPerEvent !== 0) continue;
    const sentMs = Number(line.split(' ', 1)[0]) / 1000;
    latencies.push(performance.timeOrigin + performance.now() - sentMs);
    if (latencies.length === pace.count) break;
  }
  const wallMs = performance.now() - startedAt;
  await writing;
  return { wallMs, ...percentiles(latencies) };
}

function startEtcdctl(args: readonly string[]) {
  const child = spawn('etcdctl', args, {
    env: { ...process.env, ETCDCTL_API: '3' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return { stdout: child.stdout, [Symbol.dispose]: () => void child.kill('SIGKILL') };
}

/** Messages that etcd has received from clients, puts aside. */
async function requestsTo(endpoint: string): Promise<number> {
  const text = await (await fetch(`${endpoint}/metrics`)).text();
  return text
    .split('\n')
    .filter((line) => line.startsWith('grpc_server_msg_received_total') && !line.includes('"Put"'))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}
