import { mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeFolder } from '../../../../src/platform/files/makeFolder';

describe('makeFolder', () => {
  let root: string;
  beforeEach(async () => (root = await mkdtemp(join(tmpdir(), 'muster-folder-'))));
  afterEach(async () => rm(root, { recursive: true }));

  it('makes what is missing, with the mode, and says what it has made first', async () => {
    const path = join(root, 'a', 'b', 'c');
    expect(await makeFolder(path, 0o700)).toBe(join(root, 'a'));
    for (const one of [path, join(root, 'a')]) expect((await stat(one)).mode & 0o777).toBe(0o700);
    expect(await makeFolder(path)).toBeUndefined();
    expect(await makeFolder('/')).toBeUndefined();
  });

  it('makes one folder for several at once', async () => {
    const path = join(root, 'a', 'b');
    await Promise.all([1, 2, 3, 4].map(() => makeFolder(path)));
    expect((await stat(path)).isDirectory()).toBe(true);
  });

  it('takes a link to a folder for one', async () => {
    await mkdir(join(root, 'real'));
    await symlink('real', join(root, 'link'));
    expect(await makeFolder(join(root, 'link'))).toBeUndefined();
    expect(await makeFolder(join(root, 'link', 'sub'))).toBe(join(root, 'link', 'sub'));
  });

  // Below /proc mkdir with `recursive` goes on for ever.
  it.runIf(process.platform === 'linux')(
    'ends where nothing can be made in a folder that is there',
    async () => {
      await expect(makeFolder('/proc/muster/x')).rejects.toMatchObject({ code: 'ENOENT' });
      await symlink('nowhere', join(root, 'dangling'));
      await expect(makeFolder(join(root, 'dangling', 'x'))).rejects.toMatchObject({ code: 'EEXIST' });
    },
  );

  it('fails where a file is', async () => {
    await writeFile(join(root, 'file'), '');
    await expect(makeFolder(join(root, 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(makeFolder(join(root, 'file', 'x'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  });
});
