import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

/** The code of the page, by the path that its first line names. */
async function filesOfPage(): Promise<Map<string, string>> {
  const page = await readFile('docs/adding-a-capability.md', 'utf8');
  const blocks = page.matchAll(/```ts\n\/\/ (\S+)\n(.*?)```/gs);
  return new Map(Array.from(blocks, ([, path, code]) => [path!, code!]));
}

/** What the compiler says of these files below `folder`, whose imports lead into the repository as if they lay there. */
async function complaints(folder: string, base: string, include: readonly string[]): Promise<string[]> {
  const project = join(folder, base.replaceAll('/', '-'));
  const compilerOptions = { rootDirs: ['../..', '.'] };
  await writeFile(
    project,
    JSON.stringify({ extends: `../../${base}`, compilerOptions, include, exclude: [] }),
  );
  const compiler = ['node_modules/typescript-7/bin/tsc', '--noEmit', '--pretty', 'false', '-p', project];
  const said = await promisify(execFile)(process.execPath, compiler).catch(
    (error: { stdout: string }) => error,
  );
  return said.stdout.split('\n').filter((line) => line.startsWith(folder));
}

it('The code of docs/adding-a-capability.md compiles', async () => {
  const files = await filesOfPage();
  expect(files.size).toBeGreaterThan(8);
  await mkdir('test-results', { recursive: true });
  const folder = await mkdtemp(join('test-results', 'page-'));
  try {
    for (const [path, code] of files) {
      await mkdir(join(folder, dirname(path)), { recursive: true });
      await writeFile(join(folder, path), code);
    }
    const [pages, others] = [true, false].map((is) =>
      [...files.keys()].filter((path) => path.includes('/webview/') === is),
    );
    expect(await complaints(folder, 'src/shell/webview/tsconfig.json', pages!)).toEqual([]);
    expect(await complaints(folder, 'tsconfig.json', others!)).toEqual([]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
