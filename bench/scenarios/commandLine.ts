import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BenchContext, cliContender } from '../context';
import { startHealthServer } from '../fixtures/healthServer';
import { type Contender, measure, type Table } from '../measure';
import { timedCommand } from '../timedCommand';

/** How long the shell waits for the command line; Node.js itself is the floor. */
export async function* commandLineScenarios(context: BenchContext): AsyncGenerator<Table> {
  await using server = await startHealthServer(context.peers.require('nginx'), context.directory, [
    '127.0.0.1',
  ]);
  const inventory = join(context.directory, 'one.yaml');
  await writeFile(
    inventory,
    `hosts: { local: { address: 127.0.0.1 } }
checks: { health: { type: http, url: "http://{address}:${server.port}/health" } }
`,
  );
  const node: Contender = {
    name: '`node -e 0`',
    round: () => timedCommand(context.directory, [process.execPath, '-e', '0'], 1),
  };
  yield await measure({
    title: 'Start of the command line',
    expected: 1,
    rounds: context.rounds ?? 25,
    warmUps: 3,
    comparisons: [
      {
        row: '`muster --version`',
        muster: cliContender(context, ['--version'], 1),
        peer: node,
        metric: 'wall',
      },
      {
        row: '`muster check` of one local host',
        muster: cliContender(context, ['check', '--inventory', inventory], 1),
        peer: node,
        metric: 'wall',
      },
    ],
  });
}
