import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hotFunctions } from '../../src/features/profiles/core/analysis/hotFunctions';
import { mergeProfiles } from '../../src/features/profiles/core/analysis/mergeProfiles';
import type { Profile } from '../../src/features/profiles/core/model/profile';
import { profileDiff, selfDelta } from '../../src/features/profiles/core/analysis/profileDiff';
import { definitionIn } from '../../src/features/profiles/core/sources/definitionIn';
import { SshdFarm } from '../harness/sshd';
import { until } from '../harness/until';
import {
  CaptureBench,
  hottest,
  processesLike,
  profileOf,
  recordingsLeft,
} from '../features/profiles/integration/captureFixture';
import { hostOn, poolFor, ScriptedAuthority } from '../platform/integration/ssh/sshFixture';
import { pprofTop, topOf } from './pprofTop';

const run = promisify(execFile);
const services = 'test/fixtures/services';
const sumOf = (profile: Profile, type = 0) =>
  profile.tree.self[type]!.reduce((sum, weight) => sum + weight, 0);

/** Real services on a real sshd; `capture` captures from it. */
async function startBench() {
  const farm = await SshdFarm.create();
  const daemon = await farm.start();
  const pool = await poolFor(farm, [daemon]);
  const bench = await CaptureBench.create();
  const hosts = [hostOn(farm, daemon, {}, 'web-01')];
  return {
    bench,
    capture: (type: string, input: object, choices: object = {}, options: object = {}) =>
      bench.capture(pool, hosts, type, input, choices, options),
    async end() {
      await bench[Symbol.asyncDispose]();
      await pool.dispose();
      await farm[Symbol.asyncDispose]();
    },
  };
}

let stage: Awaited<ReturnType<typeof startBench>>;
let leftBefore: string[];
beforeAll(async () => {
  leftBefore = await recordingsLeft();
  stage = await startBench();
});
afterAll(async () => {
  await stage.end();
  expect(await recordingsLeft()).toEqual(leftBefore);
});

describe('A Go service under load, over SSH', () => {
  let folder: string;
  let url: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'muster-go-'));
    await cp(`${services}/goService`, folder, { recursive: true });
    await run('go', ['build', '-o', 'service', '.'], { cwd: folder });
    const [, port] = await stage.bench.start(join(folder, 'service'), []);
    url = `http://127.0.0.1:${port}`;
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each([
    ['cpu', 'samples', 'count', 'main.work'],
    ['cpu', 'cpu', 'ns', 'main.hashMuch'],
    ['heap', 'alloc_space', 'B', 'main.keepSome'],
    ['heap', 'inuse_space', 'B', 'main.keepSome'],
    ['allocs', 'alloc_objects', 'count', 'main.keepSome'],
    ['goroutine', 'goroutine', 'count', 'main.work'],
    ['mutex', 'contentions', 'count', 'main.keepSome'],
    ['block', 'contentions', 'count', 'main.keepSome'],
  ])('is captured (%s), and its top by %s is that of go tool pprof', async (kind, valueType, unit, named) => {
    const choices = kind === 'cpu' ? { kind, durationMs: 2_000 } : { kind };
    const report = await stage.capture('go', { url }, choices);
    const profile = await profileOf(report);
    const expected = await pprofTop(report.results[0]!.file!, valueType, unit);
    expect(topOf(profile, valueType)).toEqual(expected);
    expect(hottest(profile)).toContain(named);
  });

  it('is captured with a user, over TLS with an authority of its own', async () => {
    const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const files = ['-keyout', 'key.pem', '-out', 'cert.pem'];
    const openssl = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    await run('openssl', [...openssl, ...files, ...subject], { cwd: folder });
    const paths = ['-cert', join(folder, 'cert.pem'), '-key', join(folder, 'key.pem')];
    const [, port] = await stage.bench.start(join(folder, 'service'), ['-password', 'sesame', ...paths]);
    const settings = { url: `https://127.0.0.1:${port}`, auth: { username: 'me' } };
    const authority = new ScriptedAuthority('reject', ['sesame']);
    const untrusted = await stage.capture('go', settings, { kind: 'heap' }, { authority });
    expect(untrusted.results[0]!.error?.code).toBe('TLS');
    const tls = { ca: join(folder, 'cert.pem') };
    const asked = new ScriptedAuthority('reject', ['sesame']);
    const report = await stage.capture('go', { ...settings, tls }, { kind: 'heap' }, { authority: asked });
    expect(hottest(await profileOf(report))).toContain('main.keepSome');
  });

  it('that was made slower is told by the difference, and one that was not by none', async () => {
    const [, port] = await stage.bench.start(join(folder, 'service'), ['-regressed']);
    const choices = { durationMs: 4_000 };
    const before = await profileOf(await stage.capture('go', { url }, choices));
    const after = await profileOf(await stage.capture('go', { url: `http://127.0.0.1:${port}` }, choices));
    const { functions } = profileDiff(before, after);
    const slower = [...functions].sort((a, b) => selfDelta(b) - selfDelta(a));
    expect(slower.slice(0, 3)).toContainEqual(
      expect.objectContaining({ name: 'main.sortedBadly', state: 'new' }),
    );
    expect(profileDiff(before, before).functions).toEqual([]);
  });

  it('is recorded by perf, whose samples are all there', async () => {
    const [child] = await stage.bench.start(join(folder, 'service'), []);
    const report = await stage.capture('perf', {}, { durationMs: 2_000, pid: child.pid });
    const profile = await profileOf(report);
    const text = await readFile(report.results[0]!.file!, 'utf8');
    expect(hottest(profile).join(' ')).toMatch(/sha256/);
    expect(hotFunctions(profile).functions.map(({ name }) => name)).toContain('main.hashMuch');
    // A sample is a line that begins at the margin.
    expect(sumOf(profile)).toBe(
      text.split('\n').filter((line) => /^\S/.test(line) && !line.startsWith('#')).length,
    );
    const merged = mergeProfiles([
      { name: 'web-01', profile },
      { name: 'web-02', profile },
    ]);
    expect(sumOf(merged)).toBe(2 * sumOf(profile));
  });
});

