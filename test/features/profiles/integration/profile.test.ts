import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { muster } from '../../../harness/musterCli';
import { pprofOf } from '../unit/encodedPprof';

const run = promisify(execFile);
const program = `
const { createHash } = require('node:crypto');
const kept = (globalThis.kept = []);
function burn(times) { let text = ''; for (let i = 0; i < times; i++) text = createHash('sha256').update(text + i).digest('hex'); return text; }
function keep(count) { for (let i = 0; i < count; i++) kept.push(new Array(100).fill(i)); }
burn(200000); keep(20000);
`;

interface Top {
  valueType: string;
  unit: string;
  total: number;
  functions: { name: string; file?: string; line?: number; self: number; total: number }[];
}

describe('muster profile', () => {
  let cwd: string;
  const profile = (...args: string[]) => muster(['profile', ...args], { cwd });
  const top = async (...args: string[]) =>
    JSON.parse((await profile('top', '--json', ...args)).stdout) as Top;

  beforeAll(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'muster-profile-'));
    await writeFile(join(cwd, 'work.cjs'), program);
    await run(process.execPath, ['--cpu-prof', '--heap-prof', 'work.cjs'], { cwd });
    for (const name of await readdir(cwd)) {
      const suffix = /\.(cpuprofile|heapprofile)$/.exec(name)?.[0];
      if (suffix) await rename(join(cwd, name), join(cwd, `node${suffix}`));
    }
    await writeFile(join(cwd, 'before.folded'), 'main;query 60\nmain;render 40\n');
    await writeFile(join(cwd, 'after.folded'), 'main;query 60\nmain;render 40\nmain;regex 100\n');
  });
  afterAll(() => rm(cwd, { recursive: true }));

  it('top has the functions of a real Node.js process, the sum of which is the whole', async () => {
    const cpu = await top('node.cpuprofile');
    expect([cpu.valueType, cpu.unit]).toEqual(['cpu', 'microseconds']);
    expect(cpu.functions.reduce((sum, { self }) => sum + self, 0)).toBeCloseTo(cpu.total);
    const burn = cpu.functions.find(({ name }) => name === 'burn')!;
    expect(burn).toMatchObject({ file: join(cwd, 'work.cjs'), line: 4 });
    expect(burn.total).toBeGreaterThan(cpu.total / 4);
    const heap = await top('node.heapprofile');
    expect([heap.valueType, heap.unit]).toEqual(['inuse_space', 'bytes']);
    expect(heap.functions.slice(0, 3).map(({ name }) => name)).toContain('keep');
  });

  it('top and path are read by people, too', async () => {
    const { status, stdout } = await profile('top', 'after.folded', '-n', '2');
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^samples: 200 in all\nself +% +total +% +function\n100 +50.0% +100 +50.0% +regex\n60 .*query\n2 more functions\n$/,
    );
    expect((await profile('path', 'after.folded')).stdout).toMatch(/main\n.*regex\n/);
    const path = JSON.parse((await profile('path', '--json', 'after.folded')).stdout) as {
      path: { name: string }[];
    };
    expect(path.path.map(({ name }) => name)).toEqual(['main', 'regex']);
  });

  it('diff names what became slower, as a table for a pull request as well', async () => {
    expect((await profile('diff', 'before.folded', 'before.folded')).stdout).toContain('nothing changed');
    const { stdout } = await profile('diff', 'before.folded', 'after.folded', '--markdown');
    expect(stdout).toContain('before is scaled by 2.00');
    expect(stdout).toMatch(/\| \+100 \| \+50.0% \| \+100 \| new \| regex \|/);
  });

  it('a difference has its signs, and merging names what it cannot add up', async () => {
    const space = { name: 'inuse_space', unit: 'bytes' };
    await writeFile(
      join(cwd, 'freed.pprof'),
      pprofOf(
        [
          [['fill'], -64],
          [['grow'], 8],
        ],
        space,
      ),
    );
    await writeFile(join(cwd, 'slow.pprof'), pprofOf([[['fill'], 2]], { name: 'cpu', unit: 'ms' }));
    const shown = await profile('top', 'freed.pprof');
    expect(shown.stdout).toMatch(
      /^inuse_space: -56B in all; shares are of 72B, .*\n.*\n-64B +-88.9% .*fill\n8B +11.1% .*grow\n$/,
    );
    const both = ['heap=freed.pprof', 'cpu=slow.pprof'];
    const merged = await profile('merge', ...both, '--to', 'folded');
    expect(merged).toMatchObject({ status: 1, stdout: 'heap;fill -64\nheap;grow 8\n' });
    expect(merged.stderr).toContain('cpu has no part in inuse_space/bytes: it measures cpu/milliseconds');
    expect(merged.stderr).toContain('nothing of cpu was written');
    expect(await profile('merge', ...both, '-o', 'both.pb.gz')).toMatchObject({ status: 0 });
    expect(await top('both.pb.gz', '--value-type', 'cpu')).toMatchObject({ total: 2 });
  });

  it('convert and merge write what is read again, from standard input too', async () => {
    const whole = await top('node.cpuprofile');
    for (const format of ['pprof', 'speedscope', 'folded']) {
      const file = `node.${format}`;
      expect(await profile('convert', 'node.cpuprofile', '--to', format, '-o', file)).toMatchObject({
        status: 0,
      });
      expect((await top(file)).total).toBe(whole.total);
    }
    const merged = await profile('merge', 'web-1=before.folded', 'web-2=after.folded', '--to', 'folded');
    expect(merged.stdout.split('\n')).toContain('web-2;main;regex 100');
    const { stdout } = await muster(['profile', 'top', '-', '--json'], { input: merged.stdout });
    expect((JSON.parse(stdout) as Top).total).toBe(300);
  });

  it('selects and groups samples by labels, lists them, and keeps them in pprof', async () => {
    const labels = [{ key: 'tenant', value: 'acme' }];
    const samples = pprofOf([
      [['main', 'query'], 60, labels],
      [['main', 'render'], 40, []],
    ]);
    await writeFile(join(cwd, 'labels.pprof'), samples);
    expect((await profile('labels', 'labels.pprof')).stdout).toBe(
      'cpu: 100ns in all\n\ntenant: 60ns 60.0%\nweight  %      value\n60ns    60.0%  acme\n',
    );
    const written = ['--label', 'tenant=acme', '--to', 'pprof', '-o', 'acme.pprof'];
    expect(await profile('convert', 'labels.pprof', ...written)).toMatchObject({ status: 0 });
    const listed = await profile('labels', 'acme.pprof', '--json');
    expect(JSON.parse(listed.stdout)).toEqual({
      ...{ valueType: 'cpu', unit: 'nanoseconds', total: 60, whole: 60 },
      labels: [{ key: 'tenant', total: 60, values: [{ value: 'acme', weight: 60, whole: 60 }] }],
    });
    const selected = await top('labels.pprof', '--label', 'tenant=~^ac');
    expect(selected.functions.map(({ name }) => name)).toEqual(['query', 'main']);
    const { stdout } = await profile('path', 'labels.pprof', '--by-label', 'tenant', '--json');
    expect((JSON.parse(stdout) as { path: { name: string }[] }).path.map(({ name }) => name)).toEqual([
      ...['tenant: acme', 'main', 'query'],
    ]);
    const folded = await profile('convert', 'labels.pprof', '--by-label', 'tenant', '--to', 'folded');
    expect(folded.stdout.trim().split('\n').sort()).toEqual([
      'tenant: (none);main;render 40',
      'tenant: acme;main;query 60',
    ]);
    for (const [option, said] of [
      ['--label=tenant=initech', /no sample of labels\.pprof has tenant=initech; there are tenant/],
      ['--label==x', /"=x" is not KEY/],
      ['--label=a=~(', /--label: .*regular expression/i],
      ['--by-label=host', /no sample of labels\.pprof has host/],
    ] as const)
      expect(await profile('top', 'labels.pprof', option)).toMatchObject({
        ...{ status: 2, stdout: '', stderr: expect.stringMatching(said) },
      });
  });

  it('says what is wrong with a file, and with words', async () => {
    await writeFile(join(cwd, 'broken.pprof'), Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3]));
    const broken = await profile('top', 'broken.pprof');
    expect(broken).toMatchObject({ status: 1, stdout: '' });
    expect(broken.stderr).toMatch(/^muster: .*broken\.pprof: the compressed file is damaged/);
    expect(await profile('top', 'nowhere')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('nowhere'),
    });
    expect(await profile('top', 'node.cpuprofile', '--value-type', 'wall')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('there is no wall, but cpu, samples'),
    });
  });
});
