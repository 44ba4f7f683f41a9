// Bundles the product: dist/extension.js for the editor, dist/cli.js for the shell, dist/npm for the registry. `--watch` keeps
// building, `--cli FOLDER` and `--npm FOLDER` build only what the shell needs, or the npm package, into FOLDER.
import { chmod, copyFile, cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { parseArgs } from 'node:util';
import { build, context, transform } from 'esbuild';
import protobuf from 'protobufjs';
import { importTypeScript } from './importTypeScript.mjs';
import { sourceOf } from './builtFrom.mjs';
import { writeNpmPackage } from './npmPackage.mjs';
import { writeNotices } from './thirdPartyNotices.mjs';

/** ssh2 works without its optional native addons, and one bundle must serve every platform. */
const withoutNativeAddons = {
  name: 'without-native-addons',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^cpu-features$|\.node$/ }, ({ path }) => ({ path, namespace: 'absent' }));
    onLoad({ filter: /.*/, namespace: 'absent' }, ({ path }) => ({
      contents: `throw new Error(${JSON.stringify(`${path} is not part of the bundle`)});`,
    }));
  },
};

/** zod brings its messages in fifty languages, a seventh of the bundle; only the English ones are ever used. */
const withoutLocales = {
  name: 'without-locales',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js';",
    }));
  },
};

/**
 * zod has five hundred names in objects of its own, which are filled with a function for each before anything runs. The shell
 * asks for twenty of them.
 */
const zodAsUsed = {
  name: 'zod-as-used',
  async setup({ onResolve, onLoad }) {
    const used = new Set(Object.keys(await import('zod')));
    const asked = sources
      .filter((path) => path.endsWith('.ts') && !/\/(editor|webview)\//.test(path))
      .map(async (path) => (await readFile(path, 'utf8')).matchAll(/\bz\.(\w+)\b(?!\.)/g));
    const names = new Set((await Promise.all(asked)).flatMap((found) => [...found].map(([, name]) => name)));
    const classic = resolve('node_modules/zod/v4/classic/external.js');
    onResolve({ filter: /^zod-as-used$/ }, () => ({ path: 'z', namespace: 'zod-as-used' }));
    onLoad({ filter: /.*/, namespace: 'zod-as-used' }, () => ({
      contents: `export { ${[...names].filter((name) => used.has(name)).join(', ')} } from ${JSON.stringify(classic)};`,
      resolveDir: '.',
    }));
    onLoad({ filter: /[\\/]zod[\\/]index\.js$/ }, () => ({ contents: "export * as z from 'zod-as-used';" }));
  },
};

/** etcd3 reads its protocol from files beside itself; in a bundle the protocol is a part of it. */
const withProtocolOfEtcd = {
  name: 'with-protocol-of-etcd',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]etcd3[\\/]lib[\\/]connection-pool\.js$/ }, async ({ path }) => {
      const root = await new protobuf.Root().load(join(dirname(path), '../proto/rpc.proto'), {
        keepCase: true,
      });
      const reads = /\(0, proto_loader_1\.loadSync\)\([^,]+,/;
      const code = await readFile(path, 'utf8');
      if (!reads.test(code)) throw new Error(`${path} reads its protocol in another way`);
      return { contents: code.replace(reads, () => `(0, proto_loader_1.fromJSON)(${JSON.stringify(root)},`) };
    });
  },
};

const sources = (await readdir('src', { recursive: true })).map((path) => `src/${path.replaceAll(sep, '/')}`);

/** The sources with this name, wherever they lie. */
const named = (name) => sources.filter((path) => name.test(path));

/** @type {import('esbuild').BuildOptions} */
export const shared = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  minify: true,
  sourcemap: 'linked',
  sourcesContent: false,
  // The notices are in a file of their own.
  legalComments: 'none',
  metafile: true,
  plugins: [withoutNativeAddons, withoutLocales, withProtocolOfEtcd],
  logLevel: 'warning',
};

/** What completes command lines in other shells. */
const texts = { '.bash': 'text', '.fish': 'text', '.sh': 'text', '.zsh': 'text' };

/** Parts of the shell, `*.part.ts`, each of which evaluates what it needs when a command uses it. */
const shellParts = Object.fromEntries(
  named(/\.part\.ts$/).map((path) => [basename(path, '.part.ts'), resolve(path)]),
);
const { lab, chinese, httpClient, ...otherParts } = shellParts;

/** What most commands never evaluate, half of the code of the parts: SSH, etcd and its gRPC, patterns, formats. */
const libraries = [
  ...[
    '@grpc/grpc-js',
    '@grpc/grpc-js/build/src/transport.js',
    'etcd3/lib/connection-pool.js',
    'etcd3/lib/rpc',
  ],
  ...['bcrypt-pbkdf', 'cockatiel', 'dns-packet', 'json-p3', 'pprof-format', 're2js', 'ssh2', 'ws'],
];

