/** The main script of the single executable: it gives the bundles of the shell each other, which are assets of it. */
import path from 'node:path';
import { getAsset, getRawAsset } from 'node:sea';
import { Script } from 'node:vm';

type Bundle = (
  exports: object,
  require: (name: string) => unknown,
  module: { exports: object },
  filename: string,
  dirname: string,
) => void;

const bundles = new Map<string, { exports: object }>();
const folder = path.dirname(process.execPath);

/** As `require`, for names of builtin modules and of files beside `cli.main.js`. */
function load(name: string): unknown {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- what is given here knows builtin modules only
  if (!name.startsWith('./')) return require(name);
  const file = name.slice('./'.length);
  let module = bundles.get(file);
  if (module === undefined) {
    module = { exports: {} };
    bundles.set(file, module);
    // V8 compiles what was made by another version or for another processor as if there were no cache.
    const cachedData = new Uint8Array(getRawAsset(`${file}.cache`) as ArrayBuffer);
    const script = new Script(getAsset(file, 'utf8'), { filename: file, cachedData });
    (script.runInThisContext() as Bundle)(module.exports, load, module, path.join(folder, file), folder);
  }
  return module.exports;
}

load('./cli.main.js');
