import { userInfo } from 'node:os';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Deadline } from '../../../../src/platform/batch/deadline';
import { hostScript } from '../../../../src/platform/transport/hostScript';
import { recordScript } from '../../../../src/features/profiles/core/capture/recordScript';
import { processList } from '../../../../src/features/profiles/core/capture/processList';
import { SshdFarm, type Sshd } from '../../../harness/sshd';
import { accepts, freePort } from '../../../harness/ports';
import { until } from '../../../harness/until';
import { failure, hostOn, poolFor, ScriptedAuthority } from '../../../platform/integration/ssh/sshFixture';
import { CaptureBench, hottest, processesLike, profileOf, recordingsLeft } from './captureFixture';

const service = 'test/fixtures/services/busy.mjs';
const short = { durationMs: 1_000 };

describe('A capture over SSH', () => {
  let farm: SshdFarm;
  let daemons: Sshd[];
  let pool: Awaited<ReturnType<typeof poolFor>>;
  let bench: CaptureBench;
  let leftBefore: string[];
  const hosts = (count = 1) =>
    daemons.slice(0, count).map((daemon, index) => hostOn(farm, daemon, {}, `web-0${index + 1}`));

  beforeAll(async () => {
    leftBefore = await recordingsLeft();
    farm = await SshdFarm.create();
    daemons = await farm.startMany(3);
    pool = await poolFor(farm, daemons);
    bench = await CaptureBench.create();
  });
  afterAll(async () => {
    await bench[Symbol.asyncDispose]();
    await pool.dispose();
    await farm[Symbol.asyncDispose]();
    expect(await recordingsLeft()).toEqual(leftBefore);
  });

  describe('from a Node.js process with an inspector', () => {
    let url: string;
    beforeAll(async () => {
      const port = await freePort();
      await bench.start(process.execPath, [`--inspect=127.0.0.1:${port}`, service]);
      url = `http://127.0.0.1:${port}`;
    });

    it('names the function that computes', async () => {
      const stages: string[] = [];
      const report = await bench.capture(pool, hosts(), 'node', { url }, short, {
        onProgress: ({ stage }) => stages.push(stage),
      });
      expect(report.summary).toMatchObject({ total: 1, ok: 1, failed: 0 });
      expect(report.results[0]).toMatchObject({
        ending: '.cpuprofile',
        command: expect.stringContaining('busy.mjs'),
      });
      expect(hottest(await profileOf(report)).slice(0, 3)).toContain('spinHard');
      expect(stages).toEqual(['connecting', 'recording', 'receiving']);
    });

    it('keeps what was recorded until that is said to be enough, and begins nothing after it', async () => {
      const enough = new AbortController();
      const report = await bench.capture(
        pool,
        hosts(2),
        'node',
        { url },
        { durationMs: 3_600_000 },
        {
          ...{ finish: enough.signal, concurrency: 1 },
          onProgress: ({ stage }) => {
            if (stage === 'recording') setTimeout(() => enough.abort(), 1_000);
          },
        },
      );
      expect(report.results.map(({ status }) => status)).toEqual(['ok', 'skipped']);
      expect(hottest(await profileOf(report)).slice(0, 3)).toContain('spinHard');
    });

    it.each(['heap', 'allocations'])('names the function that allocates (%s)', async (kind) => {
      const report = await bench.capture(pool, hosts(), 'node', { url }, { ...short, kind });
      expect(report.results[0]!.ending).toBe('.heapprofile');
      expect(
        hottest(await profileOf(report))
          .slice(0, 5)
          .join(' '),
      ).toMatch(/allocateMuch|index|from/);
    });

    it('is one file for each host, and of a host that fails the others are kept', async () => {
      const [first, second, third] = hosts(3);
      await daemons[2]!.stop();
      const report = await bench.capture(pool, [first!, second!, third!], 'node', { url }, short);
      await daemons[2]!.resume();
      expect(report.results.map(({ status }) => status)).toEqual(['ok', 'ok', 'failed']);
      expect(report.results[2]!.error).toMatchObject({ code: 'REFUSED' });
      expect(report.results.map(({ file }) => file?.split('/').at(-1))).toEqual([
        'web-01.cpuprofile',
        'web-02.cpuprofile',
        undefined,
      ]);
    });
  });

  it('starts the inspector of a process that has none when it is told to, and stops it again', async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const [child] = await bench.start(process.execPath, [`--inspect-port=127.0.0.1:${port}`, service]);
    const refused = await bench.capture(pool, hosts(), 'node', { url }, short);
    expect(refused.results[0]!.error).toMatchObject({
      code: 'REFUSED',
      message: `no inspector listens on 127.0.0.1:${port}`,
      hint: expect.stringContaining('SIGUSR1'),
    });
    const settings = { url, startInspector: true, process: 'busy.mjs' };
    const report = await bench.capture(pool, hosts(), 'node', settings, { ...short, pid: child.pid });
    expect(hottest(await profileOf(report)).slice(0, 3)).toContain('spinHard');
    expect(report.results[0]!.notes).toEqual([
      `the inspector of process ${child.pid} was started with SIGUSR1`,
    ]);
    await until('the inspector to be closed', async () => !(await accepts(port)));
    expect(child.exitCode).toBeNull();
  });

  it('never sends SIGUSR1 to a process that it would end', async () => {
    const [child] = await bench.start('sh', ['-c', 'echo up; exec sleep 600']);
    const settings = { url: `http://127.0.0.1:${await freePort()}`, startInspector: true };
    const report = await bench.capture(pool, hosts(), 'node', settings, { ...short, pid: child.pid });
    expect(report.results[0]!.error).toMatchObject({
      code: 'PRECONDITION',
      message: `process ${child.pid} does not handle SIGUSR1, which would end it`,
    });
    expect(child.signalCode).toBeNull();
  });

  describe('with a command of the user', () => {
    it('takes what it prints, whatever the format', async () => {
      const run = 'printf "main;work %s\\nmain;idle %s\\n" $MUSTER_SECONDS $MUSTER_RATE';
      const report = await bench.capture(pool, hosts(2), 'command', { run }, { durationMs: 3_000, rate: 7 });
      const profile = await profileOf(report, 1);
      expect(profile.format).toBe('folded');
      expect(hottest(profile)).toEqual(['idle', 'work', 'main']);
      expect(profile.tree.self[0]!.reduce((sum, weight) => sum + weight, 0)).toBe(10);
    });

    it('says what the command said when it fails', async () => {
      const report = await bench.capture(pool, hosts(), 'command', {
        run: 'echo no such service >&2; exit 3',
      });
      expect(report.results[0]!.error).toMatchObject({
        code: 'EXIT_STATUS',
        message: 'the command: exit status 3: no such service',
      });
    });

    it('is interrupted when it is told that what was recorded is enough, and printed', async () => {
      const tool = `process.on('SIGINT', () => { console.log('ended'); process.exit(130); }); setInterval(() => {}, 1000); require('fs').writeFileSync(process.argv[1] + '/out', 'main 7'); process.title = 'listens for an end'`;
      const script = recordScript({
        ...{
          record: `exec "${process.execPath}" -e "${tool}" "$dir"`,
          print: 'cat "$dir/out"',
          endsEarly: true,
        },
      });
      const enough = new AbortController();
      using deadline = Object.assign(new Deadline(60_000), { [Symbol.dispose]() {} });
      const pending = hostScript(
        hosts()[0]!,
        script,
        { transport: pool, deadline },
        { finish: enough.signal },
      );
      await until('it to listen', async () => (await processesLike(/^listens for an end/)).length > 0);
      enough.abort();
      expect(await pending).toMatchObject({ exitCode: 0, stdout: 'main 7' });
    });

    it('leaves neither processes nor files when it is cancelled', async () => {
      const cancel = new AbortController();
      const pending = bench.capture(
        pool,
        hosts(2),
        'command',
        { run: 'sleep 987654 & sleep 987654; wait' },
        short,
        {
          signal: cancel.signal,
        },
      );
      await until('it to run', async () => (await processesLike(/^sleep 987654/)).length === 4);
      cancel.abort();
      const report = await pending;
      expect(report.results.map(({ status }) => status)).toEqual(['stopped', 'stopped']);
      await until('it to be gone', async () => (await processesLike(/^sleep 987654/)).length === 0);
      await until(
        'its folders to be gone',
        async () => (await recordingsLeft()).length === leftBefore.length,
      );
    });

    it('leaves neither processes nor files when the connection drops', async () => {
      // It is to be seen while it runs, however busy the machine is.
      const long = { durationMs: 60_000 };
      const pending = bench.capture(pool, hosts(), 'command', { run: 'sleep 987653' }, long);
      await until('it to run', async () => (await processesLike(/^sleep 987653/)).length === 1);
      // The daemon's processes of the connection alone: what they run is left to notice.
      for (const id of await daemons[0]!.connections()) process.kill(id, 'SIGKILL');
      expect((await pending).results[0]!.error?.code).toBe('RESET');
      await until('it to be gone', async () => (await processesLike(/^sleep 987653/)).length === 0);
      await until('its folder to be gone', async () => (await recordingsLeft()).length === leftBefore.length);
    });

    it('ends with its deadline', async () => {
      const report = await bench.capture(pool, hosts(), 'command', { run: 'sleep 987652' }, short, {
        timeoutMs: 1_500,
      });
      expect(report.results[0]!.error?.code).toBe('TIMEOUT');
      await until('it to be gone', async () => (await processesLike(/^sleep 987652/)).length === 0);
    });
  });

  it('explains a tool that is missing', async () => {
    const [child] = await bench.start('sh', ['-c', 'echo up; exec sleep 600']);
    const report = await bench.capture(pool, hosts(), 'py-spy', { path: 'no-py-spy' }, { pid: child.pid });
    expect(report.results[0]!.error).toMatchObject({
      code: 'PRECONDITION',
      message: 'no-py-spy is not on the host',
      hint: expect.stringContaining('pip install py-spy'),
    });
  });

  it('explains a process that is not there', async () => {
    const report = await bench.capture(pool, hosts(), 'py-spy', { process: '^no-such-service$' });
    expect(report.results[0]!.error).toMatchObject({
      code: 'PRECONDITION',
      message: 'no process has a command line that matches /^no-such-service$/',
    });
  });

  it('lists processes with CPU and memory, the busiest first', async () => {
    const [busy] = await bench.start(process.execPath, [service, '--of-the-list']);
    const deadline = new Deadline(60_000);
    const { listed, found } = await until('some work of the process', async () => {
      const listed = await processList(hosts()[0]!, { transport: pool, deadline });
      const found = listed.find(({ pid }) => pid === busy.pid)!;
      return (found.cpu ?? 0) >= 1 ? { listed, found } : undefined;
    });
    deadline.dispose();
    expect(found.command).toContain('busy.mjs --of-the-list');
    expect(found.memory).toBeGreaterThan(20_000_000);
    const shares = listed.map(({ cpu = 0 }) => cpu);
    expect(shares).toEqual(shares.toSorted((a, b) => b - a));
  });

  it('is refused on read-only hosts where it runs commands there, and is none where it only asks', async () => {
    const [target] = hosts();
    const source = { file: 'muster.yaml', line: 3, column: 5, endLine: 3, endColumn: 13 };
    const readOnly = { ...target!, readOnly: { group: 'production', source } };
    const error = await failure(bench.capture(pool, [readOnly], 'perf', {}, short));
    expect(error.code).toBe('READ_ONLY');
    const url = `http://127.0.0.1:${await freePort()}`;
    const report = await bench.capture(pool, [readOnly], 'node', { url }, short);
    expect(report.results[0]!.error?.code).toBe('REFUSED');
    expect((await failure(bench.capture(pool, [readOnly], 'node', { url, startInspector: true }))).code).toBe(
      'READ_ONLY',
    );
  });

  describe('from a service that speaks as net/http/pprof does', () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url!);
      const { authorization } = request.headers;
      if (authorization !== `Basic ${Buffer.from('me:sesame').toString('base64')}`)
        response.writeHead(401).end('who?');
      else if (request.url!.startsWith('/debug/pprof/profile'))
        response.writeHead(400).end("profile duration exceeds server's WriteTimeout\n");
      else if (request.url!.startsWith('/debug/pprof/heap')) response.end('main 1\n');
      else response.writeHead(404).end('404 page not found\n');
    });
    let settings: { url: string; auth: { username: string } };
    beforeAll(async () => {
      await once(server.listen(0, '127.0.0.1'), 'listening');
      settings = {
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        auth: { username: 'me' },
      };
    });
    afterAll(() => server.close());

    it('logs in, and asks again for a password that was refused', async () => {
      const authority = new ScriptedAuthority('reject', ['wrong', 'sesame']);
      const report = await bench.capture(pool, hosts(), 'go', settings, { kind: 'heap' }, { authority });
      expect(report.results[0]).toMatchObject({
        status: 'ok',
        command: `GET ${settings.url}/debug/pprof/heap`,
      });
      expect(authority.requests.map(({ retry, kind }) => [retry, kind])).toEqual([
        [false, 'password'],
        [true, 'password'],
      ]);
      expect(authority.worked).toEqual([authority.requests[1]]);
      expect(authority.requests[0]!.subject).toBe(`pprof me@${settings.url} through web-01`);
      // Another inventory may call another machine by this name.
      const [daemon] = daemons;
      expect(authority.requests[0]!.destination).toEqual({
        fingerprint: expect.stringMatching(/^SHA256:/),
        route: [`${userInfo().username}@${daemon!.address}:${daemon!.port}`],
        vouchedBy: 'user',
      });
      expect(JSON.stringify(report)).not.toContain('sesame');
    });

    it.each([
      [['sesame'], 'cpu', 'PROTOCOL', "profile duration exceeds server's WriteTimeout", /WriteTimeout/],
      [
        ['sesame'],
        'mutex',
        'PROTOCOL',
        'the answer is not a profile: status 404, 404 page not found',
        /net\/http\/pprof/,
      ],
      [[undefined], 'heap', 'AUTH', 'the service refused with status 401', /password/],
    ])('explains what it answers (%s, %s)', async (secrets, kind, code, message, hint) => {
      const authority = new ScriptedAuthority('reject', secrets);
      const report = await bench.capture(pool, hosts(), 'go', settings, { kind }, { authority });
      expect(report.results[0]!.error).toMatchObject({ code, message, hint: expect.stringMatching(hint) });
    });

    it('asks for the change over a time where one is named', async () => {
      const authority = new ScriptedAuthority('reject', ['sesame']);
      await bench.capture(pool, hosts(), 'go', settings, { kind: 'heap', durationMs: 5_000 }, { authority });
      expect(asked.at(-1)).toBe('/debug/pprof/heap?seconds=5');
    });
  });

  it('refuses an execution trace, and says why', async () => {
    const error = await failure(
      bench.capture(pool, hosts(), 'go', { url: 'http://127.0.0.1:1' }, { kind: 'trace' }),
    );
    expect(error.message).toMatch(/no flame graph/);
    expect(error.hint).toMatch(/go tool trace/);
  });
});
