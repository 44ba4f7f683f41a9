import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { groupedByLabel } from '../../src/features/profiles/core/analysis/groupedByLabel';
import { labelledProfile } from '../../src/features/profiles/core/model/labelledProfile';
import { readProfile } from '../../src/features/profiles/core/formats/readProfile';
import { toPprof } from '../../src/features/profiles/core/formats/toPprof';
import { profileSamples, readDamaged } from '../features/profiles/unit/damagedProfiles';
import { pprofTags, pprofTop, tagsOf, topOf } from './pprofTop';

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

  it('have the labels that go tool pprof -tags tells', async () => {
    const file = join(folder, 'cpu.pprof');
    const profile = await readProfile(await readFile(file), 'cpu.pprof');
    const expected = await pprofTags(file, 'samples', 'count');
    expect(expected.map((line) => line.replace(/ .*/, ''))).toEqual([
      ...['handler=/api/acme', 'handler=/api/initech', 'tenant=acme', 'tenant=initech'],
    ]);
    expect(tagsOf(profile, 'samples')).toEqual(expected);
    const written = join(folder, 'again.pprof');
    await writeFile(written, await toPprof(profile));
    expect(await pprofTags(written, 'samples', 'count')).toEqual(expected);
  });

  it('have the sizes of what was allocated as labels, as many of them as pprof', async () => {
    const file = join(folder, 'heap.pprof');
    const profile = await readProfile(await readFile(file), 'heap.pprof');
    const weightsOf = (lines: string[]) => lines.map((line) => Number(line.replace(/.* /, ''))).sort();
    const expected = weightsOf(await pprofTags(file, 'alloc_objects', 'count'));
    expect(expected.length).toBeGreaterThan(5);
    expect(weightsOf(tagsOf(profile, 'alloc_objects'))).toEqual(expected);
  });

  it('are selected and grouped by labels as -tagfocus and -tagroot do', async () => {
    const file = join(folder, 'cpu.pprof');
    const profile = await readProfile(await readFile(file), 'cpu.pprof');
    const acme = labelledProfile(profile, [{ key: 'tenant', value: 'acme' }]);
    expect(topOf(acme, 'cpu')).toEqual(await pprofTop(file, 'cpu', 'ns', '-tagfocus=tenant=^acme$'));
    const grouped = topOf(groupedByLabel(profile, 'tenant'), 'cpu');
    const expected = await pprofTop(file, 'cpu', 'ns', '-tagroot=tenant');
    // pprof's frame has the value only, and another name where there is none.
    const ours = (line: string) =>
      line.replace(/^(acme|initech) /, 'tenant: $1 ').replace(/^<unknown> /, 'tenant: (none) ');
    expect(grouped).toEqual(expected.map(ours).sort());
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
