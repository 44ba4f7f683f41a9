import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hotFunctions } from '../../src/core/profiles/hotFunctions';
import { readProfile } from '../../src/core/profiles/readProfile';

const run = promisify(execFile);

describe('The functions of a real Go program', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'muster-go-'));
    await cp('test/fixtures/profiled', folder, { recursive: true });
    await run('go', ['build', '-o', 'profiled', '.'], {
      cwd: folder,
      env: { ...process.env, GOFLAGS: '-mod=mod' },
    });
    await run('./profiled', [], { cwd: folder });
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each([
    ['cpu.pprof', 'samples', 'count'],
    ['cpu.pprof', 'cpu', 'ns'],
    ['heap.pprof', 'alloc_objects', 'count'],
    ['heap.pprof', 'alloc_space', 'B'],
    ['heap.pprof', 'inuse_objects', 'count'],
    ['heap.pprof', 'inuse_space', 'B'],
  ])('weigh in %s what go tool pprof -top says, flat and cum, by %s', async (file, valueType, unit) => {
    const flags = ['-top', `-sample_index=${valueType}`, `-unit=${unit}`, '-nodecount=0', '-nodefraction=0'];
    const { stdout } = await run('go', ['tool', 'pprof', ...flags, file], { cwd: folder });
    const [, rows] = stdout.split(/ +flat +flat%.*\n/);
    const expected = rows!
      .trimEnd()
      .split('\n')
      .map((row) => /^ *(\S+) +\S+ +\S+ +(\S+) +\S+ {2}(.*?)(?: \(.*inline\))?$/.exec(row)!)
      .map(([, flat, cum, name]) => `${name} ${parseFloat(flat!)} ${parseFloat(cum!)}`);
    const profile = await readProfile(await readFile(join(folder, file)), file);
    const index = profile.valueTypes.findIndex(({ name }) => name === valueType);
    const seen = hotFunctions(profile, index).functions.filter(({ total }) => total !== 0);
    expect(expected.length).toBeGreaterThan(10);
    expect(seen.map(({ name, self, total }) => `${name} ${self} ${total}`).sort()).toEqual(expected.sort());
  });
});
