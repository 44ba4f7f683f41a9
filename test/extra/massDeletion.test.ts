import { execFile, spawn } from 'node:child_process';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { EtcdCluster } from '../../src/features/etcd/core/client/etcdCluster';
import { EtcdFarm } from '../harness/etcd';
import { until } from '../harness/until';
import {
  bytes,
  connect,
  expectMassDeletion,
  massPut,
  under,
  Witness,
} from '../features/etcd/integration/etcdFixture';

const run = promisify(execFile);
/** Milliseconds for what takes seconds on a machine of its own. */
const patience = 400_000;
/** `system` is Debian's, of 3.4. */
const versions = ['system', 'v3.5.21', 'v3.6.4'];

describe.each(versions)('etcd %s', (version) => {
  it.each([20_000, 50_000, 200_000])(
    'delivers %i deletions of one revision once each with the values before, live and from the past',
    async (count) => {
      const binaries = version === 'system' ? undefined : await build(version);
      await using farm = await EtcdFarm.start({ arguments: ['--max-txn-ops', '5000'], binaries });
      await using cluster = await connect(farm.endpoints);
      await massPut(cluster, '/m/', count);
      await using watch = cluster.watch(under('/m/'));
      const live = new Witness(watch);
      await until('the watch', () => live.of('connected')[0], patience);
      const theirs = new Etcdctl(farm, []);
      await delay(1_000);

      const delays = monitorEventLoopDelay({ resolution: 5 });
      delays.enable();
      const deleted = cluster.deletePrefix(bytes('/m/'), { timeoutMs: patience });
      const told = deleted.then(() => until('all deletions', () => live.events.length >= count, patience));
      const slowest = slowestRead(cluster, told);
      const { revision } = await deleted;
      const [liveTheirs, liveOurs] = await Promise.all([timed(theirs.tells(count)), timed(told)]);
      delays.disable();
      expectMassDeletion(live, count);
      expect(await slowest).toBeLessThan(10_000);

      const pastTheirs = await timed(new Etcdctl(farm, ['--rev', String(revision)]).tells(count));
      await using past = cluster.watch(under('/m/'), { fromRevision: revision });
      const later = new Witness(past);
      const pastOurs = await timed(until('all again', () => later.events.length >= count, patience));
      expectMassDeletion(later, count);
      for (const witness of [live, later]) expect(witness.of('disconnected')).toEqual([]);

      console.info(
        `etcd ${version}, ${count} keys: live ${compared(liveOurs, liveTheirs)}, ` +
          `--rev ${compared(pastOurs, pastTheirs)}; ` +
          `loop held up ${(delays.max / 1e6).toFixed()} ms, slowest read ${(await slowest).toFixed()} ms`,
      );
    },
  );
});

it('delivers 20,000 deletions to a user who may not ask etcd 3.6 for its status', async () => {
  const binaries = await build('v3.6.4');
  await using farm = await EtcdFarm.start({ arguments: ['--max-txn-ops', '5000'], binaries });
  await farm.enableAuth({ editor: { password: 'root-password', prefix: '/m/', may: 'readwrite' } });
  const as = (username: string) =>
    connect(farm.endpoints, { username }, { password: () => Promise.resolve('root-password') });
  await using root = await as('root');
  await massPut(root, '/m/', 20_000);
  await using cluster = await as('editor');
  await using watch = cluster.watch(under('/m/'));
  const live = new Witness(watch);
  await until('the watch', () => live.of('connected')[0], patience);
  const { revision } = await root.deletePrefix(bytes('/m/'), { timeoutMs: patience });
  const liveMs = await timed(until('all deletions', () => live.events.length >= 20_000, patience));
  expectMassDeletion(live, 20_000);
  await using past = cluster.watch(under('/m/'), { fromRevision: revision });
  const later = new Witness(past);
  const pastMs = await timed(until('all again', () => later.events.length >= 20_000, patience));
  expectMassDeletion(later, 20_000);
  console.info(`etcd v3.6.4 without status: live ${liveMs.toFixed()} ms, --rev ${pastMs.toFixed()} ms`);
});