/** Says that it is enough, `when` the recording that has begun is worth keeping. */
function enough(when: () => Promise<unknown>) {
  const said = new AbortController();
  return {
    finish: said.signal,
    onProgress: ({ stage }: { stage: string }) => {
      if (stage === 'recording') void when().then(() => said.abort());
    },
  };
}

/** Seconds that a process has spent on a CPU. */
async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
    .map(Number);
  return (user! + system!) / 100;
}

/** A busy machine gives a program little of its time, so what perf has seen is counted in CPU time. */
async function perfHasSeen(pid: number, seconds: number, recordedFor: RegExp): Promise<void> {
  await until('perf to record', async () => (await processesLike(recordedFor)).length > 0);
  const before = await cpuSeconds(pid);
  await until('the program to run', async () => (await cpuSeconds(pid)) - before > seconds);
}

describe('A program of C++, recorded by perf', () => {
  let folder: string;
  let source: string;
  let program: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'muster-cpp-'));
    program = join(folder, 'busy');
    const file = `${services}/busy.cpp`;
    source = await readFile(file, 'utf8');
    await run('g++', ['-g', '-O1', '-fno-omit-frame-pointer', '-o', program, file]);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('has functions whose lines are found by their names, mangled or not, as its debug information has them', async () => {
    const { stdout } = await run('nm', ['-l', program]);
    const symbols = [...stdout.matchAll(/^\w+ \w (_Z\w+)\t.*busy\.cpp:(\d+)$/gm)];
    expect(symbols.length).toBeGreaterThan(10);
    for (const [, mangled, line] of symbols) {
      const { stdout: demangled } = await run('c++filt', [mangled!]);
      for (const name of [mangled!, demangled.trim()])
        expect(`${name} ${definitionIn(source, name)?.line}`).toBe(`${name} ${line}`);
    }
  });

  it('is kept up to where that was said to be enough, and leads to its lines', async () => {
    const [child] = await stage.bench.start(program, []);
    const choices = { durationMs: 3_600_000, pid: child.pid };
    // The command under which perf records begins when it does.
    const seen = () => perfHasSeen(child.pid!, 2, /^sleep 3600/);
    const report = await stage.capture('perf', {}, choices, enough(seen));
    expect(report.results[0]!.error).toBeUndefined();
    const profile = await profileOf(report);
    const names = hotFunctions(profile).functions.map(({ name }) => name);
    const linesOf = (part: string) => {
      const name =
        names.find((one) => one.includes(part)) ?? expect.fail(`no ${part} in ${names.join(', ')}`);
      return source.split('\n')[definitionIn(source, name)!.line - 1];
    };
    expect(linesOf('::spin')).toContain('KEPT long spin(');
    expect(linesOf('Pool<long>::work')).toContain('KEPT T work(T times) {');
    expect(linesOf('Pool<long>::operator()')).toContain('T Pool<T>::operator()(T times) const');
    expect(linesOf('repeated<')).toContain('KEPT T repeated(');
    await until('its folder to be gone', async () => (await recordingsLeft()).length === leftBefore.length);
  });
});

