import { chmod, mkdir, mkdtemp, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../../../harness/ports';
import { endOf, muster, startMuster } from '../../../harness/musterCli';
import { SshdFarm } from '../../../harness/sshd';
import { until } from '../../../harness/until';
import { CaptureBench, hottest, processesLike } from './captureFixture';
import { readProfile } from '../../../../src/features/profiles/core/formats/readProfile';

describe('muster profile capture', () => {
  let farm: SshdFarm;
  let bench: CaptureBench;
  let cwd: string;
  let url: string;

  beforeAll(async () => {
    farm = await SshdFarm.create();
    const daemons = await farm.startMany(2);
    await farm.write(
      'known_hosts',
      (await Promise.all(daemons.map((daemon) => daemon.knownHostsLine()))).join(''),
    );
    bench = await CaptureBench.create();
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    await bench.start(process.execPath, [`--inspect=127.0.0.1:${port}`, 'test/fixtures/services/busy.mjs']);
    const entries = daemons.map(
      ({ address, port }, index) => `  web-0${index + 1}: { address: ${address}, ssh: { port: ${port} } }`,
    );
    await writeFile(
      join(bench.folder, 'muster.yaml'),
      `defaults: { ssh: { identityFile: ${farm.clientKey}, knownHosts: ${join(farm.directory, 'known_hosts')} } }
hosts:
${entries.join('\n')}
  down: { address: 127.0.0.1, ssh: { port: ${await freePort()} } }
groups:
  frozen: { hosts: [web-02], readOnly: true }
profilers:
  api: { type: node, on: web-*, url: "${url}", duration: 1s }
  printed: { type: command, on: web-01, run: 'printf "main;work 3\\nmain 1\\n"', duration: 1s }
  slow: { type: command, on: web-01, run: 'sleep 987651' }
`,
    );
  });
  afterAll(async () => {
    await bench[Symbol.asyncDispose]();
    await farm[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    cwd = await mkdtemp(join(bench.folder, 'work-'));
  });

  const capture = (...args: string[]) => muster(['profile', 'capture', ...args], { cwd });
  const read = async (name: string) => readProfile(await readFile(join(cwd, name)), name);

  it('writes the profile of one host to a file, with a profiler of muster.yaml', async () => {
    const { status, stderr } = await capture('web-01', '--profiler', 'api', '-o', 'api.cpuprofile');
    expect(stderr).toMatch(/web-01 .* KiB +spinHard \d+\.\d% +api\.cpuprofile/);
    expect(stderr).toMatch(/1 host: 1 ok in /);
    expect(status).toBe(0);
    expect(hottest(await read('api.cpuprofile'))[0]).toBe('spinHard');
    expect((await stat(join(cwd, 'api.cpuprofile'))).mode & 0o777).toBe(0o600);
  });

  it('names the file by itself, after the host and what was captured', async () => {
    expect((await capture('web-01', '--profiler', 'printed')).status).toBe(0);
    expect(await readdir(cwd)).toEqual(['web-01-profile.folded']);
    const file = join(cwd, 'web-01-profile.folded');
    await chmod(file, 0o666);
    expect((await capture('web-01', '--profiler', 'printed')).status).toBe(0);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('writes a file for each host into a folder, keeps the sound ones, and says what failed and why', async () => {
    const args = ['web-01', 'web-02', 'down', '--type', 'node', '--url', url, '--duration', '1s'];
    const { status, stderr } = await capture(...args, '-o', 'all');
    expect(status).toBe(1);
    expect((await readdir(join(cwd, 'all'))).sort()).toEqual(['web-01.cpuprofile', 'web-02.cpuprofile']);
    expect((await stat(join(cwd, 'all'))).mode & 0o777).toBe(0o700);
    expect(stderr).toMatch(/down REFUSED: .*\n(.*\n)*.*Nothing listens on that port/);
    expect(stderr).toMatch(/3 hosts: 2 ok, 1 failed/);
  });

  it('merges the profiles of several hosts, with the host as the outermost frame', async () => {
    const { status } = await capture('web-*', '--profiler', 'api', '--merge', '-o', 'fleet.pb.gz');
    expect(status).toBe(0);
    const { frames, tree } = await read('fleet.pb.gz');
    const outermost = [...tree.parent.keys()]
      .filter((node) => tree.parent[node] === 0)
      .map((node) => frames[tree.frame[node]!]!.name);
    expect(outermost.sort()).toEqual(['web-01', 'web-02']);
    await mkdir(join(cwd, 'all'));
    expect((await capture('web-*', '--profiler', 'api', '--merge', '-o', 'all')).status).toBe(0);
    expect((await readdir(join(cwd, 'all'))).sort()).toEqual([
      'merged.pb.gz',
      'web-01.cpuprofile',
      'web-02.cpuprofile',
    ]);
  });

  it('prints a profile to standard output, and JSON on demand', async () => {
    const printed = await capture('web-01', '--profiler', 'printed', '-o', '-');
    expect(printed.stdout).toBe('main;work 3\nmain 1\n');
    const { stdout } = await capture('web-01', '--profiler', 'printed', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      summary: { total: 1, ok: 1 },
      results: [
        {
          ...{ host: 'web-01', status: 'ok', file: join(cwd, 'web-01-profile.folded'), format: 'folded' },
          ...{ valueTypes: [{ name: 'samples', unit: 'count' }], hottest: { name: 'work', share: 0.75 } },
        },
      ],
    });
  });

  it('says how long each stage took and how many bytes came, in the trace of the batch', async () => {
    const { stdout } = await capture('web-01', '--profiler', 'printed', '--json');
    const { traceId, results } = JSON.parse(stdout);
    const stage = (phase: string) => ({
      ...{ name: 'phase', value: expect.any(Number), unit: 'ms' },
      attributes: { phase, offsetMs: expect.any(Number) },
    });
    expect(results).toMatchObject([{ traceId, spanId: expect.stringMatching(/^[\da-f]{16}$/) }]);
    expect(results[0].measurements).toEqual([
      ...['connecting', 'recording', 'receiving'].map(stage),
      { name: 'profile.size', value: expect.any(Number), unit: 'By' },
    ]);
  });

  it('begins no more hosts after the first failure with --fail-fast', async () => {
    const command = ['--type', 'command', '--run', 'exit 3', '-o', '.'];
    const { stdout } = await capture(
      'web-01',
      'down',
      ...command,
      '--concurrency',
      '1',
      '--fail-fast',
      '--json',
    );
    expect(JSON.parse(stdout).results).toMatchObject([
      { host: 'web-01', status: 'failed' },
      { host: 'down', status: 'skipped', error: { code: 'CANCELLED' }, measurements: [] },
    ]);
  });

  it('ends what runs on the host when it is interrupted, and exits with 130', async () => {
    const child = startMuster(['profile', 'capture', 'web-01', '--profiler', 'slow'], { cwd });
    const ended = endOf(child);
    await until('it to run', async () => (await processesLike(/^sleep 987651/)).length === 1);
    child.kill('SIGINT');
    expect((await ended).status).toBe(130);
    await until('it to be gone', async () => (await processesLike(/^sleep 987651/)).length === 0);
    expect(await readdir(cwd)).toEqual([]);
  });

  it.each([
    [[], 'name a profiler of muster.yaml with --profiler'],
    [['web-01', '--profiler', 'apii'], '--profiler: there is no apii, but api, printed, slow'],
    [['web-01', '--type', 'god', '--url', 'http://x'], '--type: there is no god, but go?'],
    [['web-01', '--type', 'go'], 'the type go needs --url'],
    [['web-01', '--type', 'go', '--url', 'http://me:secret@x'], '--url: a URL holds no user'],
    [['web-01', '--type', 'go', '--url', 'http://x', '--run', 'ls'], '--run means nothing to the type go'],
    [['web-01', '--type', 'perf', '--process', '('], '--process: no RE2 regular expression'],
    [['web-01', '--profiler', 'api', '--url', 'http://x'], '--url is for a profiler without --profiler'],
    [['web-01', '--profiler', 'api', '--kind', 'cpuu'], 'captures no “cpuu”'],
    [
      ['web-01', '--profiler', 'api', '--duration', '2h'],
      '--duration: "2h" is not more than 0 and at most 1h',
    ],
    [['web-01', '--type', 'perf', '--rate', '99999'], 'takes 10000 samples a second at most'],
    [['web-*', '--profiler', 'api'], 'name a folder for the files of 2 hosts'],
    [['web-*', '--profiler', 'api', '-o', '-'], 'several files cannot go to standard output'],
    [['down', '--profiler', 'api'], 'the profiler api is for none of these hosts'],
    [['web-01', '--type', 'jvm', '--merge'], 'recordings of the JVM cannot be merged'],
    [['web-02', '--type', 'perf'], 'web-02 is read-only'],
    [
      ['web-01', '--type', 'go', '--url', 'http://x', '--password-env', 'NO_SUCH'],
      'the variable NO_SUCH is not set',
    ],
  ])('with %j says what is wrong, and connects to nothing', async (args, message) => {
    const { status, stderr } = await capture(...args);
    expect(stderr).toContain(message);
    expect(status).toBe(2);
    expect(await readdir(cwd)).toEqual([]);
  });

  it('refuses an execution trace with what to do instead', async () => {
    const { status, stderr } = await capture(
      'web-01',
      '--type',
      'go',
      '--url',
      'http://x',
      '--kind',
      'trace',
    );
    expect(stderr).toMatch(/no flame graph[\s\S]*go tool trace/);
    expect(status).toBe(1);
  });
});
