import { chmod, mkdir, readdir, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { muster } from '../../harness/musterCli';
import { type ScratchFolder, scratchFolder } from '../../harness/scratchFolder';
import { cacheFolder, CodeCache } from '../../../src/shell/cli/codeCache';

let scratch: ScratchFolder;

beforeEach(async () => {
  scratch = await scratchFolder({ 'muster.yaml': 'hosts: { db-1: {} }\n' });
  return () => scratch[Symbol.asyncDispose]();
});

const cache = () => join(scratch.path, 'cache');
const kept = async () => {
  const entries = await readdir(join(cache(), 'muster'), { recursive: true, withFileTypes: true }).catch(
    () => [],
  );
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
};

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

  it('for each command, as each runs other functions of a bundle', async () => {
    await hosts();
    const files = await kept();
    const check = await muster(['check', '--json'], {
      cwd: scratch.path,
      env: { XDG_CACHE_HOME: cache(), MUSTER_NO_CACHE: '' },
    });
    expect(check.stderr).toContain('check');
    expect(await kept()).toHaveLength(files.length + 1);
    const written = await timesOf(await kept());
    await hosts();
    expect(await timesOf(await kept())).toEqual(written);
  });

  it('in folders that can be opened whatever the umask is', async () => {
    const before = process.umask(0o777);
    try {
      expect(cacheFolder({ XDG_CACHE_HOME: cache() })).toBe(join(cache(), 'muster'));
    } finally {
      process.umask(before);
    }
    for (const folder of [cache(), join(cache(), 'muster')])
      expect((await stat(folder)).mode & 0o777).toBe(0o700);
  });

  it('beside that of Node.js with other flags, which could not take it', async () => {
    await hosts();
    const files = await kept();
    const written = await timesOf(files);
    await hosts({ NODE_OPTIONS: '--stack-trace-limit=5' });
    expect((await kept()).length).toBe(2 * files.length);
    expect(await timesOf(files)).toEqual(written);
  });

  it.each(['MUSTER_NO_CACHE', 'NODE_DISABLE_COMPILE_CACHE'])('but not with %s', async (variable) => {
    await hosts({ [variable]: '1' });
    expect(await kept()).toEqual([]);
  });
});

describe('what is kept of a bundle', () => {
  const bundle = () => join(scratch.path, 'bundle.js');
  const load = () => {
    const code = new CodeCache(scratch.path);
    const loaded = code.load(bundle());
    code.keep();
    return loaded;
  };
  const keptFiles = async () =>
    (await readdir(scratch.path))
      .filter((name) => name.endsWith('.code'))
      .map((name) => join(scratch.path, name));

  beforeEach(() =>
    writeFile(bundle(), 'exports.of = [__filename, require.resolve("fs"), module.exports === exports];'),
  );

  it('gives what require gives', async () => {
    const { of } = load() as { of: unknown };
    expect(of).toEqual([bundle(), 'fs', true]);
    expect(load()).toEqual({ of });
    expect(await keptFiles()).toHaveLength(1);
  });

  it('writes nothing when what was kept was used', async () => {
    load();
    const files = await keptFiles();
    const written = await timesOf(files);
    load();
    expect(await keptFiles()).toEqual(files);
    expect(await timesOf(files)).toEqual(written);
  });

  it.each(['cut off', 'empty', 'changed'])('does not use what is %s', async (how) => {
    const expected = load();
    const [file] = await keptFiles();
    const content = await readFile(file!);
    const broken = {
      'cut off': content.subarray(0, -9),
      empty: '',
      changed: Buffer.from(content).fill(0x5a, 99),
    };
    await writeFile(file!, broken[how as keyof typeof broken]);
    expect(load()).toEqual(expected);
    expect((await readFile(file!)).subarray(0, 32)).toEqual(content.subarray(0, 32));
  });

  it('does not use what was kept of another version of the file', async () => {
    load();
    await writeFile(bundle(), 'exports.of = 2;');
    expect(load()).toEqual({ of: 2 });
    expect(await keptFiles()).toHaveLength(2);
  });

  it('keeps files for the user alone, and until they are a month old', async () => {
    const stale = join(scratch.path, 'stale.code');
    await writeFile(stale, '');
    await utimes(stale, 0, 0);
    load();
    const files = await keptFiles();
    expect(files).not.toContain(stale);
    expect((await stat(files[0]!)).mode & 0o777).toBe(0o600);
  });

  it('works where nothing can be written', async () => {
    const code = new CodeCache(join(scratch.path, 'missing'));
    expect(code.load(bundle())).toHaveProperty('of');
    code.keep();
    expect(await keptFiles()).toEqual([]);
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

async function timesOf(files: readonly string[]): Promise<number[]> {
  const found = await Promise.all(files.map((file) => stat(file)));
  return found.map(({ mtimeMs }) => mtimeMs);
}
