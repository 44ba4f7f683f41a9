import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RuleClaims } from '../../../../src/features/etcd/editor/onChange/ruleClaims';

describe('The window that runs a rule by itself', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'muster-claims-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is the first that would, and stays it', async () => {
    const claims = new RuleClaims(join(folder, 'rules'));
    expect(await claims.take('a')).toBe(true);
    expect(await claims.take('a')).toBe(true);
    expect(await readFile(join(folder, 'rules', 'a'), 'utf8')).toBe(String(process.pid));
  });

  it('is another one while that lives, for that rule', async () => {
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await once(other, 'spawn');
    const claims = new RuleClaims(folder);
    await writeFile(join(folder, 'a'), String(other.pid));
    expect(await claims.take('a')).toBe(false);
    expect(await claims.take('b')).toBe(true);
    other.kill('SIGKILL');
    await once(other, 'exit');
    expect(await claims.take('a')).toBe(true);
  });

  it('is this one where a claim makes no sense', async () => {
    await writeFile(join(folder, 'a'), 'nonsense');
    expect(await new RuleClaims(folder).take('a')).toBe(true);
    expect(await readdir(folder)).toEqual(['a']);
  });
});
