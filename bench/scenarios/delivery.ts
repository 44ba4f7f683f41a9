import { execFile } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../../test/harness/ports';
import { type BenchContext, cliFile, goContender, startEngine, startGoPeer } from '../context';
import { buildDeliverables, type Deliverables } from '../fixtures/deliverables';
import { startHealthServer } from '../fixtures/healthServer';
import { loopbackAddresses } from '../fixtures/loopbackAddresses';
import { startSshd } from '../fixtures/sshFleet';
import { startStrainedServers } from '../fixtures/strainedServers';
import {
  type Bound,
  type Comparison,
  type Contender,
  fixed,
  measure,
  type Metric,
  type Peer,
  type Table,
} from '../measure';
import { buildGoRequest } from '../peers/buildGoPeers';
import { fetchPythonPackages, python, type PythonPackages } from '../peers/pythonPackages';
import { megabytes, startOf } from '../programStart';
import { timedCommand } from '../timedCommand';
import { writeTargets } from './http';
import { hosts as sshHosts, makeFleet, openSsh } from './ssh';

type Packages = PythonPackages | { missing: string };

const request = resolve('bench/peers/request/request.py');

/** What is delivered as one file beside what the reference text compares such a file with, and its batches. */
export async function* deliveryScenarios(context: BenchContext): AsyncGenerator<Table> {
  const directory = join(context.directory, 'delivery');
  await mkdir(directory);
  const deliverables = await buildDeliverables(directory);
  const packages = await fetchPythonPackages(directory, ['requests', 'yq']);
  yield await startTable(context, directory, deliverables, packages);
  yield await firstCheckTable(context, directory, deliverables, packages);
  yield* workerTables(context);
  yield await poolTable(context, directory);
  yield await sshTable(context);
}

/** What the reference text says of programs: milliseconds and millions of bytes. */
const claims: Readonly<Record<string, Partial<Record<Metric, Bound>>>> = {
  kubectl: { wall: { atMost: 18 }, memory: { atMost: 4.2 }, image: { atMost: 12.4 } },
  jq: { wall: { atMost: 3 }, memory: { atMost: 1.1 }, image: { atMost: 1.8 } },
  'Python yq': { wall: { atLeast: 320 }, memory: { atLeast: 48 }, image: { atLeast: 142 } },
  'Python requests': { wall: { atLeast: 100 }, image: { atLeast: 15 } },
  'Go net/http': { file: { atMost: 8 } },
};

const rowNames = { wall: 'start', memory: 'peak memory', file: 'file', image: 'image' } as const;

async function startTable(
  { peers, directory: bundles, rounds }: BenchContext,
  directory: string,
  { executable, image }: Deliverables,
  packages: Packages,
): Promise<Table> {
  const start = startOf(peers.require('time'));
  const go = peers.path('go');
  const goRequest = go ? await buildGoRequest(go, directory) : '';
  const debian = (name: 'kubectl' | 'jq' | 'curl', ...args: string[]) =>
    peers.contender(name, name, (path) => start([path, ...args]));
  const ofPython = (name: string, script: string, flag: string, needs: readonly string[] = []): Peer => {
    const row = `Python ${name}`;
    if ('missing' in packages) return { name: row, missing: packages.missing };
    const folder = packages.folder(name);
    const inImage = [packages.library, folder, ...needs];
    return {
      name: row,
      round: () => start([python, resolve(folder, script), flag], inImage, { PYTHONPATH: folder }),
    };
  };
  const muster: Contender = {
    name: 'muster',
    round: async () => ({ ...(await start([executable, '--version'])), imageMb: await megabytes(image) }),
  };
  const others: readonly Peer[] = [
    debian('kubectl', 'version', '--client'),
    debian('jq', '--version'),
    debian('curl', '--version'),
    peers.contender('go', 'Go net/http', () => start([goRequest, '-h'])),
    ofPython('yq', 'bin/yq', '--version', [peers.path('jq') ?? []].flat()),
    ofPython('requests', request, '--help'),
    {
      name: 'the bundle in Node.js',
      round: () =>
        start(
          [process.execPath, cliFile(bundles), '--version'],
          ['cli.js', 'cli.main.js', 'cli.parts.js', 'cli.libraries.js'].map((name) => join(bundles, name)),
        ),
    },
  ];
  return await measure({
    title:
      'The single executable and its image beside other programs, each of which says its version or its options',
    expected: 1,
    rounds: rounds ?? 15,
    warmUps: 2,
    comparisons: (Object.keys(rowNames) as (keyof typeof rowNames)[]).flatMap((metric) =>
      others.map((peer): Comparison => {
        const claim = claims[peer.name]?.[metric];
        return { row: rowNames[metric], muster, peer, metric, ...(claim && { claim }) };
      }),
    ),
  });
}

