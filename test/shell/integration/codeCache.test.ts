import { chmod, mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import Module from 'node:module';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { muster } from '../../harness/musterCli';
import { type ScratchFolder, scratchFolder } from '../../harness/scratchFolder';
import { cacheFolder } from '../../../src/shell/cli/codeCache';

let scratch: ScratchFolder;

beforeEach(async () => {
  scratch = await scratchFolder({ 'muster.yaml': 'hosts: { db-1: {} }\n' });
  return () => scratch[Symbol.asyncDispose]();
});

/** From 22.1 on Node.js looks after what is in the folder by itself. */
const isOurs = !('enableCompileCache' in Module);

const cache = () => join(scratch.path, 'cache');
const kept = async () => readdir(join(cache(), 'muster'), { recursive: true }).catch(() => []);

async function hosts(env: Record<string, string> = {}): Promise<void> {
  const ended = await muster(['hosts', '--json'], {
    cwd: scratch.path,
    env: { XDG_CACHE_HOME: cache(), MUSTER_NO_CACHE: '', ...env },
  });
  expect(ended).toMatchObject({ status: 0, stderr: '', stdout: expect.stringContaining('db-1') });
}

describe('compiled code is kept', () => {
  it('in a folder of the user alone, for the next command', async () => {
    await hosts();
    const files = await kept();
    expect(files.length).toBeGreaterThan(0);
    expect((await stat(join(cache(), 'muster'))).mode & 0o777).toBe(0o700);
    const written = await timesOf(files);
    await hosts();
    expect(await kept()).toEqual(files);
    expect(await timesOf(files)).toEqual(written);
  });

  it.runIf(isOurs)('and is not used when it is not as it was written', async () => {
    await hosts();
    for (const file of await filesOf()) {
      const content = await readFile(file);
      content.fill(0x5a, content.length / 2);
      await writeFile(file, content);
      await hosts();
      expect((await readFile(file)).equals(content)).toBe(false);
      await writeFile(file, '');
      await hosts();
    }
  });

  it.runIf(isOurs)('until they are a month old', async () => {
    await hosts();
    const files = await filesOf();
    const stale = join(dirname(files[0]!), 'stale.code');
    await writeFile(stale, '');
    await utimes(stale, 0, 0);
    await rm(files[0]!);
    await hosts();
    expect(await filesOf()).toEqual(files);
  });

  it.each(['MUSTER_NO_CACHE', 'NODE_DISABLE_COMPILE_CACHE'])('but not with %s', async (variable) => {
    await hosts({ [variable]: '1' });
    expect(await kept()).toEqual([]);
  });
});

describe('nothing is kept where somebody else could change it', () => {
  it('as in a cache that others can write', async () => {
    await mkdir(cache());
    await chmod(cache(), 0o777);
    await hosts();
    expect(await kept()).toEqual([]);
  });

  it('as in a folder that others can write or read', async () => {
    await mkdir(join(cache(), 'muster'), { recursive: true });
    for (const mode of [0o720, 0o702, 0o755]) {
      await chmod(join(cache(), 'muster'), mode);
      await hosts();
      expect(await kept()).toEqual([]);
    }
  });

  it('as below a folder in which others can replace it', async () => {
    await mkdir(cache(), { mode: 0o755 });
    await chmod(scratch.path, 0o777);
    expect(cacheFolder({ XDG_CACHE_HOME: cache() })).toBeUndefined();
    await chmod(scratch.path, 0o1777);
    expect(cacheFolder({ XDG_CACHE_HOME: cache() })).toBe(join(cache(), 'muster'));
  });

  it('as where a link leads', async () => {
    await mkdir(cache());
    await mkdir(join(scratch.path, 'elsewhere'), { mode: 0o700 });
    await symlink(join(scratch.path, 'elsewhere'), join(cache(), 'muster'));
    await hosts();
    expect(await readdir(join(scratch.path, 'elsewhere'))).toEqual([]);
  });

  it('as in a folder of another user, such as the home that sudo keeps', async () => {
    const another = process.geteuid!() + 1;
    expect(cacheFolder({ XDG_CACHE_HOME: cache() }, another)).toBeUndefined();
    await mkdir(join(cache(), 'muster'), { recursive: true, mode: 0o700 });
    expect(cacheFolder({ XDG_CACHE_HOME: cache() }, another)).toBeUndefined();
  });
});

async function filesOf(): Promise<string[]> {
  const entries = await readdir(join(cache(), 'muster'), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}

async function timesOf(files: readonly string[]): Promise<number[]> {
  const found = await Promise.all(files.map((file) => stat(join(cache(), 'muster', file))));
  return found.map(({ mtimeMs }) => mtimeMs);
}
