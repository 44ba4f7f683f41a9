import { StringDecoder } from 'node:string_decoder';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Deadline } from '../../../../src/platform/batch/deadline';
import type {
  ShellRequest,
  HostTransport,
  HostShell,
} from '../../../../src/platform/transport/hostTransport';
import { type Sshd, SshdFarm } from '../../../harness/sshd';
import { until } from '../../../harness/until';
import { failure, hostOn, nothingLeft, openResources, poolFor, run } from './sshFixture';

describe('a shell with a terminal', () => {
  let farm: SshdFarm;
  let daemon: Sshd;
  let strict: Sshd;
  let before: string[];

  beforeAll(async () => {
    farm = await SshdFarm.create();
    daemon = await farm.start();
    strict = await farm.start({ config: ['PermitTTY no'] });
  });
  afterAll(() => farm[Symbol.asyncDispose]());
  beforeEach(() => {
    before = openResources();
  });
  afterEach(() => nothingLeft(before, [daemon, strict]));

  const size = { term: 'xterm-256color', columns: 80, rows: 24 };
  const open = async (pool: HostTransport, request: Partial<ShellRequest> = {}, deadline = new Deadline(0)) =>
    new Screen(await pool.shell(hostOn(farm, daemon), { ...size, ...request }, { deadline }));

  it('has the size it was opened with, and hears of another one', async () => {
    await using pool = await poolFor(farm, [daemon]);
    const screen = await open(pool, { columns: 97, rows: 31, command: 'sh' });
    screen.type('stty size; echo $TERM\n');
    await screen.shows('31 97');
    await screen.shows('xterm-256color');
    screen.shell.resize(132, 43);
    screen.type('stty size\n');
    await screen.shows('43 132');
    screen.type('exit\n');
    await screen.shell.exit;
  });

  it('tells how it ended', async () => {
    await using pool = await poolFor(farm, [daemon]);
    const screen = await open(pool);
    screen.type('exit 42\n');
    expect(await screen.shell.exit).toEqual({ exitCode: 42, signal: null });
    const killed = await open(pool, { command: 'kill -KILL $$' });
    expect(await killed.shell.exit).toMatchObject({ signal: 'KILL' });
  });

  it('carries every character, however the bytes are cut', async () => {
    await using pool = await poolFor(farm, [daemon]);
    const text = '機器 ünïcödé 👩‍💻 '.repeat(2_000);
    const screen = await open(pool, { command: 'stty raw -echo; echo ready; exec cat' });
    await screen.shows('ready');
    screen.type(text);
    await screen.shows(text);
    screen.shell.close();
    await screen.shell.exit;
  });

  it('ends with what runs in it when it is closed', async () => {
    await using pool = await poolFor(farm, [daemon]);
    const screen = await open(pool, { command: 'sh' });
    screen.type('sleep 1000 & sleep 2000\n');
    await until('both to run', async () => (await daemon.children()).length >= 4);
    screen.shell.close();
    await screen.shell.exit;
    // The connection stays, idle: its process, and for another user than root a second one.
    await until('the shell to be gone', async () => (await daemon.children()).length <= 2);
  });

  it('takes a slot and gives it back', async () => {
    await using pool = await poolFor(farm, [daemon], { maxSessions: 1 });
    const logins = daemon.logins;
    const first = await open(pool, { command: 'sh' });
    expect((await run(pool, hostOn(farm, daemon), 'echo beside')).stdout).toBe('beside\n');
    expect(daemon.logins - logins).toBe(2);
    first.shell.close();
    await first.shell.exit;
    const second = await open(pool, { command: 'sh' });
    expect(daemon.logins - logins).toBe(2);
    second.shell.close();
    await second.shell.exit;
  });

  it('keeps its connection from expiring', async () => {
    await using pool = await poolFor(farm, [daemon], { idleMs: 50 });
    const screen = await open(pool, { command: 'sleep 0.4; echo still here' });
    await screen.shows('still here');
    expect(await screen.shell.exit).toMatchObject({ exitCode: 0 });
  });

  it('is told when the link drops', async () => {
    await using pool = await poolFor(farm, [daemon]);
    const screen = await open(pool, { command: 'echo up; cat' });
    await screen.shows('up');
    await daemon.dropConnections();
    expect(await failure(screen.shell.exit)).toMatchObject({ code: 'RESET', phase: 'run' });
    const again = await open(pool, { command: 'echo up again' });
    await again.shows('up again');
    await again.shell.exit;
  });

  it('outlives a cancelled command of the same connection, which is ended nevertheless', async () => {
    await using pool = await poolFor(farm, [daemon]);
    const logins = daemon.logins;
    const screen = await open(pool, { command: 'sh' });
    screen.type('echo $((40 + 2))\n');
    await screen.shows('42');
    const others = (await daemon.children()).length;
    const controller = new AbortController();
    const deadline = new Deadline(0, controller.signal);
    const command = await pool.exec(hostOn(farm, daemon), 'trap "" HUP; sleep 3000', { deadline });
    await until('the command to run', async () => (await daemon.children()).length > others);
    controller.abort();
    await failure(command.exit);
    await until('the command to be gone', async () => (await daemon.children()).length === others);
    screen.type('echo $((60 + 7))\n');
    await screen.shows('67');
    expect(daemon.logins - logins).toBe(1);
    screen.type('exit\n');
    await screen.shell.exit;
  });

  it('is closed when nobody waits for it any more', async () => {
    await using pool = await poolFor(farm, [daemon]);
    await run(pool, hostOn(farm, daemon), 'true');
    const controller = new AbortController();
    const opening = failure(open(pool, {}, new Deadline(0, controller.signal)));
    await Promise.resolve();
    controller.abort();
    expect(await opening).toMatchObject({ code: 'CANCELLED' });
  });

  it('ends when the pool is disposed of', async () => {
    const pool = await poolFor(farm, [daemon]);
    const screen = await open(pool, { command: 'sh' });
    const ended = failure(screen.shell.exit);
    await pool.dispose();
    expect(await ended).toMatchObject({ code: 'CANCELLED' });
  });

  it('says what to do where the server gives no terminal', async () => {
    await using pool = await poolFor(farm, [strict]);
    const error = await failure(pool.shell(hostOn(farm, strict), size, { deadline: new Deadline(0) }));
    expect(error).toMatchObject({ code: 'PROTOCOL', phase: 'channel', host: 'target' });
    expect(error.hint).toContain('PermitTTY');
    // The slot was given back.
    expect((await run(pool, hostOn(farm, strict), 'echo fine')).stdout).toBe('fine\n');
  });
});

/** What a terminal has shown so far. */
class Screen {
  private text = '';

  constructor(readonly shell: HostShell) {
    const decoder = new StringDecoder();
    shell.stdout.on('data', (bytes: Buffer) => (this.text += decoder.write(bytes)));
  }

  type(text: string): void {
    this.shell.stdin.write(text);
  }

  async shows(text: string): Promise<void> {
    await until(`the terminal to show ${text.slice(0, 40)}`, () => this.text.includes(text));
  }
}
