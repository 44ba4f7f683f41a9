import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile as readHere,
  rm,
  stat,
  symlink,
  writeFile as writeHere,
} from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Deadline } from '../../../../src/platform/batch/deadline';
import { FileError } from '../../../../src/platform/transport/files/fileError';
import { listFolder, readFile, statFile } from '../../../../src/platform/transport/files/readFiles';
import { saveFile, type SaveOptions } from '../../../../src/platform/transport/files/saveFile';
import { LocalFiles } from '../../../../src/platform/transport/local/localFiles';
import { failure } from '../ssh/sshFixture';

const forever = new Deadline(0);

describe('the files of this machine', () => {
  let folder: string;
  let files: LocalFiles;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'muster-local-files-'));
    files = new LocalFiles('here');
  });
  afterEach(async () => {
    files.close();
    await rm(folder, { recursive: true, force: true });
  });

  const made = async (name: string, content = 'old\n', mode = 0o644) => {
    const path = join(folder, name);
    await writeHere(path, content);
    await chmod(path, mode);
    return path;
  };
  const save = (path: string, content: string, options: Partial<SaveOptions> = {}) =>
    saveFile(files, path, Buffer.from(content), { create: true, overwrite: true, ...options }, forever);

  it('are listed with what they are, links followed', async () => {
    await made('a file', 'seven b');
    await mkdir(join(folder, 'sub'));
    await symlink('sub', join(folder, 'link'));
    await symlink('nowhere', join(folder, 'broken'));
    const { entries, isCut } = await listFolder(files, folder, forever);
    const found = entries.map(({ name, type, isLink }) => [name, type, isLink]).sort();
    expect(found).toEqual([
      ['a file', 'file', false],
      ['broken', 'other', true],
      ['link', 'folder', true],
      ['sub', 'folder', false],
    ]);
    expect(isCut).toBe(false);
    expect(await statFile(files, join(folder, 'a file'), forever)).toMatchObject({ size: 7, mode: 0o644 });
  });

  it('are listed though there are more than one answer holds', async () => {
    await Promise.all(Array.from({ length: 250 }, (_, index) => made(`f${index}`)));
    expect((await listFolder(files, folder, forever)).entries).toHaveLength(250);
  });

  it('are read whole, also where the kernel tells no size', async () => {
    const long = 'x'.repeat(3_000_000);
    const { bytes } = await readFile(files, await made('long', long), 10_000_000, forever);
    expect(bytes.toString()).toBe(long);
    const version = await readFile(files, '/proc/version', 10_000, forever);
    expect(version.bytes.equals(await readHere('/proc/version'))).toBe(true);
  });

  it('are refused where they are not files, or too large', async () => {
    expect(await failure(readFile(files, folder, 10, forever))).toMatchObject({ failure: 'notAFile' });
    expect(await failure(readFile(files, '/dev/zero', 10, forever))).toMatchObject({ failure: 'notAFile' });
    const large = await made('large', 'x'.repeat(11));
    expect(await failure(readFile(files, large, 10, forever))).toMatchObject({ failure: 'tooLarge' });
  });

  it('are saved by being replaced, with the mode that they had', async () => {
    const path = await made('conf', 'old\n', 0o640);
    const { ino } = await stat(path);
    expect(await save(path, 'new\n')).toMatchObject({ path, inPlace: undefined });
    expect(await readHere(path, 'utf8')).toBe('new\n');
    const after = await stat(path);
    expect(after.mode & 0o7777).toBe(0o640);
    expect(after.ino).not.toBe(ino);
    expect(await readdir(folder)).toEqual(['conf']);
  });

  it('are made where there is none, and never over one that is there', async () => {
    const path = join(folder, 'new');
    await save(path, 'one\n');
    expect(await readHere(path, 'utf8')).toBe('one\n');
    expect(await failure(save(path, 'two\n', { overwrite: false }))).toMatchObject({ failure: 'exists' });
    const other = await made('other');
    expect(await failure(files.rename(other, path, forever))).toMatchObject({ failure: 'exists' });
    expect(await readHere(path, 'utf8')).toBe('one\n');
  });

  it('are not saved over what another one has written meanwhile', async () => {
    const path = await made('conf');
    const { size, mtime } = await statFile(files, path, forever);
    await writeHere(path, 'of somebody else\n');
    const error = await failure(save(path, 'mine\n', { expected: { size, mtime } }));
    expect(error).toMatchObject({ failure: 'changed' });
    expect(await readHere(path, 'utf8')).toBe('of somebody else\n');
  });

  it('say in their errors what is wrong, and on which host', async () => {
    const error = await failure(files.stat(join(folder, 'none'), forever));
    expect(error).toBeInstanceOf(FileError);
    expect(error).toMatchObject({ failure: 'notFound', host: 'here', phase: 'request' });
    expect(error.message).toContain('there is no such file or folder');
  });

  it('begin in the home folder', async () => {
    expect(await files.realpath('.', forever)).toBe(await files.realpath(homedir(), forever));
  });

  it('are no longer waited for when time is up, and not at all after the end', async () => {
    const cancel = new AbortController();
    cancel.abort();
    expect(await failure(files.stat(folder, new Deadline(0, cancel.signal)))).toMatchObject({
      code: 'CANCELLED',
    });
    files.close();
    expect(await failure(files.stat(folder, forever))).toMatchObject({ code: 'RESET' });
  });
});