/**
 * Reading all of the parts takes longer than starting Node.js, so they are in bundles of their own: that of the lab, that of
 * the texts in Chinese, that of the client of HTTP, that of libraries, and one of all others, which have most of their code in
 * common.
 */
const bundledApart = (loaded) => ({
  name: 'bundled-apart',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\.part$/ }, ({ path }) => ({ path: basename(path, '.part'), namespace: 'part' }));
    onLoad({ filter: /.*/, namespace: 'part' }, ({ path: part }) => ({
      contents: `module.exports = ${part in otherParts ? `${loaded('cli.parts.js', part)}.${part}()` : loaded(`cli.${part}.js`)}`,
      resolveDir: '.',
    }));
    onResolve({ filter: /^\.\/cli\.\w+\.js$/ }, ({ path }) => ({ path, external: true }));
  },
});

/** The libraries, which are evaluated one by one. */
const librariesApart = (loaded) => ({
  name: 'libraries-apart',
  setup({ onResolve, onLoad }) {
    const filter = new RegExp(`^(${libraries.join('|')})$`);
    onResolve({ filter }, ({ path }) => ({ path, namespace: 'library' }));
    onLoad({ filter: /.*/, namespace: 'library' }, ({ path }) => ({
      contents: `module.exports = ${loaded('cli.libraries.js')}[${JSON.stringify(path)}]()`,
      resolveDir: '.',
    }));
  },
});

/** The source of a bundle that evaluates these modules, by their names, when they are asked for. */
const evaluatedByName = (modules) =>
  Object.entries(modules)
    .map(([name, path]) => `exports[${JSON.stringify(name)}] = () => require(${JSON.stringify(path)});`)
    .join('\n');

const refusesOldNode = `if (parseInt(process.versions.node, 10) < 20) {
  console.error('muster needs Node.js 20 or newer; this is ' + process.version + '.');
  process.exit(2);
}`;

/** What is kept of the parts differs for each: it has what that one ran. */
const withKeptCode = (...names) =>
  `require('./src/shell/cli/codeCache.ts').loadBundle(${names.map((name) => `'${name}'`).join(', ')})`;
/** The single executable has the code with it. */
const byRequire = (name) => `require('./${name}')`;

/** Code that V8 takes from its cache cannot import, and files beside the executable would not be its own. */
const withoutDynamicImports = {
  name: 'without-dynamic-imports',
  setup({ onEnd }) {
    onEnd(({ metafile }) => {
      const outputs = Object.values(metafile?.outputs ?? {});
      const imported = outputs.flatMap(({ imports }) =>
        imports.filter(({ kind }) => kind === 'dynamic-import'),
      );
      return { errors: imported.map(({ path }) => ({ text: `${path} is imported while the program runs` })) };
    });
  },
};

const manifest = JSON.parse(await readFile('package.json', 'utf8'));
const { date, ...source } = await sourceOf('.');
/** What `muster --version --json` says. */
const buildFacts = (format) => ({
  MUSTER_BUILD: JSON.stringify({ version: manifest.version, ...source, format }),
});

/** esbuild escapes what is not ASCII except in regular expressions. A text of ASCII alone is read and compiled sooner. */
const asciiSources = {
  name: 'ascii-sources',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, async ({ path }) => {
      const code = await readFile(path, 'utf8');
      if (/String\.raw`[^`]*[^\0-\x7f]/.test(code))
        throw new Error(`${path} has a raw text that is not ASCII, where an escape would be another text`);
      const escape = (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
      return { contents: code.replaceAll(/[^\0-\x7f]/g, escape), loader: 'ts' };
    });
  },
};

/** Modules that are imported at the top of files and that a short command seldom uses: patterns, answers of DNS, programs. */
const seldomUsed = [
  ...['dns-packet', 'json-p3', 'picomatch', 're2js'],
  ...['node:child_process', 'node:dgram', 'node:dns', 'node:http', 'node:https', 'node:readline/promises'],
  ...['node:stream/consumers', 'node:stream/promises', 'node:tls', 'node:worker_threads', 'node:zlib'],
];
/** Who imports them so: our sources, and commander, which starts programs for commands that we do not have. */
const importsSeldom = (importer) =>
  sources.includes(relative('.', importer).replaceAll(sep, '/')) || /[\\/]commander[\\/]/.test(importer);

