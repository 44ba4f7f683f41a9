import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { until } from './until';
import { installVscode, type VscodeVersion } from './vscodeInstallation';
import { startVscodeServer } from './vscodeServer';
import { Workbench } from './workbench';

/** As much of the report of Mocha's JSON reporter as is used. */
export interface MochaReport {
  stats: { passes: number; failures: number; pending: number };
  /** `duration` in milliseconds; none where a hook before it failed. */
  tests: { fullTitle: string; duration?: number }[];
  failures: { fullTitle: string; err: { message?: string; stack?: string } }[];
}

/** The extension under test, with its suites. */
const extension = resolve('dist', 'test', 'muster');

/** Milliseconds for all suites together. */
const timeout = 15 * 60_000;

/**
 * Runs the bundled suites of the folders `editor` inside the extension host of a real VS Code, with the extension under test
 * loaded and a copy of test/harness/editor/workspace open. Throws when they do not come to an end.
 */
export async function runEditorTests(version: VscodeVersion): Promise<MochaReport> {
  const installation = await installVscode(version, console.log);
  const scratch = await mkdtemp(join(tmpdir(), 'editor-tests-'));
  try {
    const workspace = join(scratch, 'workspace');
    const report = join(scratch, 'report.json');
    await cp(join('test', 'harness', 'editor', 'workspace'), workspace, { recursive: true });
    const server = await startVscodeServer(installation, {
      development: { extension, tests: join(extension, 'dist', 'test', 'run.js') },
      extensions: [join('dist', 'test', 'muster-tests.probe-extension-0.0.1')],
      env: { MUSTER_TEST_REPORT: report },
    });
    await using workbench = await Workbench.open(server, workspace);
    try {
      const text = await until(
        'report of the suites',
        () => readFile(report, 'utf8').catch(() => ''),
        timeout,
      );
      return JSON.parse(text) as MochaReport;
    } catch (error) {
      await workbench.show('editor tests without a report');
      throw error;
    }
  } finally {
    await rm(scratch, { recursive: true, force: true, maxRetries: 5 });
  }
}