it('asks in another way for 20,000 deletions from a large database, and says so', async () => {
  await using farm = await EtcdFarm.start({ arguments: ['--max-txn-ops', '5000'] });
  await using cluster = await connect(farm.endpoints);
  const megabyte = Buffer.alloc(1_400_000, 'x');
  for (let number = 0; number < 200; number++) await cluster.put(bytes(`/large/${number}`), megabyte);
  await massPut(cluster, '/m/', 20_000);
  const { revision } = await cluster.deletePrefix(bytes('/m/'), { timeoutMs: patience });
  await using watch = cluster.watch(under('/m/'), { fromRevision: revision });
  const witness = new Witness(watch);
  await until('all deletions', () => witness.events.length >= 20_000, patience);
  expectMassDeletion(witness, 20_000);
  expect(witness.of('detour').map(({ change }) => change)).toEqual(['unsplitWithoutPrevious']);
});

/** A watch of etcdctl on `/m/`, which prints what it is sent. */
class Etcdctl {
  private told = 0;
  private ended = false;
  private readonly child;

  constructor(farm: EtcdFarm, words: readonly string[]) {
    this.child = spawn(farm.etcdctlFile, [...farm.clientFlags(), 'watch', '--prefix', '/m/', ...words], {
      env: { ...process.env, ETCDCTL_API: '3' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    this.child.once('exit', () => (this.ended = true));
    createInterface(this.child.stdout).on('line', (line) => (this.told += line === 'DELETE' ? 1 : 0));
  }

  /** Ends it when it has printed `count` deletions. */
  async tells(count: number): Promise<void> {
    try {
      await until('etcdctl', () => this.told >= count || this.ended, patience);
      expect(this.told).toBe(count);
    } finally {
      this.child.kill();
    }
  }
}

async function timed(work: Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work;
  return performance.now() - began;
}

const compared = (ours: number, theirs: number) =>
  `${ours.toFixed()} ms (etcdctl ${theirs.toFixed()} ms, ${(ours / theirs).toFixed(1)} times)`;

/** Milliseconds of the slowest of the reads that were made until `work` was done. */
async function slowestRead(cluster: EtcdCluster, work: Promise<unknown>): Promise<number> {
  let done = false;
  let slowest = 0;
  void work.finally(() => (done = true)).catch(() => {});
  while (!done) {
    const began = performance.now();
    await cluster.get(bytes('/other'), { timeoutMs: patience });
    slowest = Math.max(slowest, performance.now() - began);
    await delay(100);
  }
  return slowest;
}

/** The folder of `etcd` and `etcdctl` of a version, built once from the Go modules. */
async function build(version: string): Promise<string> {
  const folder = path.resolve('.cache/etcd', version);
  if (await stat(path.join(folder, 'etcdctl')).catch(() => undefined)) return folder;
  const source = path.join(folder, 'source');
  const main = async (name: string, from: string, body: string) => {
    await mkdir(path.join(source, name), { recursive: true });
    const program = `package main\n\nimport (\n\t"os"\n\n\t"${from}"\n)\n\nfunc main() { ${body} }\n`;
    await writeFile(path.join(source, name, 'main.go'), program);
  };
  await main('etcd', 'go.etcd.io/etcd/server/v3/etcdmain', 'etcdmain.Main(os.Args)');
  await main('etcdctl', 'go.etcd.io/etcd/etcdctl/v3/ctlv3', 'ctlv3.MustStart(); os.Exit(0)');
  const requires = ['server', 'etcdctl'].map((name) => `require go.etcd.io/etcd/${name}/v3 ${version}\n`);
  await writeFile(path.join(source, 'go.mod'), `module etcd\n\ngo 1.23\n\n${requires.join('')}`);
  const go = (...words: string[]) => run('go', words, { cwd: source, maxBuffer: 16 * 1024 * 1024 });
  await go('mod', 'tidy');
  await go('build', '-ldflags=-s -w', '-o', `${folder}/`, './etcd', './etcdctl');
  return folder;
}
