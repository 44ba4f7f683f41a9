// The suites of `npm test` and `npm run test:extra`. Each resolves with how many of its tests passed and which failed.
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { execute, vscodePrograms } from './prerequisites.mjs';

const reports = 'test-results';
const servers = ['sshd', 'ssh', 'etcd', 'etcdctl', 'busybox'];
const editor = [...vscodePrograms, 'chromium'];

/** The values that a failed comparison found stand in lines below the first. */
const inALine = (test, message) => `${test}: ${message.replace(/\s+/g, ' ').slice(0, 400)}`;

/** A command counts as one test. */
const command = async (...args) => {
  const passed = (await execute('npm', ['run', '--silent', ...args])) === 0;
  return passed ? { passed: 1, failures: [] } : { passed: 0, failures: [args[0]] };
};

/** Builds and packs once; the suites on the packaged extension then take this VSIX. */
async function build() {
  const vsix = resolve(reports, 'muster.vsix');
  const result = await command('package', '--', '--out', vsix);
  if (result.passed) process.env.MUSTER_VSIX = vsix;
  return result;
}

/**
 * A project of vitest.config.mjs, or only some of its files. A test that was skipped, or a file that could not be loaded,
 * counts as failed.
 */
async function vitest(project, env = {}, files = []) {
  const report = join(reports, `${project}${env.MUSTER_VSCODE ? `-${env.MUSTER_VSCODE}` : ''}.json`);
  await mkdir(reports, { recursive: true });
  await rm(report, { force: true });
  const code = await execute(
    process.execPath,
    [
      ...['node_modules/vitest/vitest.mjs', 'run', '--project', project, ...files],
      ...['--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
    ],
    { env: { ...process.env, ...env } },
  );
  const results = await readFile(report, 'utf8').then(JSON.parse, () => undefined);
  if (!results) return { passed: 0, failures: [`no report of ${project}`] };
  const failures = results.testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.length === 0
      ? [relative('.', name)]
      : assertionResults
          .filter(({ status }) => status !== 'passed')
          .map(({ fullName, failureMessages: [message = ''] }) => inALine(fullName, message)),
  );
  // Errors outside of tests, such as unhandled rejections, show in the exit code only.
  if (code !== 0 && failures.length === 0) failures.push(`exit code ${code}`);
  return { passed: results.numPassedTests, failures };
}

/** The suites of test/editor, inside the extension host. */
async function inEditor(version) {
  if ((await execute(process.execPath, ['scripts/buildTests.mjs'])) !== 0)
    return { passed: 0, failures: ['buildTests'] };
  const { importTypeScript } = await import('./importTypeScript.mjs');
  const { runEditorTests } = await importTypeScript('test/harness/editorTests.ts');
  const { stats, failures } = await runEditorTests(version);
  for (const { fullTitle, err } of failures) console.error(`✗ ${fullTitle}\n${err.stack ?? err.message}`);
  console.log(`${stats.passes} passed, ${stats.failures} failed, ${stats.pending} skipped`);
  const skipped = stats.pending ? [`${stats.pending} skipped`] : [];
  return {
    passed: stats.passes,
    failures: [...failures.map(({ fullTitle, err }) => inALine(fullTitle, err.message ?? '')), ...skipped],
  };
}

/**
 * What is clicked through on the oldest supported version as well: the parts in which versions of VS Code differ
 * (activation and trees, questions, terminals of runs, documents, panels, custom editors, trust). The suite inside the
 * extension host and the package are tested on every version.
 */
const journeys = ['fleet', 'runCommand', 'files', 'watchPanel', 'flameGraph', 'trust'].map(
  (name) => `test/e2e/${name}.test.ts`,
);

/**
 * Suites in the order in which they run: the quickest to fail first. `kind` is what `--only` selects. Of versions before
 * the last, which is today's, only the journeys are clicked through.
 */
export function suites(vscodeVersions, { allJourneys }) {
  const perVersion = (kind, run) =>
    vscodeVersions.map((version) => ({
      kind,
      name: `${kind} ${version}`,
      programs: editor,
      run: () => run(version),
    }));
  const onProject = (kind) => (version) => vitest(kind, { MUSTER_VSCODE: version });
  return [
    { kind: 'lint', run: () => command('lint') },
    { kind: 'types', run: () => command('types') },
    { kind: 'build', run: build },
    { kind: 'unit', run: () => vitest('unit') },
    { kind: 'integration', programs: servers, run: () => vitest('integration') },
    { kind: 'start', programs: editor, run: () => vitest('start') },
    ...perVersion('package', onProject('package')),
    ...perVersion('editor', inEditor),
    ...perVersion('e2e', (version) =>
      vitest(
        'e2e',
        { MUSTER_VSCODE: version },
        allJourneys || version === vscodeVersions.at(-1) ? [] : journeys,
      ),
    ),
  ].map(complete);
}

/** The suites of `npm run test:extra`: proofs of full size, which take minutes. */
export const extraSuites = [
  {
    kind: 'extra',
    programs: [
      'etcd',
      'etcdctl',
      'g++',
      'go',
      'sshd',
      'openssl',
      'python3',
      'perf',
      'javac',
      'jcmd',
      'mvn',
      'unzip',
    ],
    run: () => vitest('extra'),
  },
].map(complete);

function complete(suite) {
  return { name: suite.kind, programs: [], ...suite };
}