/** From a file system without anything to the first answer of a service: milliseconds that the reference text has for it. */
const claimedCheck = { file: 8_000, environment: 12 * 60_000 };

const fromFile = `
cp --parents --dereference "\${@:4}" "$1" && cp "$2/muster-linux-x64" "$2/SHA256SUMS" "$1" && cp "$3" "$1/muster.yaml" &&
cd "$1" && sha256sum --check --quiet --ignore-missing SHA256SUMS &&
unshare --map-root-user --root . /muster-linux-x64 check --inventory /muster.yaml`;
const fromEnvironment = `
"$1" -m venv "$2" && "$2/bin/pip" install --quiet --no-cache-dir --disable-pip-version-check requests "\${@:5}" &&
"$2/bin/python" "$3" --url "$4"`;

async function firstCheckTable(
  { peers, rounds }: BenchContext,
  directory: string,
  { folder, executable }: Deliverables,
  packages: Packages,
): Promise<Table> {
  const address = '127.0.0.1';
  await using server = await startHealthServer(peers.require('nginx'), directory, [address]);
  const { inventory } = await writeTargets(directory, 'first', [address], server.port);
  const url = `http://${address}:${server.port}/health`;
  const { stdout } = await promisify(execFile)('ldd', [executable]);
  const libraries = [...stdout.matchAll(/(\/\S+) \(0x/g)].map(([, file]) => file!);
  /** Each round begins without the folder that the script makes. */
  const shell = (name: string, place: string, script: string, args: readonly string[]): Contender => ({
    name,
    round: async () => {
      await rm(place, { recursive: true, force: true });
      await mkdir(place);
      return timedCommand(directory, ['bash', '-c', script, 'bash', ...args], 1);
    },
  });
  const root = join(directory, 'root');
  const muster = shell('muster', root, fromFile, [root, folder, inventory, ...libraries]);
  const environment = join(directory, 'venv');
  const ofPython = (name: string, ...options: string[]): Peer =>
    'missing' in packages
      ? { name, missing: packages.missing }
      : shell(name, environment, fromEnvironment, [python, environment, request, url, ...options]);
  const wheels = 'missing' in packages ? '' : packages.wheels;
  const claim: Bound = { atLeast: claimedCheck.environment };
  const row = 'to the first check';
  return await measure({
    title: 'From an empty root file system to the first check: copy, checksum, run',
    expected: 1,
    rounds: rounds ?? 5,
    warmUps: 1,
    comparisons: [
      {
        ...{ row, muster, metric: 'wall', target: { atMost: 1 } },
        peer: fixed('claim of the reference text', claimedCheck.file),
      },
      { row, muster, peer: ofPython('Python venv, pip from the registry'), metric: 'wall', claim },
      {
        ...{ row, muster, metric: 'wall', claim },
        peer: ofPython('Python venv, pip from files', '--no-index', '--find-links', wheels),
      },
    ],
  });
}

/** Milliseconds that the reference text has for 1,000 tasks by the number of workers, on 4 cores. */
const claimedTasks = { 1: 842, 8: 113, 32: 107 } as const;

/** Tasks of each kind: the words that tell Muster and Go of them. */
const tasks = [
  { title: '1,000 tasks that wait for 1 ms', muster: 'sleep 1', go: ['-kind', 'sleep', '-sleep', '1ms'] },
  { title: '1,000 tasks that hash 64 KiB', muster: 'hash 65536', go: ['-kind', 'hash', '-bytes', '65536'] },
];

async function* workerTables(context: BenchContext): AsyncGenerator<Table> {
  await using engine = startEngine(context);
  for (const kind of tasks) {
    await using go = startGoPeer(context, ['tasks', ...kind.go]);
    const muster = (workers: number): Contender => ({
      name: `Muster, ${workers} at a time`,
      round: () => engine.ask(`tasks ${kind.muster} ${workers}`),
    });
    const alone = muster(1);
    yield await measure({
      title: kind.title,
      expected: 1_000,
      rounds: context.rounds ?? 9,
      warmUps: 2,
      comparisons: Object.entries(claimedTasks).flatMap(([workers, claimed]): Comparison[] => {
        const several = workers === '1' ? alone : muster(Number(workers));
        const row = `${workers} at a time`;
        const beside: Comparison = {
          row,
          muster: several,
          peer: goContender('Go pool', go, workers),
          metric: 'wall',
        };
        const target = { atMost: Number((claimed / claimedTasks[1]).toFixed(3)) };
        return several === alone
          ? [beside]
          : [beside, { row, muster: several, peer: alone, metric: 'wall', target }];
      }),
    });
  }
}

/** What the reference text has for 200 hosts without a bound, and for 50 at a time with 800 ms for each. */
const claimedPool = [
  { row: 'rate', metric: 'rate', unbounded: 312, pool: 486 },
  { row: 'P95 of those that answered', metric: 'p95', unbounded: 2_100, pool: 920 },
  // In whole hosts: 12.7 and 0.3 % of the text's failed.
  { row: 'answered, of 200', metric: 'answered', unbounded: 175, pool: 199 },
] as const;
const claimedP99 = fixed('claim of the reference text', 950);

const ways = {
  unbounded: { concurrency: 200, timeoutMs: 5_000 },
  pool: { concurrency: 50, timeoutMs: 800 },
};

async function poolTable(context: BenchContext, directory: string): Promise<Table> {
  const addresses = loopbackAddresses(20, 200);
  const port = await freePort(addresses[0]);
  await using servers = await startStrainedServers(addresses, port);
  await using engine = startEngine(context);
  const files = {
    unbounded: await writeTargets(directory, 'unbounded', addresses, port, ways.unbounded),
    pool: await writeTargets(directory, 'pool', addresses, port, ways.pool),
  };
  await using goUnbounded = startGoPeer(context, files.unbounded.goArguments);
  await using goPool = startGoPeer(context, files.pool.goArguments);
  const muster = (name: string, { inventory }: { inventory: string }): Contender => ({
    name,
    round: () => engine.ask(`check ${inventory}`),
  });
  const unbounded = muster('Muster, unbounded', files.unbounded);
  const pool = muster('Muster', files.pool);
  const beside = [
    { way: '50 at a time', muster: pool, peer: goContender('Go, 50 goroutines', goPool, 'round') },
    { way: 'unbounded', muster: unbounded, peer: goContender('Go, 200 goroutines', goUnbounded, 'round') },
  ];
  const p99 = { row: 'P99 of those that answered', metric: 'p99' } as const;
  return await measure({
    title: '200 strained hosts: 50 at a time with 800 ms for each, and all at once',
    // Hosts that do not answer are a figure here.
    expected: 0,
    rounds: context.rounds ?? 7,
    warmUps: 2,
    settled: () => servers.settled(),
    comparisons: [
      ...claimedPool.map(({ row, metric, ...claimed }): Comparison => {
        const ratio = Number((claimed.pool / claimed.unbounded).toFixed(3));
        const target = metric === 'p95' ? { atMost: ratio } : { atLeast: ratio };
        return { row: `${row}: 50 at a time`, muster: pool, peer: unbounded, metric, target };
      }),
      { ...p99, row: `${p99.row}: 50 at a time`, muster: pool, peer: claimedP99, target: { atMost: 1 } },
      ...beside.flatMap(({ way, ...sides }) =>
        [...claimedPool, p99].map(({ row, metric }): Comparison => ({
          row: `${row}: ${way}`,
          ...sides,
          metric,
        })),
      ),
    ],
  });
}

/** A command on each of 100 hosts at once, as the reference text begins; it has no figure for it. */
async function sshTable(context: BenchContext): Promise<Table> {
  const { directory, fleet, inventory, goArguments } = await makeFleet(context, 'atOnce', 21, sshHosts);
  await using servers = await startSshd(context.peers.require('sshd'), directory, fleet);
  await using engine = startEngine(context);
  await using go = startGoPeer(context, goArguments);
  const muster: Contender = { name: 'Muster', round: () => engine.ask(`run ${inventory}`) };
  const others = [
    goContender('Go x/crypto/ssh, 100 goroutines', go, 'cold'),
    openSsh(context, 'xargs -P100 ssh, kex pinned', fleet, fleet.sshConfig.pinned, { parallel: sshHosts }),
  ];
  return await measure({
    title: '`true` on 100 sshd hosts, all at once, cold',
    expected: sshHosts,
    rounds: context.rounds ?? 5,
    warmUps: 1,
    settled: () => servers.settled(),
    comparisons: others.map((peer): Comparison => ({ row: 'all at once', muster, peer, metric: 'wall' })),
  });
}
