import { mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileStamps } from '../../../src/shell/editor/fleets/fileStamps';

describe('Stamps of files', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stamps-'));
    file = join(folder, 'muster.yaml');
    await writeFile(file, 'hosts: {}\n');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('are equal while nothing changes, present or absent', async () => {
    const files = [file, join(folder, 'absent.yaml')];
    expect(await fileStamps(files)).toBe(await fileStamps(files));
  });

  it('differ when a file is written, also with the same size, and when it goes', async () => {
    const before = await fileStamps([file]);
    await utimes(file, new Date(0), new Date(1_000));
    const touched = await fileStamps([file]);
    expect(touched).not.toBe(before);
    await rm(file);
    expect(await fileStamps([file])).not.toBe(touched);
  });

  it('differ when another file takes its place with the same time and size', async () => {
    const other = join(folder, 'other.yaml');
    await writeFile(other, 'groups: {}'.padEnd(10, '\n'));
    const time = new Date(1_000_000);
    await utimes(file, time, time);
    await utimes(other, time, time);
    const before = await fileStamps([file]);
    await rename(other, file);
    expect(await fileStamps([file])).not.toBe(before);
  });
});
