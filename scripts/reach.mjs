// Which tests a change since `main` can reach, for `npm test -- --changed`.
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { sep } from 'node:path';
import { promisify } from 'node:util';
import { build, stop } from 'esbuild';

/** What `muster` is built from, which tests that start it do not import. */
const shell =
  /^(src\/(platform|engine|features\/\w+\/(core|cli)|shell\/cli|apps\/(cli|commands|fleet|manual)\.)|scripts\/(build|builtFrom|manPage|npmPackage)\.)/;
/** What the extension is built from. */
const extension = /^(src|media|l10n|api)\/|^package(\.nls.*)?\.json$|^scripts\/(build|package|thirdParty)/;
/** What says how tests run. */
const everyTest = /^(package-lock\.json$|vitest\.config|tsconfig|scripts\/(suites|test|prerequisites))/;
/** Tests of `npm start` and inside VS Code use the whole product. */
const onTheProduct = /^test\/(.+\/)?(start|package|editor|e2e)\//;
const startsShell = (source) => /inject\('cli'\)|'scripts\/build\.mjs'/.test(source);

async function git(...args) {
  const { stdout } = await promisify(execFile)('git', args, { maxBuffer: 2 ** 26 });
  return stdout.split('\0').filter(Boolean);
}

/** Paths that differ from where this branch left `main`, committed or not, and new files. */
async function changedFiles() {
  const base = (await git('merge-base', 'main', 'HEAD'))[0].trim();
  const [tracked, added] = await Promise.all([
    git('diff', '--name-only', '--no-renames', '-z', base),
    git('ls-files', '--others', '--exclude-standard', '-z'),
  ]);
  return [...tracked, ...added];
}

async function allTests() {
  const names = await readdir('test', { recursive: true });
  return names.filter((name) => name.endsWith('.test.ts')).map((name) => `test/${name.replaceAll(sep, '/')}`);
}

/** The files of the repository that each test imports, directly or not. */
async function imports(tests) {
  const { metafile } = await build({
    ...{ entryPoints: tests, bundle: true, metafile: true, write: false, outdir: 'unwritten' },
    ...{ platform: 'node', format: 'esm', packages: 'external', external: ['vscode'], logLevel: 'error' },
  });
  await stop();
  return new Map(
    Object.values(metafile.outputs).map(({ entryPoint, inputs }) => [
      entryPoint,
      new Set(Object.keys(inputs)),
    ]),
  );
}

/** Whether a test's own source has a path of the repository as a string, which it reads or starts. */
const names = (source, file) => {
  const paths = file.split('/').map((_, depth, parts) => parts.slice(0, depth + 1).join('/'));
  return paths.some((path) => (path.includes('/') || path === file) && source.includes(`'${path}'`));
};

/** The paths of the tests that a change since `main` can reach. */
export async function reachedTests() {
  const [changed, tests] = await Promise.all([changedFiles(), allTests()]);
  const graph = await imports(tests);
  const imported = new Set([...graph.values()].flatMap((files) => [...files]));
  const own = [...imported].filter((file) => file.startsWith('test/'));
  const sources = new Map(await Promise.all(own.map(async (file) => [file, await readFile(file, 'utf8')])));
  const reaches = (file, test) => {
    const files = graph.get(test);
    if (everyTest.test(file) || files.has(file)) return true;
    const texts = [...files].map((one) => sources.get(one) ?? '');
    if (texts.some((source) => names(source, file))) return true;
    if (onTheProduct.test(test) ? extension.test(file) : shell.test(file) && texts.some(startsShell))
      return true;
    // Data beside tests, which they find by their own place.
    const folder = file.match(/^test\/(features\/[^/]+|[^/]+)\//)?.[0];
    return (
      folder !== undefined && !imported.has(file) && (folder === 'test/harness/' || test.startsWith(folder))
    );
  };
  return tests.filter((test) => changed.some((file) => reaches(file, test)));
}
