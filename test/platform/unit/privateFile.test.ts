import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, open, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writePrivateFile } from '../../../src/platform/files/privateFile';

describe.runIf(process.platform !== 'win32')('A file with what may be secret', () => {
  let folder: string;
  let file: string;
  let before: number;
  beforeEach(async () => {
    before = process.umask(0);
    folder = await mkdtemp(join(tmpdir(), 'muster-private-'));
    file = join(folder, 'keys.yaml');
  });
  afterEach(async () => {
    process.umask(before);
    await rm(folder, { recursive: true, force: true });
  });
  const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

  it('is read by its owner only, whatever the umask is', async () => {
    await writePrivateFile(file, 'a: 1\n');
    expect([await readFile(file, 'utf8'), await modeOf(file)]).toEqual(['a: 1\n', 0o600]);
  });

  it.runIf(process.platform === 'linux')(
    'is not replaced where it is open here, as what /dev/stdout is',
    async () => {
      await using handle = await open(file, 'w');
      await handle.write('before ');
      await writePrivateFile(`/dev/fd/${handle.fd}`, ['a', 'b']);
      await handle.write(' after');
      expect(await readFile(file, 'utf8')).toBe('before ab after');
      expect((await stat(file)).ino).toBe((await handle.stat()).ino);
    },
  );

  it('is no wider where a file that everybody could read was there, which nobody goes on reading', async () => {
    await writeFile(file, 'old', { mode: 0o666 });
    await chmod(file, 0o666);
    await using reader = await open(file);
    await writePrivateFile(file, ['new ', Buffer.from('text')]);
    expect([await readFile(file, 'utf8'), await modeOf(file)]).toEqual(['new text', 0o600]);
    expect(await reader.readFile('utf8')).toBe('old');
  });

  it('is written behind a link, which stays one', async () => {
    await writeFile(file, 'old');
    const link = join(folder, 'link.yaml');
    await symlink(file, link);
    await writePrivateFile(link, 'new');
    expect([await readFile(file, 'utf8'), await modeOf(file)]).toEqual(['new', 0o600]);
    expect(await readdir(folder)).toEqual(['keys.yaml', 'link.yaml']);
  });

  it('stays as it was when its content fails half way', async () => {
    await writeFile(file, 'old');
    async function* torn() {
      yield 'half';
      await Promise.reject(new Error('cut'));
    }
    await expect(writePrivateFile(file, torn())).rejects.toThrow('cut');
    expect(await readFile(file, 'utf8')).toBe('old');
    expect(await readdir(folder)).toEqual(['keys.yaml']);
  });

  it('is written to as it is when it is no file', async () => {
    await writePrivateFile('/dev/null', 'x');
    expect((await stat('/dev/null')).isCharacterDevice()).toBe(true);
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const [read] = await Promise.all([readFile(pipe, 'utf8'), writePrivateFile(pipe, 'through')]);
    expect(read).toBe('through');
  });
});
