import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { runCommand } from '../../../../src/features/runs/core/runBatch';
import { Deadline } from '../../../../src/platform/batch/deadline';
import type { Host } from '../../../../src/platform/inventory/model';
import { createTransport } from '../../../../src/platform/transport/createTransport';
import type { HostTransport } from '../../../../src/platform/transport/hostTransport';
import type { SshPoolOptions } from '../../../../src/platform/transport/ssh/pool/createSshPool';
import { endOf, muster, startMuster } from '../../../harness/musterCli';
import { generateKey, type Sshd, SshdFarm } from '../../../harness/sshd';
import { sshdInventory } from '../../../harness/sshdInventory';
import { until } from '../../../harness/until';
import { startPasswordServer } from './passwordServer';
import {
  failure,
  host,
  hostOn,
  nothingLeft,
  openResources,
  poolOptions,
  run,
  ScriptedAuthority,
} from './sshFixture';

const worker = () => path.join(path.dirname(inject('cli')), 'ssh.worker.js');

describe('SSH in threads', () => {
  let farm: SshdFarm;
  let daemons: Sshd[];
  let before: string[];

  beforeAll(async () => {
    farm = await SshdFarm.create();
    daemons = await farm.startMany(4);
  });
  afterAll(() => farm[Symbol.asyncDispose]());
  beforeEach(() => {
    before = openResources();
  });
  afterEach(() => nothingLeft(before, daemons));

  async function threads(
    options: Partial<SshPoolOptions> = {},
    { trusted = daemons, file = worker(), count = 2 } = {},
  ): Promise<HostTransport & AsyncDisposable> {
    const transport = createTransport({
      ...(await poolOptions(farm, trusted, options)),
      sshThreads: { file, count },
    });
    return Object.assign(transport, { [Symbol.asyncDispose]: () => transport.dispose() });
  }

  const fleet = (): Host[] => daemons.map((daemon, index) => hostOn(farm, daemon, {}, `host-${index}`));
  const loginsOf = (some: readonly Sshd[]) => some.reduce((sum, { logins }) => sum + logins, 0);

  it('runs commands as in this one: both outputs, input, exit codes and signals', async () => {
    await using ssh = await threads();
    const logins = loginsOf(daemons);
    const [first] = fleet();
    const sent: boolean[] = [];
    const deadline = new Deadline(0);
    const cat = await ssh.exec(first!, 'cat; echo end >&2; exit 7', {
      deadline,
      onSent: (isSent) => sent.push(isSent),
    });
    // The connection is not this thread's.
    expect(openResources()).toEqual(before);
    cat.stdin.end('zażółć\n');
    expect(await Promise.all([text(cat.stdout), text(cat.stderr), cat.exit])).toEqual([
      'zażółć\n',
      'end\n',
      { exitCode: 7, signal: null },
    ]);
    expect(sent).toEqual([true]);
    expect(await run(ssh, first!, 'kill -s KILL $$')).toMatchObject({ exitCode: null, signal: 'KILL' });
    for (const one of fleet())
      expect(await run(ssh, one, 'echo in')).toEqual({
        stdout: 'in\n',
        stderr: '',
        exitCode: 0,
        signal: null,
      });
    expect(loginsOf(daemons) - logins).toBe(daemons.length);
  });

  it('passes large outputs on in order, and holds a host back whose output is not read', async () => {
    await using ssh = await threads();
    const [first] = fleet();
    const progress = path.join(farm.directory, 'progress');
    const [pieces, bytes] = [25, 4 * 1024 * 1024];
    const channel = await ssh.exec(
      first!,
      `for i in $(seq ${pieces}); do yes "piece $i" | head -c ${bytes}; echo $i >>${progress}; done`,
      { deadline: new Deadline(0) },
    );
    channel.stderr.resume();
    await once(channel.stdout, 'readable');
    // These take their time, in which a host that is not held back would write on.
    for (let round = 0; round < 4; round++) await run(ssh, first!, 'seq 1000');
    // The windows of this stream and of SSH, and what lies in pipes, hold less than three pieces.
    expect((await readFile(progress, 'utf8').catch(() => '')).split('\n').length).toBeLessThan(4);
    const hash = createHash('sha256');
    for await (const piece of channel.stdout) hash.update(piece as Buffer);
    expect(await channel.exit).toEqual({ exitCode: 0, signal: null });
    const expected = createHash('sha256');
    for (let piece = 1; piece <= pieces; piece++) expected.update(Buffer.alloc(bytes, `piece ${piece}\n`));
    expect(hash.digest('hex')).toBe(expected.digest('hex'));
  });

  it('sends an input of 40 MB to all, and ends with those that do not read it', async () => {
    await using ssh = await threads();
    const stdin = Buffer.alloc(40 * 1024 * 1024, 'some input\n');
    const digest = createHash('sha256').update(stdin).digest('hex');
    const [one, two, three] = fleet();
    const both = await runCommand(
      [one!, two!],
      { command: ['sha256sum'] },
      { transport: ssh, concurrency: 2, stdin },
    );
    expect(both.results.map(({ stdout }) => stdout)).toEqual([`${digest}  -\n`, `${digest}  -\n`]);
    const unread = await runCommand(
      [three!],
      { command: ['exit 3'] },
      { transport: ssh, concurrency: 1, stdin },
    );
    expect(unread.results).toMatchObject([{ exitCode: 3 }]);
  });

  it('leaves nothing when it is cancelled in the middle, and knows where commands were sent', async () => {
    await using ssh = await threads();
    const cancel = new AbortController();
    const logins = loginsOf(daemons);
    const begun: string[] = [];
    const report = runCommand(
      [...fleet(), ...fleet().map((one) => ({ ...one, name: `${one.name}-later` }))],
      { command: ['yes 1 & echo begun >&2; exec sleep 66'] },
      {
        ...{ transport: ssh, concurrency: daemons.length, signal: cancel.signal },
        onOutput: (name, stream) => {
          if (stream === 'stderr') begun.push(name);
        },
      },
    );
    await until('all to begin', () => begun.length === daemons.length);
    cancel.abort();
    const { summary } = await report;
    expect(summary).toMatchObject({ stopped: daemons.length, skipped: daemons.length, ok: 0, failed: 0 });
    expect(loginsOf(daemons) - logins).toBe(daemons.length);
  });

  it('ends a command at its deadline, and one that is closed', async () => {
    await using ssh = await threads();
    const [first] = fleet();
    const cancel = new AbortController();
    const deadline = new Deadline(0, cancel.signal);
    const channel = await ssh.exec(first!, 'sleep 66', { deadline });
    cancel.abort();
    expect(await failure(channel.exit)).toMatchObject({ code: 'CANCELLED', phase: 'run' });
    const closed = await ssh.exec(first!, 'exec sleep 66', { deadline: new Deadline(0) });
    closed.close();
    expect(await closed.exit).toEqual({ exitCode: null, signal: 'TERM' });
    expect(await failure(run(ssh, first!, 'sleep 66', { deadline: new Deadline(300) }))).toMatchObject({
      code: 'TIMEOUT',
    });
  });

  it('trusts as this one does: unknown and changed host keys are refused before anybody logs in', async () => {
    const [known, changed, unknown] = daemons as [Sshd, Sshd, Sshd];
    const logins = loginsOf(daemons);
    await using ssh = await threads({}, { trusted: [known] });
    await farm.write(
      'known_hosts',
      (await known.knownHostsLine()) +
        (await changed.knownHostsLine(known.hostKeys[0], `[${changed.address}]:${changed.port}`)),
    );
    const errors = await Promise.all(
      [changed, unknown].map((daemon) => failure(run(ssh, hostOn(farm, daemon, {}, 'db-1'), 'true'))),
    );
    expect(errors).toMatchObject([
      { code: 'HOST_KEY_MISMATCH', phase: 'handshake', host: 'db-1' },
      { code: 'HOST_KEY_UNKNOWN', phase: 'handshake', host: 'db-1' },
    ]);
    expect(errors[1]!.hint).toContain('ssh-keyscan');
    expect(loginsOf(daemons)).toBe(logins);
    expect(await run(ssh, hostOn(farm, known), 'true')).toMatchObject({ exitCode: 0 });
  });

  it('asks once about a key that hosts of several threads have in common, and one writes it down', async () => {
    const alias = await farm.write('alias.conf', 'Host *\n  HostKeyAlias the-fleet\n');
    const [first] = daemons as [Sshd];
    await using twin = {
      daemon: await farm.start({ hostKey: first.hostKeys[0]! }),
      [Symbol.asyncDispose]: () => twin.daemon.stop(),
    };
    const both = [first, twin.daemon];
    for (const decision of ['once', 'remember'] as const) {
      const authority = new ScriptedAuthority(async () => {
        await until('both to be connected to', async () =>
          (await Promise.all(both.map((daemon) => daemon.connections()))).every(({ length }) => length > 0),
        );
        return decision;
      });
      const knownHostsFile = path.join(farm.directory, `own-${decision}`, 'known_hosts');
      await using ssh = await threads({ authority, knownHostsFile }, { trusted: [] });
      const hosts = both.map((daemon, index) =>
        hostOn(farm, daemon, { configFiles: [alias] }, `one-of-${index}`),
      );
      await Promise.all(hosts.map((one) => run(ssh, one, 'true')));
      await Promise.all(
        hosts.map((one) => run(ssh, { ...one, ssh: { ...one.ssh, connectTimeoutMs: 4000 } }, 'true')),
      );
      expect(authority.hostKeys).toHaveLength(1);
      // Whose name it is is what the inventory says, so it is remembered for that alone.
      const files = await readdir(`${knownHostsFile}.d`).catch(() => []);
      const lines = await Promise.all(
        files.map((name) => readFile(path.join(`${knownHostsFile}.d`, name), 'utf8')),
      );
      expect(lines.join('').match(/^the-fleet /gm) ?? []).toHaveLength(decision === 'once' ? 0 : 1);
    }
  });

  it('writes down the keys that several threads learn at a time, each once and whole', async () => {
    const knownHostsFile = path.join(farm.directory, 'learned', 'known_hosts');
    const authority = new ScriptedAuthority('remember');
    await using ssh = await threads({ authority, knownHostsFile }, { trusted: [], count: 4 });
    const hosts = [
      ...fleet(),
      ...fleet().map((one) => ({ ...one, ssh: { ...one.ssh, identitiesOnly: true } })),
    ];
    const report = await runCommand(hosts, { command: ['true'] }, { transport: ssh, concurrency: 8 });
    expect(report.summary.ok).toBe(hosts.length);
    expect(authority.hostKeys).toHaveLength(daemons.length);
    const expected = await Promise.all(daemons.map((daemon) => daemon.knownHostsLine()));
    const lines = (await readFile(knownHostsFile, 'utf8')).trimEnd().split('\n');
    expect(lines.sort()).toEqual(expected.map((line) => line.trim()).sort());
  });

  it('asks once for the passphrase of a key that all threads log in with', async () => {
    const key = await generateKey(path.join(farm.directory, 'locked'), 'ed25519', {
      passphrase: 'open sesame',
    });
    await farm.authorize(`${key}.pub`);
    const authority = new ScriptedAuthority('reject', ['wrong', 'open sesame']);
    await using ssh = await threads({ authority });
    const hosts = daemons.map((daemon, index) =>
      hostOn(farm, daemon, { identityFile: [key] }, `host-${index}`),
    );
    const logins = loginsOf(daemons);
    const report = await runCommand(hosts, { command: ['true'] }, { transport: ssh, concurrency: 4 });
    expect(report.summary.ok).toBe(4);
    expect(loginsOf(daemons) - logins).toBe(4);
    expect(authority.requests.map(({ kind, retry }) => [kind, retry])).toEqual([
      ['passphrase', false],
      ['passphrase', true],
    ]);
    expect(authority.worked).toHaveLength(1);
  });

  it('asks for a password once, and says that it worked', async () => {
    const [daemon] = daemons as [Sshd];
    await using server = await startPasswordServer(daemon.hostKeys[0]!, ['password']);
    const authority = new ScriptedAuthority('reject', ['wrong', 'secret']);
    await using ssh = await threads({ authority }, { trusted: [] });
    const own = `[127.0.0.1]:${server.port}`;
    await farm.write('known_hosts', await daemon.knownHostsLine(daemon.hostKeys[0], own));
    const target = host('typed', '127.0.0.1', { user: 'ops', port: server.port });
    const outputs = await Promise.all([1, 2, 3].map(() => run(ssh, target, 'true')));
    expect(outputs.map(({ stdout }) => stdout)).toEqual(['in\n', 'in\n', 'in\n']);
    expect(authority.requests).toMatchObject([
      { kind: 'password', subject: `ops@127.0.0.1:${server.port}`, retry: false, destination: { route: [] } },
      { kind: 'password', retry: true },
    ]);
    expect(authority.worked).toEqual([authority.requests[1]]);
    expect(await ssh.destinationThrough(target, { deadline: new Deadline(0) })).toMatchObject({
      vouchedBy: 'user',
    });
  });

  it('leads to all hosts behind a jump through one connection to it', async () => {
    const [bastion, ...behind] = daemons as [Sshd, ...Sshd[]];
    const logins = bastion.logins;
    const inventory = new Map([['bastion', hostOn(farm, bastion, {}, 'bastion')]]);
    await using ssh = await threads({ inventoryHost: (name) => inventory.get(name) });
    const hosts = behind.map((daemon, index) =>
      hostOn(farm, daemon, { proxyJump: ['bastion'] }, `behind-${index}`),
    );
    const report = await runCommand(hosts, { command: ['echo in'] }, { transport: ssh, concurrency: 8 });
    expect(report.summary.ok).toBe(behind.length);
    expect(bastion.logins - logins).toBe(1);
  });

  it('loses the hosts of a thread that breaks down, and no others', async () => {
    const file = await farm.write(
      'breaking.worker.js',
      `require(${JSON.stringify(worker())});
require('node:worker_threads').parentPort.on('message', (requests) => {
  if (requests.some(({ args }) => args?.[0]?.command === 'break down')) throw new Error('broken');
});`,
    );
    await using ssh = await threads({}, { file });
    const [one, two] = fleet() as [Host, Host];
    const deadline = new Deadline(0);
    const channels = [];
    for (const target of [one, two]) {
      const channel = await ssh.exec(target, 'echo begun; cat; exit 4', { deadline });
      channel.stderr.resume();
      channels.push({ channel, output: text(channel.stdout) });
    }
    const sent: boolean[] = [];
    const broken = await failure(
      ssh.exec(one, 'break down', { deadline, onSent: (isSent) => sent.push(isSent) }),
    );
    expect(broken).toMatchObject({ code: 'INTERNAL', host: one.name, cause: { message: 'broken' } });
    // Nobody knows whether it was.
    expect(sent.at(-1)).toBe(true);
    const [lost, kept] = channels as [(typeof channels)[0], (typeof channels)[0]];
    expect(await failure(lost.channel.exit)).toMatchObject({ code: 'INTERNAL' });
    expect(await lost.output).toBe('begun\n');
    kept.channel.stdin.end('on');
    expect(await kept.channel.exit).toEqual({ exitCode: 4, signal: null });
    expect(await kept.output).toBe('begun\non');
    expect(await run(ssh, one, 'echo again')).toMatchObject({ stdout: 'again\n', exitCode: 0 });
  });

  it('keeps routes with a command of their own in this thread', async () => {
    await using ssh = await threads();
    const [first] = daemons as [Sshd];
    const relay = `exec ${process.execPath} -e 'const s=require("net").connect(%p,"%h");process.stdin.pipe(s);s.pipe(process.stdout)'`;
    const target = hostOn(farm, first, { proxyCommand: relay });
    const channel = await ssh.exec(target, 'cat', { deadline: new Deadline(0) });
    expect(openResources().length).toBeGreaterThan(before.length);
    channel.stdin.end();
    channel.stderr.resume();
    expect(await text(channel.stdout)).toBe('');
  });

  it('ends what runs when it is disposed', async () => {
    const ssh = await threads();
    const channel = await ssh.exec(fleet()[0]!, 'echo begun; exec sleep 66', { deadline: new Deadline(0) });
    const exit = failure(channel.exit);
    channel.stdout.resume();
    channel.stderr.resume();
    await ssh.dispose();
    expect(await exit).toMatchObject({ code: 'CANCELLED' });
    expect(await failure(run(ssh, fleet()[0]!, 'true'))).toMatchObject({ code: 'CANCELLED' });
  });

  describe('of muster', () => {
    let inventory: string;

    beforeAll(async () => {
      const hosts = daemons.map((daemon, index) => ({ name: `host-${index}`, daemon }));
      const files = await sshdInventory(farm, hosts);
      const folder = path.join(farm.directory, 'inventory');
      await mkdir(folder);
      for (const [name, content] of Object.entries(files)) await writeFile(path.join(folder, name), content);
      inventory = path.join(folder, 'muster.yaml');
    });

    it('are as many as --ssh-threads says', async () => {
      const words = ['run', '-i', inventory, '*', '--ssh-threads', '2', '--json', '--', 'echo in; exit 3'];
      const { status, stdout } = await muster(words);
      expect(status).toBe(1);
      const { results } = JSON.parse(stdout) as { results: object[] };
      expect(results).toEqual(
        daemons.map(() => expect.objectContaining({ exitCode: 3, stdout: 'in\n' }) as object),
      );
      const wrong = await muster(['run', '-i', inventory, '*', '--ssh-threads', 'many', '--', 'true']);
      expect(wrong).toMatchObject({ status: 2 });
      expect(wrong.stderr).toContain('--ssh-threads: "many" is not a number from 0 to 16');
    });

    it('leave nothing on hosts after Ctrl-C', async () => {
      const child = startMuster([
        'run',
        '-i',
        inventory,
        '*',
        '--ssh-threads',
        '2',
        '--json',
        '--',
        'exec sleep 66',
      ]);
      const ended = endOf(child);
      await until('sleep on all hosts', async () => {
        const trees = await Promise.all(daemons.map((daemon) => daemon.children()));
        const commands = await Promise.all(trees.flat().map(commandOf));
        return commands.filter((command) => command.startsWith('sleep')).length === daemons.length;
      });
      child.kill('SIGINT');
      const { status, stdout } = await ended;
      expect(status).toBe(130);
      expect(JSON.parse(stdout)).toMatchObject({ summary: { stopped: daemons.length, ok: 0 } });
    });
  });
});

const commandOf = (id: number): Promise<string> => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '');
