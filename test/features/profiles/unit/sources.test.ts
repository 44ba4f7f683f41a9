import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileWeights } from '../../../../src/features/profiles/core/analysis/fileWeights';
import { hotFunctions } from '../../../../src/features/profiles/core/analysis/hotFunctions';
import { locate, located } from '../../../../src/features/profiles/core/model/locatedProfile';
import { readProfile } from '../../../../src/features/profiles/core/formats/readProfile';
import { bareName } from '../../../../src/features/profiles/core/sources/bareName';
import { originalPositions } from '../../../../src/features/profiles/core/sources/originalPositions';
import {
  closestPaths,
  mappedPath,
  mappingBetween,
} from '../../../../src/features/profiles/core/sources/pathMappings';
import { isLibraryPath, sourcePath } from '../../../../src/features/profiles/core/sources/sourcePath';

describe('The path of a source', () => {
  it.each([
    ['of Go', 'main.work', '/src/shop/main.go', '/src/shop/main.go'],
    [
      'of Go, trimmed',
      'shop/db.(*Pool).get',
      'github.com/acme/shop/db/pool.go',
      'github.com/acme/shop/db/pool.go',
    ],
    ['of Python', 'handle', 'app/views.py', 'app/views.py'],
    ['of Node.js', 'burn', 'file:///srv/my%20app/a.js?v=1', '/srv/my app/a.js'],
    ['of a bundle', 'f', 'webpack://shop/./src/a.ts', 'src/a.ts'],
    ['of Windows', 'f', 'C:\\src\\a.cpp', 'C:/src/a.cpp'],
    ['of a page', 'f', 'https://shop.example/assets/a.js', 'assets/a.js'],
    ['of the JVM', 'com.acme.Foo$Bar.run', 'Foo.java', 'com/acme/Foo.java'],
    ['of the JVM without a file', 'com/acme/Foo.lambda$run$0', undefined, 'com/acme/Foo.java'],
    ['of Kotlin', 'com.acme.MainKt.main', 'Main.kt', 'com/acme/Main.kt'],
    ['of C++', 'acme::serve(int)', '../lib/serve.cc', '../lib/serve.cc'],
  ])('%s', (_, name, file, path) => {
    expect(sourcePath({ name, file })).toBe(path);
  });

  it.each([
    ['Node.js itself', 'readFileSync', 'node:fs'],
    ['a program', 'main', '/usr/bin/node'],
    ['a program with a version', 'main', '/usr/bin/python3.11'],
    ['code that was compiled while it ran', 'main', '/tmp/perf-12.map'],
    ['a library', 'malloc', '/lib/x86_64-linux-gnu/libc.so.6'],
    ['the kernel', 'do_syscall_64', '[kernel.kallsyms]'],
    ['nothing', 'work', undefined],
    ['frozen modules of Python', 'f', '<frozen importlib._bootstrap>'],
  ])('is unknown for %s', (_, name, file) => {
    expect(sourcePath({ name, file })).toBeUndefined();
  });

  it.each([
    ['/usr/local/go/src/runtime/proc.go', true],
    ['runtime/proc.go', true],
    ['net/http/server.go', true],
    ['/home/ops/go/pkg/mod/github.com/x/y@v1.2.0/z.go', true],
    ['github.com/x/y@v1.2.0/z.go', true],
    ['/srv/venv/lib/python3.11/site-packages/flask/app.py', true],
    ['/srv/app/node_modules/x/index.js', true],
    ['java/util/HashMap.java', true],
    ['/srv/app/internal/db.go', false],
    ['github.com/acme/shop/main.go', false],
    ['com/acme/Foo.java', false],
    ['/srv/app/src/a.ts', false],
  ])('%s is a library’s: %s', (path, is) => {
    expect(isLibraryPath(path)).toBe(is);
  });
});

describe('Mappings of paths', () => {
  const mappings = [
    { from: '/srv', to: '/code/all' },
    { from: '/srv/app/', to: '/code/app/' },
    { from: 'github.com/acme/shop', to: '/code/shop' },
    { from: '.', to: '/code/py' },
  ];

  it.each([
    ['/srv/app/a/b.go', '/code/app/a/b.go'],
    ['/srv/application/b.go', '/code/all/application/b.go'],
    ['github.com/acme/shop/main.go', '/code/shop/main.go'],
    ['app/views.py', '/code/py/app/views.py'],
    ['/opt/x.go', undefined],
  ])('lead by the longest folder that fits: %s', (path, local) => {
    expect(mappedPath(path, mappings)).toBe(local);
  });

  it.each([
    ['/srv/app/src/a.go', '/code/shop/src/a.go', { from: '/srv/app', to: '/code/shop' }],
    ['src/a.go', '/code/shop/src/a.go', { from: '.', to: '/code/shop' }],
    ['/a.go', '/code/a.go', { from: '/', to: '/code' }],
    ['/srv/app/a.go', '/code/b.go', undefined],
  ])('are learnt from a file that was chosen: %s', (remote, local, mapping) => {
    expect(mappingBetween(remote, local)).toEqual(mapping);
    if (mapping) expect(mappedPath(remote, [mapping])).toBe(local);
  });

  it('are not needed where paths end alike; where several do, all of them are meant', () => {
    const files = ['/w/a/src/main.go', '/w/b/src/main.go', '/w/main.go', '/w/other.go'];
    expect(closestPaths('/build/b/src/main.go', files)).toEqual(['/w/b/src/main.go']);
    expect(closestPaths('/build/src/main.go', files)).toEqual(['/w/a/src/main.go', '/w/b/src/main.go']);
    expect(closestPaths('/build/none.go', files)).toEqual([]);
  });
});

