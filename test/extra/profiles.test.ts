import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readProfile } from '../../src/core/profiles/readProfile';
import { profileSamples, readDamaged } from '../unit/profiles/damagedProfiles';
import { pprofTop, topOf } from './pprofTop';

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
    const expected = await pprofTop(join(folder, file), valueType, unit);
    const profile = await readProfile(await readFile(join(folder, file)), file);
    expect(expected.length).toBeGreaterThan(10);
    expect(topOf(profile, valueType)).toEqual(expected);
  });

  it.each(['cpu.pprof', 'heap.pprof'])(
    'damaged in %s end with a profile, or with what is wrong',
    async (file) => {
      const bytes = await readFile(join(folder, file));
      await readDamaged(bytes, { numRuns: 500 });
      await readDamaged(gunzipSync(bytes), { numRuns: 3_000 });
    },
  );
});

it('Profiles of every format that are damaged end with a profile, or with what is wrong', async () => {
  for (const [, sample] of await profileSamples()) await readDamaged(sample, { numRuns: 3_000 });
});
