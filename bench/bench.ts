import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { build, type BuildOptions } from 'esbuild';
import { type BenchContext, engineFile, etcdEngineFile } from './context';
import type { Table } from './measure';
import { buildGoPeers } from './peers/buildGoPeers';
import { type FindProgram, findPeers, type PeerProgram } from './peers/findPeers';
import { machine, printed } from './report';
import { commandLineScenarios } from './scenarios/commandLine';
import { copyScenarios } from './scenarios/copy';
import { deliveryScenarios } from './scenarios/delivery';
import { editorScenarios } from './scenarios/editor';
import { etcdScenarios } from './scenarios/etcd';
import { hangScenarios, httpScenarios } from './scenarios/http';
import { inventoryScenarios } from './scenarios/inventory';
import { logPanelScenarios } from './scenarios/logPanel';
import { logsScenarios } from './scenarios/logs';
import { manyHostsScenarios } from './scenarios/manyHosts';
import { profilesScenarios } from './scenarios/profiles';
import { requestScenarios } from './scenarios/request';
import { serveScenarios } from './scenarios/serve';
import { sshScenarios } from './scenarios/ssh';

const groups: Readonly<Record<string, (context: BenchContext) => AsyncIterable<Table>>> = {
  http: httpScenarios,
  hang: hangScenarios,
  ssh: sshScenarios,
  cli: commandLineScenarios,
  request: requestScenarios,
  copy: copyScenarios,
  delivery: deliveryScenarios,
  inventory: inventoryScenarios,
  etcd: etcdScenarios,
  editor: editorScenarios,
  manyHosts: manyHostsScenarios,
  logs: logsScenarios,
  logPanel: logPanelScenarios,
  profiles: profilesScenarios,
  serve: serveScenarios,
};

/** The programs of groups that need few; those that are not here may need any. */
const programs: Readonly<Record<string, readonly PeerProgram[]>> = {
  logs: ['go', 'ssh', 'sshd'],
  copy: ['sshd', 'ssh', 'rsync', 'clush', 'parallel-scp', 'ansible'],
  logPanel: ['sshd'],
  request: ['nginx', 'sshd', 'ssh', 'curl', 'clush', 'go', 'python3'],
  serve: ['prometheus', 'prometheus-blackbox-exporter'],
  delivery: ['go', 'nginx', 'sshd', 'ssh', 'kubectl', 'jq', 'curl', 'time', 'python3'],
};

export interface Repository {
  /** What the shipped bundles are built with. */
  bundle: BuildOptions;
  findProgram: FindProgram;
}

const results = 'bench/results.json';
const log = (line: string) => process.stderr.write(`${line}\n`);

/** Measures the groups that are asked for and prints their tables; results.json keeps the rest as it was. */
export async function bench(args: string[], { bundle, findProgram }: Repository): Promise<void> {
  const { values } = parseArgs({ args, options: { only: { type: 'string' }, rounds: { type: 'string' } } });
  const chosen = values.only?.split(',') ?? Object.keys(groups);
  const unknown = chosen.filter((name) => !groups[name]);
  if (unknown.length > 0)
    throw new Error(`no group ${unknown.join(', ')}; there are ${Object.keys(groups).join(', ')}`);

  // An agent would offer its own keys to every server.
  delete process.env.SSH_AUTH_SOCK;
  const directory = await mkdtemp(join(tmpdir(), 'muster-bench-'));
  try {
    const isKnown = chosen.every((name) => programs[name]);
    const needed = isKnown ? chosen.flatMap((name) => programs[name]!) : undefined;
    const peers = await findPeers(findProgram, log, needed);
    const [goPeers] = await Promise.all([
      buildGoPeers(peers.path('go'), directory, log),
      promisify(execFile)(process.execPath, ['scripts/build.mjs', '--cli', directory]),
      build({ ...bundle, entryPoints: ['bench/engine.ts'], outfile: engineFile(directory) }),
      build({ ...bundle, entryPoints: ['bench/etcdEngine.ts'], outfile: etcdEngineFile(directory) }),
    ]);
    const rounds = Number(values.rounds) || undefined;
    const context: BenchContext = { directory, peers, goPeers, bundle, rounds };
    const report = { machine: await machine(peers.path('go')), groups: await lastResults() };
    for (const name of chosen) {
      const tables: Table[] = [];
      try {
        for await (const table of groups[name]!(context)) {
          tables.push(table);
          process.stdout.write(`${printed(table)}\n`);
        }
      } catch (error) {
        // The other groups are still worth measuring.
        log(`${name}: ${(error as Error).stack}`);
        process.exitCode = 1;
        continue;
      }
      report.groups[name] = tables;
      await writeFile(results, `${JSON.stringify(report, undefined, 2)}\n`);
    }
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function lastResults(): Promise<Record<string, Table[]>> {
  try {
    const { groups: last } = JSON.parse(await readFile(results, 'utf8')) as {
      groups: Record<string, Table[]>;
    };
    return last;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}
