import { createHash, randomUUID } from 'node:crypto';
/* eslint-disable no-restricted-syntax -- who requires a module waits for it */
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
/* eslint-enable no-restricted-syntax */
import Module from 'node:module';
import { homedir } from 'node:os';
import path from 'node:path';
import { constants, Script } from 'node:vm';
import { privateMode } from '../../platform/files/privateFile';

/** Smaller files are compiled sooner than their code is looked up. */
const minCharacters = 50_000;
const digestBytes = 32;
const maxAgeMs = 30 * 24 * 3_600_000;

declare const MUSTER_VERSION: string;

/** What Node.js has from 22.1 on, and what it calls with the text of a module. */
interface Loader {
  enableCompileCache?(folder: string): unknown;
  prototype: { _compile: (this: NodeJS.Module, text: string, file: string) => unknown };
}

/**
 * Keeps what V8 makes of the files of `program`, so that the next command need not compile them again. What is kept is run
 * as the user, so it is kept and taken only where nobody else can change it. Commands work without it as well.
 */
export function keepCompiledCode(program: string, env: NodeJS.ProcessEnv): void {
  if (env.MUSTER_NO_CACHE || env.NODE_DISABLE_COMPILE_CACHE) return;
  const folder = cacheFolder(env);
  if (folder === undefined) return;
  const loader = Module as unknown as Loader;
  if (loader.enableCompileCache) loader.enableCompileCache(folder);
  // Without it, `import()` in what was compiled here would fail.
  else if (constants?.USE_MAIN_CONTEXT_DEFAULT_LOADER) new CodeCache(folder).serve(loader, program);
}

/** The user's own folder for it; undefined where somebody else could put something into it, or would be given it. */
export function cacheFolder(env: NodeJS.ProcessEnv, uid = process.geteuid?.()): string | undefined {
  // Windows tells no owners.
  if (uid === undefined) return undefined;
  const { XDG_CACHE_HOME: named } = env;
  try {
    const base = named && path.isAbsolute(named) ? named : path.join(homedir(), '.cache');
    // Under sudo the home may be somebody else's, in which root makes nothing.
    const above = realpathSync(path.dirname(base));
    if (isOwned(above, uid)) makeFolder(base);
    const real = realpathSync(base);
    if (!isOwned(real, uid) || !ancestorsOf(real).every((folder) => isSafe(folder, uid))) return undefined;
    const folder = path.join(real, 'muster');
    makeFolder(folder);
    return isOwned(folder, uid) && (lstatSync(folder).mode & 0o077) === 0 ? folder : undefined;
  } catch {
    return undefined;
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, privateMode.folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** Whether it is a folder of this user that nobody else writes to. */
function isOwned(folder: string, uid: number): boolean {
  const found = lstatSync(folder);
  return found.isDirectory() && found.uid === uid && (found.mode & 0o022) === 0;
}

/** Whether nobody but the user and root can replace what is theirs in this folder. */
function isSafe(folder: string, uid: number): boolean {
  const { mode, uid: owner } = lstatSync(folder);
  const isSticky = (mode & 0o1000) !== 0;
  return (owner === 0 || owner === uid) && ((mode & 0o022) === 0 || isSticky);
}

function ancestorsOf(folder: string): string[] {
  const above = path.dirname(folder);
  return above === folder ? [] : [above, ...ancestorsOf(above)];
}

/** For Node.js without a cache of its own. */
class CodeCache {
  /** What was compiled by this process, and where it is kept. */
  private readonly compiled: { script: Script; file: string }[] = [];

  constructor(private readonly folder: string) {}

  serve({ prototype }: Loader, program: string): void {
    const { _compile: compileOther } = prototype;
    const compile = (text: string, file: string) => this.compile(text, file);
    prototype._compile = function (text, file) {
      const isOurs = path.dirname(file) === program && text.length >= minCharacters;
      if (!isOurs) return compileOther.call(this, text, file);
      const wrapped = compile(text, file).runInThisContext() as (...args: unknown[]) => unknown;
      return wrapped.call(this.exports, this.exports, Module.createRequire(file), this, file, program);
    };
    process.once('exit', () => this.keep());
  }

  private compile(text: string, filename: string): Script {
    const key = [process.version, process.arch, MUSTER_VERSION, filename, text].join('\0');
    const file = path.join(this.folder, `${digestOf(key).toString('hex')}.code`);
    const cachedData = kept(file);
    const script = new Script(Module.wrap(text), {
      filename,
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
      ...(cachedData && { cachedData }),
    });
    // V8 takes only what it has made itself, with the same flags.
    if (!cachedData || script.cachedDataRejected) this.compiled.push({ script, file });
    return script;
  }

  /** Now that the functions that the command needed are compiled as well. */
  private keep(): void {
    for (const { script, file } of this.compiled) {
      const beside = path.join(this.folder, `${randomUUID()}.code`);
      try {
        const code = script.createCachedData();
        writeFileSync(beside, Buffer.concat([digestOf(code), code]), { flag: 'wx', mode: privateMode.file });
        renameSync(beside, file);
        this.removeOld();
      } catch {
        // A full disk, perhaps: the next command compiles again.
        rmSync(beside, { force: true });
      }
    }
  }

  /** Other versions leave theirs behind. */
  private removeOld(): void {
    const oldest = Date.now() - maxAgeMs;
    const names = readdirSync(this.folder).filter((name) => name.endsWith('.code'));
    for (const file of names.map((name) => path.join(this.folder, name)))
      if (lstatSync(file).mtimeMs < oldest) rmSync(file, { force: true });
  }
}

/** What was kept whole; V8 does not look whether it is. */
function kept(file: string): Buffer | undefined {
  try {
    const content = readFileSync(file);
    const code = content.subarray(digestBytes);
    return digestOf(code).equals(content.subarray(0, digestBytes)) ? code : undefined;
  } catch {
    return undefined;
  }
}

function digestOf(content: string | Buffer): Buffer {
  return createHash('sha256').update(content).digest();
}
