import { resolve } from 'node:path';
import { type BenchContext, cliContender } from '../context';
import { startHealthServer } from '../fixtures/healthServer';
import { startSshd } from '../fixtures/sshFleet';
import { type Contender, measure, type Peer, type Table } from '../measure';
import { buildGoRequest } from '../peers/buildGoPeers';
import { fetchPythonPackages, python } from '../peers/pythonPackages';
import { timedCommand } from '../timedCommand';
import { makeFleet } from './ssh';

/** Hosts that send a request at once. */
const senders = 40;

/** One request from this machine, then one from each of many hosts. */
export async function* requestScenarios(context: BenchContext): AsyncGenerator<Table> {
  const { directory, peers } = context;
  await using server = await startHealthServer(peers.require('nginx'), directory, ['127.0.0.1']);
  const url = `http://127.0.0.1:${server.port}/health`;
  const muster = cliContender(context, ['http', '--from', 'local', url], 1);
  const start = { row: 'start and a request', muster, metric: 'wall' } as const;
  yield await measure({
    title: 'One request from this machine',
    expected: 1,
    rounds: context.rounds ?? 15,
    warmUps: 2,
    comparisons: [
      {
        ...start,
        peer: peers.contender('curl', 'curl', (curl) => timedCommand(directory, [curl, '-sS', url], 1)),
      },
      { ...start, peer: await goRequest(context, url) },
      { ...start, peer: await pythonRequest(context, url) },
    ],
  });

  const { fleet, inventory, directory: folder } = await makeFleet(context, 'senders', 21, senders);
  await using servers = await startSshd(context.peers.require('sshd'), folder, fleet);
  const many: Contender = cliContender(
    context,
    ['http', `host-[1:${senders}]`, url, '--inventory', inventory, '--format', 'json'],
    (stdout) => (JSON.parse(stdout) as { summary: { ok: number } }).summary.ok,
  );
  yield await measure({
    title: `A request from each of ${senders} hosts at once`,
    expected: senders,
    rounds: context.rounds ?? 7,
    warmUps: 1,
    settled: () => servers.settled(),
    comparisons: (['pinned', 'defaults'] as const).map((kex) => ({
      ...{ row: 'from all of them, cold', muster: many, metric: 'wall' as const },
      peer: peers.contender(
        'clush',
        `clush curl, ${kex === 'pinned' ? 'kex pinned' : 'default kex'}`,
        (clush) => {
          const words = ['-S', '-q', '-f', `${senders}`, '-w', fleet.addresses.slice(0, senders).join(',')];
          return timedCommand(
            directory,
            [clush, ...words, '-o', `-F ${fleet.sshConfig[kex]}`, `curl -sS ${url}`],
            senders,
          );
        },
      ),
    })),
  });
}

async function goRequest({ directory, peers }: BenchContext, url: string): Promise<Peer> {
  const go = peers.path('go');
  if (go === undefined) return { name: 'Go net/http', missing: 'go (Debian: apt-get install golang-go)' };
  const program = await buildGoRequest(go, directory);
  return { name: 'Go net/http', round: () => timedCommand(directory, [program, '-url', url], 1) };
}

async function pythonRequest({ directory }: BenchContext, url: string): Promise<Peer> {
  const script = resolve('bench/peers/request/request.py');
  const packages = await fetchPythonPackages(directory, ['requests']);
  if ('missing' in packages) return { name: 'Python requests', missing: packages.missing };
  const env = { PYTHONPATH: packages.folder('requests') };
  return {
    name: 'Python requests',
    round: () => timedCommand(directory, [python, script, '--url', url], 1, env),
  };
}