/** Evaluates what is seldom used when something of it is used. */
const evaluatedWhenUsed = {
  name: 'evaluated-when-used',
  setup({ onResolve, onLoad }) {
    const filter = new RegExp(`^(${seldomUsed.join('|')})$`);
    onResolve({ filter }, ({ path, importer, namespace }) =>
      namespace === 'when-used' || !importsSeldom(importer) ? undefined : { path, namespace: 'when-used' },
    );
    onLoad({ filter: /.*/, namespace: 'when-used' }, async ({ path }) => {
      const names = Object.keys(await import(path)).filter((name) => name !== 'module.exports');
      const module = `require(${JSON.stringify(path)})`;
      const getters = names.map((name) => {
        const value = name === 'default' ? `${module}.default ?? ${module}` : `${module}.${name}`;
        return `get ${name}() { return ${value}; }`;
      });
      return { contents: `module.exports = { __esModule: true, ${getters.join(', ')} };`, resolveDir: '.' };
    });
  },
};

/** @type {import('esbuild').BuildOptions} */
const ofShell = {
  ...shared,
  plugins: [...shared.plugins, zodAsUsed, asciiSources, evaluatedWhenUsed],
  // `require` starts sooner than Node's loader of modules, and can be given code that was kept.
  supported: { 'dynamic-import': false },
};

/**
 * The shell's bundles. Without `vscode` as an external a stray import of it fails this build.
 * @returns {import('esbuild').BuildOptions[]}
 */
function shellBundles(folder, { format, ...options }) {
  const loaded = format === 'binary' ? byRequire : withKeptCode;
  const common = {
    ...{ ...ofShell, ...options, define: buildFacts(format) },
    plugins: [...ofShell.plugins, bundledApart(loaded)],
  };
  return [
    {
      ...common,
      stdin: { contents: withKeptCode('cli.main.js'), resolveDir: '.' },
      outfile: join(folder, 'cli.js'),
      // What is too old says so, if it can read this.
      target: 'node12',
      banner: { js: `#!/usr/bin/env node\n${refusesOldNode}` },
    },
    {
      ...common,
      entryPoints: ['src/apps/cli.ts'],
      outfile: join(folder, 'cli.main.js'),
      loader: texts,
    },
    {
      ...common,
      plugins: [...common.plugins, librariesApart(loaded)],
      stdin: { contents: evaluatedByName(otherParts), resolveDir: '.' },
      define: buildFacts(format),
      outfile: join(folder, 'cli.parts.js'),
    },
    {
      ...common,
      stdin: {
        contents: evaluatedByName(Object.fromEntries(libraries.map((name) => [name, name]))),
        resolveDir: '.',
      },
      outfile: join(folder, 'cli.libraries.js'),
    },
    // ssh2's server, which the lab is made of, knows its sessions by the names of their classes.
    { ...common, keepNames: true, entryPoints: [lab], outfile: join(folder, 'cli.lab.js') },
    { ...common, entryPoints: [chinese], outfile: join(folder, 'cli.chinese.js') },
    { ...common, entryPoints: [httpClient], outfile: join(folder, 'cli.httpClient.js') },
  ];
}

/** esbuild splits ES modules only, so each is turned into what `require` loads before it is written. */
const writtenAsCommonJs = {
  name: 'written-as-common-js',
  setup({ onEnd }) {
    onEnd(async ({ outputFiles = [] }) => {
      await Promise.all(outputFiles.map(writeAsCommonJs));
    });
  },
};

async function writeAsCommonJs({ path, text }) {
  await mkdir(dirname(path), { recursive: true });
  if (!path.endsWith('.js')) return writeFile(path, text);
  const { code, map } = await transform(text, {
    ...{ format: 'cjs', platform: 'node', target: shared.target, minify: true },
    ...{ sourcemap: 'external', sourcefile: basename(path), sourcesContent: false },
  });
  await writeFile(path, `${code}//# sourceMappingURL=${basename(path)}.map\n`);
  await writeFile(`${path}.map`, map);
}

/**
 * The editor's bundles: activation reads a twentieth of the code, dynamic imports the rest when it is used.
 * @type {import('esbuild').BuildOptions}
 */
export const editorBundles = {
  ...shared,
  entryPoints: ['src/apps/extension.ts'],
  outdir: 'dist',
  external: ['vscode'],
  format: 'esm',
  splitting: true,
  chunkNames: 'extension.[name]-[hash]',
  sourcemap: 'inline',
  write: false,
  plugins: [...shared.plugins, writtenAsCommonJs],
};

/** The threads beside the main one: of the editor for large batches, profiles, captures and logs, of the shell for SSH. */
const threadBundles = (folder, name = /\.worker\.ts$/) =>
  named(name).map((worker) => ({
    ...shared,
    entryPoints: [worker],
    outfile: join(folder, basename(worker, '.ts') + '.js'),
  }));

