import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { until } from '../../test/harness/until';
import { installVscode, vscodeVersions } from '../../test/harness/vscodeInstallation';
import { startVscodeServer } from '../../test/harness/vscodeServer';
import { Workbench } from '../../test/harness/workbench';
import type { BenchContext } from '../context';
import type { ManyHostsFigures } from '../inEditor/manyHosts';
import { beginTable, type Measurement, median, type Table } from '../measure';

/** Every host by itself in one group, as no generator would spare the view the work; nothing listens. */
const inventory = `hosts:
${Array.from({ length: 5000 }, (_, index) => `  node-${index}: { address: 127.0.0.1, labels: { role: node } }`).join('\n')}
groups:
  nodes: { select: role=node }
checks:
  port: { type: tcp, port: 1 }
  other: { type: tcp, port: 2 }
`;

/** 5,000 hosts in the view of a real VS Code: what it costs the extension host to draw and to check them. */
export async function* manyHostsScenarios(context: BenchContext): AsyncGenerator<Table> {
  const begun = beginTable('5,000 hosts with 10,000 checks in the editor, in the extension host');
  await promisify(execFile)(process.execPath, ['scripts/buildTests.mjs']);
  const tests = join(context.directory, 'manyHosts.js');
  await build({
    ...context.bundle,
    entryPoints: ['bench/inEditor/manyHosts.ts'],
    outfile: tests,
    external: ['vscode'],
  });
  const folder = join(context.directory, 'manyHosts');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'muster.yaml'), inventory);
  const installation = await installVscode(vscodeVersions.at(-1)!, (line) =>
    process.stderr.write(`${line}\n`),
  );
  const rounds = context.rounds ?? 3;
  const figures: ManyHostsFigures[] = [];
  for (let round = 0; round < rounds; round++) {
    const report = join(context.directory, `manyHosts-${round}.json`);
    const server = await startVscodeServer(installation, {
      development: { extension: resolve('dist', 'test', 'muster'), tests },
      env: { MUSTER_BENCH_REPORT: report },
    });
    await using workbench = await Workbench.open(server, folder);
    await workbench.openViewContainer('Muster');
    const text = await until('figures', () => readFile(report, 'utf8').catch(() => ''), 120_000);
    figures.push(JSON.parse(text) as ManyHostsFigures);
  }
  const of = (key: keyof ManyHostsFigures) => median(figures.map((each) => each[key])) ?? NaN;
  const limited = (row: string, musterValue: number, limit: number): Measurement => ({
    ...{ row, unit: 'ms', musterValue, rounds, peer: `limit, ${limit} ms`, peerValue: limit },
    ...{ ratio: musterValue / limit, target: { atMost: 1 }, met: musterValue <= limit },
  });
  yield {
    ...begun,
    rows: [
      limited('first paint', of('firstPaintMs'), 100),
      limited('the group of all is opened', of('expandMs'), 100),
      { row: 'check of everything', unit: 'ms', musterValue: of('checkMs'), rounds },
      limited('event-loop delay during it, P99', of('delayP99Ms'), 50),
      { row: 'event-loop delay during it, longest', unit: 'ms', musterValue: of('delayMaxMs'), rounds },
    ],
  };
}
