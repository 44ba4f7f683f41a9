import { execFile } from 'node:child_process';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { installVscode, vscodeVersions } from '../../test/harness/vscodeInstallation';
import { startVscodeServer } from '../../test/harness/vscodeServer';
import { Workbench } from '../../test/harness/workbench';
import type { BenchContext } from '../context';
import { beginTable, type Measurement, median, type Table } from '../measure';

/** The packaged extension in a clean VS Code: what VS Code itself says its activation took. */
export async function* editorScenarios(context: BenchContext): AsyncGenerator<Table> {
  const begun = beginTable('The extension');
  const vsix = join(context.directory, 'muster.vsix');
  await promisify(execFile)(process.execPath, ['scripts/package.mjs', '--out', vsix]);
  const { size } = await stat(vsix);
  const rows: Measurement[] = [{ row: 'VSIX', unit: 'KiB', musterValue: size / 1024, rounds: 1 }];

  const folder = join(context.directory, 'workspace');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'muster.yaml'), 'hosts: { web-1: { address: 127.0.0.1 } }\n');
  const rounds = context.rounds ?? 5;
  for (const version of vscodeVersions) {
    const installation = await installVscode(version, (line) => process.stderr.write(`${line}\n`));
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const server = await startVscodeServer(installation, { extensions: [vsix] });
      await using workbench = await Workbench.open(server, folder);
      await workbench.openViewContainer('Muster');
      await workbench.treeRow('Hosts', 'web-1').waitFor();
      times.push(await workbench.activationTime('Muster'));
    }
    rows.push({ row: `activation in VS Code ${version}`, unit: 'ms', musterValue: median(times), rounds });
  }
  yield { ...begun, rows };
}