/** The `page.ts` and `page.css` in the folder of a feature, or of one of its pages: `logs.js`, `profiles.flameGraph.js`. */
const pages = named(/\/webview\/(\w+\/)?page\.(ts|css)$/).map((path) => {
  // The editor runs the script of a page after its style sheet, and waits for that.
  if (!sources.includes(path.replace(/\.ts$/, '.css'))) throw new Error(`${path} has no page.css beside it`);
  const [feature, , room] = dirname(path).split('/').slice(2);
  return { in: path, out: [feature, room].filter(Boolean).join('.') };
});

/**
 * What runs in pages of the editor, one script and one style sheet for each.
 * @type {import('esbuild').BuildOptions}
 */
const webviewBundles = {
  ...shared,
  entryPoints: pages,
  outdir: 'dist/webviews',
  platform: 'browser',
  target: 'chrome128',
  format: 'iife',
  plugins: [],
  loader: { '.ttf': 'file' },
  assetNames: '[name]',
};

/** @type {import('esbuild').BuildOptions[]} */
export const bundles = [
  editorBundles,
  ...threadBundles('dist'),
  ...shellBundles('dist', { format: 'bundle' }),
  webviewBundles,
];

if (process.argv[1] === import.meta.filename) await main();

async function main() {
  const { values } = parseArgs({
    options: { watch: { type: 'boolean' }, cli: { type: 'string' }, npm: { type: 'string' } },
  });
  if (values.watch) return Promise.all(bundles.map(async (bundle) => (await context(bundle)).watch()));
  if (values.cli !== undefined)
    return buildAll(
      [...threadBundles(values.cli), ...shellBundles(values.cli, { format: 'bundle' })],
      values.cli,
    );
  if (values.npm !== undefined) return buildNpmPackage(values.npm);
  await rm('dist', { recursive: true, force: true });
  // For the bill of materials of a release; it is in no package.
  await writeFile('dist/bundled.json', JSON.stringify(await buildAll(bundles, 'dist')));
  await copySpeedscope();
  await chmod('dist/cli.js', 0o755);
  await buildNpmPackage('dist/npm');
}

/** The CLI as npm has it: without source maps, which its users could not do anything with. */
async function buildNpmPackage(folder) {
  const threads = threadBundles(folder, /\/ssh\.worker\.ts$/).map((bundle) => ({
    ...bundle,
    sourcemap: false,
  }));
  await buildAll([...shellBundles(folder, { format: 'npm', sourcemap: false }), ...threads], folder);
  await chmod(join(folder, 'cli.js'), 0o755);
  const { programOf, commands } = await importTypeScript('src/apps/manual.ts', {
    plugins: [bundledApart(byRequire)],
    loader: texts,
  });
  await writeNpmPackage(folder, manifest, programOf(commands), date);
}

/** What the single executable is made of: the shell's bundles, and the script that gives them each other. */
export async function buildBinaryBundles(folder) {
  const main = { ...shared, entryPoints: ['src/apps/binary.ts'], outfile: join(folder, 'binary.js') };
  const all = [main, ...shellBundles(folder, { format: 'binary' })];
  await buildAll(
    all.map((bundle) => ({
      ...bundle,
      sourcemap: false,
      plugins: [...bundle.plugins, withoutDynamicImports],
    })),
    folder,
  );
}

/** Builds, and writes beside it whose software is in it, which it returns. */
async function buildAll(wanted, folder) {
  const built = await Promise.all(wanted.map((bundle) => build(bundle)));
  const metafiles = built.map(({ metafile }) => metafile);
  return writeNotices(join(folder, 'THIRD-PARTY-NOTICES.txt'), metafiles, wanted.includes(webviewBundles));
}

/** speedscope as it is published but for one line, without its sample and its icons. */
async function copySpeedscope() {
  const from = 'node_modules/speedscope/dist/release';
  const needed = /^(index\.html|speedscope-.*\.(js|css)|.*\.(woff2|wasm)|source-code-pro\.LICENSE\.md)$/;
  const filter = (path) => path === from || needed.test(basename(path));
  await cp(from, 'dist/webviews/speedscope', { recursive: true, filter });
  await copyFile('node_modules/speedscope/LICENSE', 'dist/webviews/speedscope/LICENSE');
  // A graph that is shown whole stays whole when its editor becomes narrower: speedscope keeps the scale, and cuts it.
  const resized = /(this\.props\.configSpaceViewportRect)\.size\.timesPointwise\(new (\w+)\((\w+\/\w+\.x),/g;
  const name = (await readdir(from)).find((file) => /^speedscope-.*\.js$/.test(file));
  const script = await readFile(join(from, name), 'utf8');
  if (script.match(resized)?.length !== 1)
    throw new Error(`${name} resizes its graphs in another way than scripts/build.mjs knows`);
  const factor = '$1.size.x>=this.configSpaceSize().x?1:$3';
  const fitted = script.replace(resized, `$1.size.timesPointwise(new $2(${factor},`);
  await writeFile(join('dist/webviews/speedscope', name), fitted);
}
