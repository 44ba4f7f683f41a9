import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BenchContext, cliContender, goContender, goOnce, startEngine, startGoPeer } from '../context';
import { startDeafServers } from '../fixtures/deafServers';
import { loopbackAddresses } from '../fixtures/loopbackAddresses';
import { startHealthServer } from '../fixtures/healthServer';
import { compiledAfter, type Contender, fixed, measure, type Table } from '../measure';

/** How many targets at a time, and how long each may take. */
const within = { timeoutMs: 800, concurrency: 50 };

/** Files that name the same targets to Muster and to Go. */
export async function writeTargets(
  directory: string,
  name: string,
  addresses: readonly string[],
  port: number,
  { timeoutMs, concurrency } = within,
) {
  const inventory = join(directory, `${name}.yaml`);
  const urls = join(directory, `${name}.urls`);
  await writeFile(
    inventory,
    `defaults: { timeout: ${timeoutMs}ms, concurrency: ${concurrency} }
hosts:
${addresses.map((address, index) => `  target-${index + 1}: { address: ${address} }`).join('\n')}
checks:
  health: { type: http, url: "http://{address}:${port}/health", expect: { status: 200 } }
`,
  );
  await writeFile(urls, addresses.map((address) => `http://${address}:${port}/health\n`).join(''));
  const goArguments = [
    ...['http', '-targets', urls, '-timeout', `${timeoutMs}ms`, '-concurrency', String(concurrency)],
  ];
  return { inventory, goArguments };
}

const healthy = (stdout: string) => (JSON.parse(stdout) as { summary: { healthy: number } }).summary.healthy;

/** 1,000 checks of distinct hosts, none of them met before. */
export async function* httpScenarios(context: BenchContext): AsyncGenerator<Table> {
  const addresses = loopbackAddresses(16, 1_000);
  await using server = await startHealthServer(context.peers.require('nginx'), context.directory, addresses);
  const { inventory, goArguments } = await writeTargets(context.directory, 'http', addresses, server.port);
  await using engine = startEngine(context);
  await using go = startGoPeer(context, goArguments);
  yield await measure({
    title: '1,000 HTTP checks, 50 at a time, each on a host and a connection of its own',
    expected: addresses.length,
    rounds: context.rounds ?? 25,
    warmUps: compiledAfter,
    comparisons: [
      {
        row: 'process that stays',
        muster: { name: 'Muster', round: () => engine.ask(`check ${inventory}`) },
        peer: goContender('Go net/http', go, 'round'),
        metric: 'rate',
        target: { atLeast: 0.7 },
      },
    ],
  });
  yield await measure({
    title: 'The same from a process that starts for it',
    expected: addresses.length,
    rounds: context.rounds ?? 7,
    warmUps: 1,
    comparisons: [
      {
        row: '`muster check --json`',
        muster: cliContender(context, ['check', '--inventory', inventory, '--json'], healthy),
        peer: goOnce(context, 'Go', goArguments),
        metric: 'rate',
      },
    ],
  });
}

/** 200 checks of which 20 are accepted and never answered. */
export async function* hangScenarios(context: BenchContext): AsyncGenerator<Table> {
  const addresses = loopbackAddresses(17, 200);
  const deaf = addresses.filter((_, index) => index % 10 === 0);
  const sound = addresses.filter((_, index) => index % 10 !== 0);
  await using server = await startHealthServer(context.peers.require('nginx'), context.directory, sound);
  await using hung = await startDeafServers(deaf, server.port);
  const { inventory, goArguments } = await writeTargets(context.directory, 'hang', addresses, server.port);
  await using engine = startEngine(context);
  await using go = startGoPeer(context, goArguments);
  const muster: Contender = { name: 'Muster', round: () => engine.ask(`check ${inventory}`) };
  const deadline = fixed(`the deadline, ${within.timeoutMs} ms`, within.timeoutMs);
  const goPeer = goContender('Go net/http', go, 'round');
  yield await measure({
    title: '200 HTTP checks, 50 at a time, of which 20 hang',
    expected: sound.length,
    rounds: context.rounds ?? 7,
    warmUps: 3,
    settled: () => hung.settled(),
    comparisons: [
      { row: 'P95 of the healthy', muster, peer: deadline, metric: 'p95', target: { atMost: 1 } },
      { row: 'P95 of the healthy', muster, peer: goPeer, metric: 'p95' },
      { row: 'whole batch', muster, peer: deadline, metric: 'wall', target: { atMost: 1.25 } },
      { row: 'whole batch', muster, peer: goPeer, metric: 'wall' },
    ],
  });
}