describe('A Python program, by py-spy of PyPI', () => {
  let folder: string;
  let path: string;
  let pid: number;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'muster-py-'));
    await run('python3', ['-m', 'venv', folder]);
    await run(join(folder, 'bin', 'pip'), ['install', '--quiet', 'py-spy']);
    path = join(folder, 'bin', 'py-spy');
    const [child] = await stage.bench.start('python3', [`${services}/busy.py`]);
    pid = child.pid!;
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('is sampled, found by its command line, with the sum that speedscope has', async () => {
    const report = await stage.capture('py-spy', { path, process: 'busy\\.py' }, { durationMs: 2_000 });
    const profile = await profileOf(report);
    expect(hottest(profile)[0]).toBe('spin_hard');
    const { profiles } = JSON.parse(await readFile(report.results[0]!.file!, 'utf8'));
    const weights: number[] = profiles.flatMap((one: { weights: number[] }) => one.weights);
    expect(sumOf(profile)).toBeCloseTo(
      weights.reduce((sum, weight) => sum + weight, 0),
      6,
    );
  });

  it('shows what waits, too, and the stacks of now', async () => {
    const wall = await profileOf(
      await stage.capture('py-spy', { path }, { kind: 'wall', durationMs: 1_000, pid }),
    );
    expect(hottest(wall)).toEqual(expect.arrayContaining(['spin_hard', 'wait_long']));
    const dump = await profileOf(await stage.capture('py-spy', { path }, { kind: 'dump', pid }));
    expect(hottest(dump)).toEqual(expect.arrayContaining(['spin_hard', 'wait_long']));
    expect(sumOf(dump)).toBe(2);
  });

  it('is kept up to where that was said to be enough', async () => {
    const report = await stage.capture(
      'py-spy',
      { path },
      { durationMs: 3_600_000, pid },
      enough(() => delay(2_000)),
    );
    expect(report.results[0]!.error).toBeUndefined();
    const profile = await profileOf(report);
    expect(hottest(profile)[0]).toBe('spin_hard');
    expect(sumOf(profile)).toBeGreaterThan(0.5);
    await until('its folder to be gone', async () => (await recordingsLeft()).length === leftBefore.length);
  });

  it('leaves no py-spy behind when it is cancelled', async () => {
    const cancel = new AbortController();
    const pending = stage.capture('py-spy', { path }, { durationMs: 60_000, pid }, { signal: cancel.signal });
    const running = () => processesLike(new RegExp(`^${path} record`));
    await until('py-spy to run', async () => (await running()).length === 1);
    cancel.abort();
    expect((await pending).results[0]!.status).toBe('stopped');
    await until('py-spy to be gone', async () => (await running()).length === 0);
    await until('its folder to be gone', async () => (await recordingsLeft()).length === leftBefore.length);
  });

  it('says what py-spy says of a process that is no Python', async () => {
    const [child] = await stage.bench.start('sh', ['-c', 'echo up; exec sleep 600']);
    const report = await stage.capture('py-spy', { path }, { durationMs: 1_000, pid: child.pid });
    expect(report.results[0]!.error).toMatchObject({
      code: 'EXIT_STATUS',
      message: expect.stringMatching(/py-spy: exit status 1: .*python/i),
    });
  });
});

describe('A JVM', () => {
  let folder: string;
  let pid: number;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'muster-jvm-'));
    await run('javac', ['-d', folder, `${services}/Busy.java`]);
    const [child] = await stage.bench.start('java', ['-cp', folder, 'Busy']);
    pid = child.pid!;
  });
  afterAll(() => rm(folder, { recursive: true }));

  const recordings = async () => (await run('jcmd', [String(pid), 'JFR.check'])).stdout;

  it('is recorded by Flight Recorder, through jcmd', async () => {
    const report = await stage.capture('jvm', { process: '-cp .* Busy$' }, { durationMs: 3_000 });
    const { file, ending } = report.results[0]!;
    expect(ending).toBe('.jfr');
    const { stdout } = await run('jfr', ['print', '--events', 'jdk.ExecutionSample', file!], {
      maxBuffer: 64 * 1024 * 1024,
    });
    expect(stdout).toContain('Busy.spinHard');
    expect(await recordings()).toContain('No available recordings');
  });

  it('records no more when it is cancelled', async () => {
    const cancel = new AbortController();
    const pending = stage.capture('jvm', {}, { durationMs: 60_000, pid }, { signal: cancel.signal });
    await until('it to record', async () => (await recordings()).includes('muster-'));
    cancel.abort();
    await pending;
    await until('it not to record', async () => (await recordings()).includes('No available recordings'));
    await until('its folder to be gone', async () => (await recordingsLeft()).length === leftBefore.length);
  });

  describe('with async-profiler of Maven Central, which jcmd loads', () => {
    let asyncProfiler: string;
    beforeAll(async () => {
      await run('mvn', ['-q', 'dependency:get', '-Dartifact=tools.profiler:async-profiler:4.1']);
      const jars = join(homedir(), '.m2/repository/tools/profiler/async-profiler/4.1');
      const jar = (await readdir(jars)).find((name) => name.endsWith('.jar'))!;
      await run('unzip', ['-q', '-o', join(jars, jar), 'linux-x64/libasyncProfiler.so', '-d', folder]);
      asyncProfiler = join(folder, 'linux-x64', 'libasyncProfiler.so');
    });

    it.each([
      ['cpu', /Busy\.(spinHard|main)/],
      ['wall', /Busy\.(spinHard|main)/],
      ['alloc', /byte\[\]|allocateMuch/],
    ])('is sampled (%s)', async (kind, named) => {
      const profile = await profileOf(
        await stage.capture(
          'jvm',
          { asyncProfiler },
          { kind, durationMs: 2_000, pid },
          { timeoutMs: 300_000 },
        ),
      );
      expect(profile.format).toBe('folded');
      expect(hottest(profile).join(' ')).toMatch(named);
    });
  });
});
