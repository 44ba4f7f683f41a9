import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build, type BuildOptions } from 'esbuild';
import { type BenchContext, cliFile, engineFile } from './context';
import { measure, type Scenario } from './measure';
import { buildGoPeers } from './peers/buildGoPeers';
import { findPeers } from './peers/findPeers';
import { type GroupReport, machine, table } from './report';
import { commandLineScenarios } from './scenarios/commandLine';
import { hangScenarios, httpScenarios } from './scenarios/http';
import { inventoryScenarios } from './scenarios/inventory';
import { sshScenarios } from './scenarios/ssh';

type Group = (context: BenchContext, run: (scenario: Scenario) => Promise<void>) => Promise<void>;

const groups: Readonly<Record<string, Group>> = {
  http: httpScenarios,
  hang: hangScenarios,
  ssh: sshScenarios,
  cli: commandLineScenarios,
  inventory: inventoryScenarios,
};

const results = 'bench/results.json';

/** Measures the groups that are asked for, prints a table for each and writes all figures to results.json. */
export async function bench(args: string[], shipped: BuildOptions): Promise<void> {
  const { values } = parseArgs({ args, options: { only: { type: 'string' }, rounds: { type: 'string' } } });
  const chosen = values.only?.split(',') ?? Object.keys(groups);
  const unknown = chosen.filter((name) => !groups[name]);
  if (unknown.length > 0)
    throw new Error(`no group ${unknown.join(', ')}; there are ${Object.keys(groups).join(', ')}`);

  const log = (line: string) => process.stderr.write(`${line}\n`);
  const directory = await mkdtemp(join(tmpdir(), 'muster-bench-'));
  try {
    // An agent would offer its own keys to every server.
    delete process.env.SSH_AUTH_SOCK;
    const peers = await findPeers(log);
    const [goPeers] = await Promise.all([
      buildGoPeers(peers.path('go'), directory, log),
      build({ ...shipped, entryPoints: ['src/cli/main.ts'], outfile: cliFile(directory) }),
      build({ ...shipped, entryPoints: ['bench/engine.ts'], outfile: engineFile(directory) }),
    ]);
    const context: BenchContext = { directory, peers, goPeers, rounds: Number(values.rounds) || undefined };
    const reports: GroupReport[] = [];
    for (const name of chosen) {
      await groups[name]!(context, async (scenario) => {
        const rows = await measure({ ...scenario, rounds: context.rounds ?? scenario.rounds });
        const report = { group: name, title: scenario.title, rows };
        reports.push(report);
        process.stdout.write(`${table(report)}\n`);
      });
    }
    const report = {
      measuredAt: new Date().toISOString(),
      machine: await machine(peers.path('go')),
      groups: reports,
    };
    await writeFile(results, `${JSON.stringify(report, undefined, 2)}\n`);
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  }
}
