import { createHash, randomUUID } from 'node:crypto';
/* eslint-disable no-restricted-syntax -- who requires a module waits for it */
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
/* eslint-enable no-restricted-syntax */
import Module, { createRequire } from 'node:module';
import path from 'node:path';
import { Script } from 'node:vm';
import { homeFolder } from '../../platform/files/homeFolder';
import { privateMode } from '../../platform/files/privateFile';

const digestBytes = 32;
const maxAgeMs = 30 * 24 * 3_600_000;

const loaded = new Map<string, unknown>();

/**
 * What `require` gives for a bundle beside this program. What V8 makes of it is kept, so that the next command need not compile
 * it again; as that is run as the user, it is kept and taken only where nobody else can change it. The build calls this.
 * Uses of a bundle that run other functions of it keep their own.
 */
export function loadBundle(name: string, use = ''): unknown {
  if (!loaded.has(name)) loaded.set(name, load(name, use));
  return loaded.get(name);
}

function load(name: string, use: string): unknown {
  const { env } = process;
  // Where this program lies, whatever link it was called by.
  const file = path.join(path.dirname(realpathSync(__filename)), name);
  if (!existsSync(file)) {
    process.stderr.write(`muster: ${file} is missing: install the whole package.\n`);
    process.exit(2);
  }
  const isOff = env.MUSTER_NO_CACHE || env.NODE_DISABLE_COMPILE_CACHE;
  const folder = isOff ? undefined : cacheFolder(env);
  if (folder === undefined) return createRequire(file)(file);
  const cache = new CodeCache(folder, use);
  process.once('exit', () => cache.keep());
  return cache.load(file);
}

/** The user's own folder for it; undefined where somebody else could put something into it, or would be given it. */
export function cacheFolder(env: NodeJS.ProcessEnv, uid = process.geteuid?.()): string | undefined {
  // Windows tells no owners.
  if (uid === undefined) return undefined;
  const { XDG_CACHE_HOME: named } = env;
  try {
    const base = named && path.isAbsolute(named) ? named : path.join(homeFolder(), '.cache');
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
    // A umask may leave us nothing of our own folder, and other programs nothing of ~/.cache.
    chmodSync(folder, privateMode.folder);
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

/**
 * Node.js has such a cache as well from 22.1 on, but keeps the code before it runs: most functions would be compiled again.
 */
export class CodeCache {
  /** What was compiled, and where it is to be kept. */
  private compiled: { script: Script; place: string } | undefined;

  constructor(
    private readonly folder: string,
    private readonly use = '',
  ) {}

  /** What `require` gives for the file. */
  load(file: string): unknown {
    const place = this.placeOf(file);
    const cachedData = contentOf(place);
    const wrapper = Module.wrap(readFileSync(file, 'utf8'));
    const script = new Script(wrapper, { filename: file, ...(cachedData && { cachedData }) });
    // V8 takes only what it has made itself, with the same flags.
    if (script.cachedDataRejected !== false) this.compiled = { script, place };
    const module = { exports: {} };
    const evaluate = script.runInThisContext() as (...args: unknown[]) => void;
    evaluate.call(module.exports, module.exports, createRequire(file), module, file, path.dirname(file));
    return module.exports;
  }

  /** Another one for each use, each version of the file and of V8, and for the flags of V8, with which it makes other code. */
  private placeOf(file: string): string {
    const { ino, size, mtimeMs, ctimeMs } = statSync(file);
    const flags = [process.env.NODE_OPTIONS, ...process.execArgv];
    const key = [
      process.versions.v8,
      process.arch,
      file,
      this.use,
      ino,
      size,
      mtimeMs,
      ctimeMs,
      ...flags,
    ].join('\0');
    return path.join(this.folder, `${digestOf(key).toString('hex')}.code`);
  }

  /** At the end, when what the command needed was compiled as well. */
  keep(): void {
    if (!this.compiled) return;
    const { script, place } = this.compiled;
    const beside = path.join(this.folder, `${randomUUID()}.code`);
    try {
      const code = script.createCachedData();
      writeFileSync(beside, Buffer.concat([digestOf(code), code]), { flag: 'wx', mode: privateMode.file });
      renameSync(beside, place);
      this.removeOld();
    } catch {
      // A full disk, perhaps: the next command compiles again.
      rmSync(beside, { force: true });
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
function contentOf(file: string): Buffer | undefined {
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