describe('The bare name of a function', () => {
  it.each([
    ['main.(*Server).handle.func1.2', 'handle'],
    ['github.com/acme/shop/db.Open[...]', 'Open'],
    ['acme::Server<std::vector<int> >::handle(char const*) const', 'handle'],
    ['com.acme.Foo$Bar.run_[j]', 'run'],
    ['com/acme/Foo.lambda$load$0', 'load'],
    ['Shop.checkout', 'checkout'],
    ['(anonymous)', '(anonymous)'],
    ['handle', 'handle'],
  ])('of %s is %s', (name, bare) => {
    expect(bareName(name)).toBe(bare);
  });
});

describe('Generated code', () => {
  let folder: string;
  const source = `// A comment of the source only.
interface Work { times: number }

export function burn({ times }: Work): number {
  let sum = 0;
  for (let i = 0; i < times; i++) sum += Math.sqrt(i);
  return sum;
}

console.log(burn({ times: 3 }));
`;
  const bundle = async (name: string, options: object) => {
    const outfile = join(folder, name);
    await build({
      entryPoints: [join(folder, 'app.ts')],
      bundle: true,
      outfile,
      logLevel: 'error',
      ...options,
    });
    return outfile;
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'source-maps-'));
    await writeFile(join(folder, 'app.ts'), source);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each([
    ['a map beside it', { sourcemap: 'linked' }],
    ['a map in it', { sourcemap: 'inline' }],
  ])('leads to its source by %s', async (_, options) => {
    const file = await bundle('out.js', options);
    const generated = await locateIn(file, 'function burn');
    const place = (await originalPositions(file))?.of(generated.line, generated.column);
    expect(place).toMatchObject({ file: join(folder, 'app.ts'), line: 4 });
  });

  it('has the names of its source again where they were shortened', async () => {
    const file = await bundle('small.js', { sourcemap: 'linked', minify: true });
    const at = await locateIn(file, 'function ');
    const short = /function (\w+)/.exec(await text(file))![1]!;
    const column = at.column + 'function '.length;
    const profile = await readProfile(
      Buffer.from(
        JSON.stringify({
          nodes: [
            { id: 1, callFrame: { functionName: '(root)', url: '' }, children: [2] },
            {
              id: 2,
              callFrame: {
                ...{ functionName: short, url: pathToFileURL(file).href },
                ...{ lineNumber: at.line - 1, columnNumber: column - 1 },
              },
              // Which line of the source these are of, a line with all of the program does not tell.
              positionTicks: [{ line: at.line, ticks: 1 }],
            },
          ],
          ...{ startTime: 0, endTime: 5, samples: [2], timeDeltas: [0] },
        }),
      ),
      'x',
    );
    const files = await locate(profile, [[file, file]]);
    expect(files).toEqual([join(folder, 'app.ts')]);
    expect(hotFunctions(located(profile)).functions).toMatchObject([
      { name: 'burn', file: join(folder, 'app.ts'), line: 4, self: 5 },
    ]);
    const order = { files, valueType: 0, ranges: [{ name: 'burn', from: 4, to: 8 }] };
    expect(fileWeights(located(profile), order)).toMatchObject({
      ranges: [{ self: 5, total: 5 }],
      lines: [],
    });
  });

  it('has the samples of its lines on those of the source', async () => {
    const file = await bundle('lines.js', { sourcemap: 'linked' });
    const [begin, loop] = [await locateIn(file, 'function burn'), await locateIn(file, 'Math.sqrt')];
    const profile = await readProfile(
      Buffer.from(
        JSON.stringify({
          nodes: [
            {
              id: 1,
              callFrame: {
                ...{ functionName: 'burn', url: pathToFileURL(file).href },
                ...{ lineNumber: begin.line - 1, columnNumber: begin.column + 12 },
              },
              positionTicks: [
                { line: loop.line, ticks: 3 },
                { line: begin.line, ticks: 1 },
              ],
            },
          ],
          ...{ startTime: 0, endTime: 40, samples: [1, 1, 1, 1], timeDeltas: [0, 10, 10, 10] },
        }),
      ),
      'x',
    );
    await locate(profile, [[file, file]]);
    const app = join(folder, 'app.ts');
    const range = { name: 'burn', from: 4, to: 8 };
    const weights = fileWeights(located(profile), { files: [app], valueType: 0, ranges: [range] });
    expect(weights.ranges).toEqual([{ self: 40, total: 40 }]);
    expect(weights.lines).toEqual([
      { line: 6, self: 30, total: 30 },
      { line: 4, self: 10, total: 10 },
    ]);
  });

  it('without a map, or with a broken one, stays as it is', async () => {
    const file = await bundle('plain.js', {});
    expect(await originalPositions(file)).toBeUndefined();
    await writeFile(join(folder, 'broken.js'), 'f();\n//# sourceMappingURL=nowhere.js.map\n');
    expect(await originalPositions(join(folder, 'broken.js'))).toBeUndefined();
    await writeFile(join(folder, 'far.js'), 'f();\n//# sourceMappingURL=https://far.example/far.js.map\n');
    expect(await originalPositions(join(folder, 'far.js'))).toBeUndefined();
  });
});

async function text(file: string): Promise<string> {
  const { readFile } = await import('node:fs/promises');
  return readFile(file, 'utf8');
}

async function locateIn(file: string, what: string): Promise<{ line: number; column: number }> {
  const before = (await text(file)).split(what)[0]!.split('\n');
  return { line: before.length, column: before.at(-1)!.length + 1 };
}
