import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
// @ts-expect-error a script, without types
import * as script from '../../../scripts/builtFrom.mjs';

const { sourceOf } = script as { sourceOf(this: void, folder: string): Promise<object> };

let folder: string;
const git = async (...args: string[]) =>
  (await promisify(execFile)('git', ['-C', folder, '-c', 'user.name=a', '-c', 'user.email=a@b', ...args]))
    .stdout;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'muster-source-')));
});
afterEach(() => rm(folder, { recursive: true }));

const unknown = { commit: null, date: null, modified: null };

describe('the commit that a build is made from', () => {
  it('is that of the clone, with whether the sources differ from it', async () => {
    await git('init', '--quiet');
    await git('commit', '--quiet', '--allow-empty', '--date=2026-01-01T00:00:00Z', '--message=first');
    const commit = (await git('rev-parse', 'HEAD')).trim();
    expect(await sourceOf(folder)).toMatchObject({
      commit,
      date: expect.stringMatching(/^\d{4}-\d\d-\d\d$/) as string,
      modified: false,
    });
    await writeFile(join(folder, 'new.ts'), '');
    expect(await sourceOf(folder)).toMatchObject({ commit, modified: true });
  });

  it('is not known in an unpacked archive', async () => {
    expect(await sourceOf(folder)).toEqual(unknown);
  });

  it('is not that of a clone which an archive was unpacked in', async () => {
    await git('init', '--quiet');
    await git('commit', '--quiet', '--allow-empty', '--message=first');
    await mkdir(join(folder, 'archive'));
    expect(await sourceOf(join(folder, 'archive'))).toEqual(unknown);
  });
});
