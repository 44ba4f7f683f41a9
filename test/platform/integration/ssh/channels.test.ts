import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Deadline } from '../../../../src/platform/batch/deadline';
import type { HostChannel, HostTransport } from '../../../../src/platform/transport/hostTransport';
import { type Sshd, SshdFarm } from '../../../harness/sshd';
import { until } from '../../../harness/until';
import { failure, hostOn, nothingLeft, openResources, poolFor, run } from './sshFixture';

describe('a channel', () => {
  let farm: SshdFarm;
  let daemon: Sshd;
  let before: string[];

  beforeAll(async () => {
    farm = await SshdFarm.create();
    daemon = await farm.start({ address: '127.0.3.1' });
  });
  afterAll(() => farm[Symbol.asyncDispose]());
  beforeEach(() => {
    before = openResources();
  });
  afterEach(() => nothingLeft(before, [daemon]));

  /** Starts a command whose standard error nobody needs. */
  async function start(
    pool: HostTransport,
    command: string,
    deadline = new Deadline(0),
  ): Promise<HostChannel> {
    const channel = await pool.exec(hostOn(farm, daemon), command, { deadline });
    channel.stderr.resume();
    return channel;
  }
  const received = async (channel: HostChannel) => {
    const chunks: Buffer[] = [];
    channel.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    await channel.exit.catch(() => {});
    return Buffer.concat(chunks);
  };

  it('gives both outputs and the exit status', async () => {
    await using pool = await poolFor(farm, [daemon]);
    expect(await run(pool, hostOn(farm, daemon), 'echo out; echo err >&2; exit 3')).toEqual({
      stdout: 'out\n',
      stderr: 'err\n',
      exitCode: 3,
      signal: null,
    });
  });

  it('names the signal that ended the command', async () => {
    await using pool = await poolFor(farm, [daemon]);
    expect(await run(pool, hostOn(farm, daemon), 'kill -KILL $$')).toMatchObject({
      exitCode: null,
      signal: 'KILL',
    });
  });

  it('passes input on', async () => {
    await using pool = await poolFor(farm, [daemon]);
    const channel = await start(pool, 'cat');
    const input = randomBytes(5_000_000);
    channel.stdin.end(input);
    expect((await received(channel)).equals(input)).toBe(true);
  });

  it('passes binary output and broken UTF-8 on as they are', async () => {
    await using pool = await poolFor(farm, [daemon]);
    const bytes = Buffer.concat([
      Buffer.from([0, 255, 254, 0xc3, 0x28, 10, 0xf0, 0x9f]),
      randomBytes(300_000),
    ]);
    const file = path.join(farm.directory, 'bytes');
    await writeFile(file, bytes);
    const channel = await start(pool, `cat ${file}`);
    expect((await received(channel)).equals(bytes)).toBe(true);
  });

  it('takes 100 MB from one host without keeping them', async () => {
    await using pool = await poolFor(farm, [daemon]);
    const channel = await start(pool, 'head -c 104857600 /dev/zero');
    let bytes = 0;
    let peak = 0;
    const idle = process.memoryUsage.rss();
    channel.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      peak = Math.max(peak, process.memoryUsage.rss() - idle);
    });
    expect(await channel.exit).toEqual({ exitCode: 0, signal: null });
    expect(bytes).toBe(104_857_600);
    expect(peak).toBeLessThan(80_000_000);
  });

  it('makes the command wait for a slow reader', async () => {
    await using pool = await poolFor(farm, [daemon]);
    const progress = path.join(farm.directory, 'progress');
    const channel = await start(
      pool,
      `i=0; while [ $i -lt 60 ]; do head -c 1048576 /dev/zero; i=$((i+1)); echo $i > ${progress}; done`,
    );
    const { readFile } = await import('node:fs/promises');
    const written = async () => Number(await readFile(progress, 'utf8').catch(() => '0'));
    let last = -1;
    await until('the command to stand still', async () => {
      const now = await written();
      const still = now > 0 && now === last;
      last = now;
      await delay(200);
      return still;
    });
    expect(last).toBeLessThan(20);
    expect((await received(channel)).length).toBe(60 * 1_048_576);
  });

  it('ends the command when the batch is cancelled', async () => {
    await using pool = await poolFor(farm, [daemon]);
    const cancel = new AbortController();
    const channel = await start(pool, 'echo begun; exec sleep 62', new Deadline(0, cancel.signal));
    await new Promise((resolve) => channel.stdout.once('data', resolve));
    // The shell says that it has begun before it becomes that command.
    await until('the command', async () => (await commands(daemon, 'sleep 62')) === 1);
    cancel.abort();
    expect(await failure(channel.exit)).toMatchObject({ code: 'CANCELLED', phase: 'run' });
    await until('the command to be gone', async () => (await commands(daemon, 'sleep 62')) === 0);
    // The connection is as good as before.
    const logins = daemon.logins;
    await run(pool, hostOn(farm, daemon), 'true');
    expect(daemon.logins).toBe(logins);
  });

  it('ends the command when its time is over, and when it is closed', async () => {
    await using pool = await poolFor(farm, [daemon]);
    const limited = await start(pool, 'exec sleep 63', new Deadline(1500));
    limited.stdout.resume();
    expect(await failure(limited.exit)).toMatchObject({ code: 'TIMEOUT', phase: 'run' });
    const closed = await start(pool, 'exec sleep 63');
    closed.close();
    await closed.exit;
    await until('the commands to be gone', async () => (await commands(daemon, 'sleep 63')) === 0);
  });

  it('that is closed after its command has ended ends neither the connection nor other commands', async () => {
    await using pool = await poolFor(farm, [daemon]);
    const logins = daemon.logins;
    const other = await start(pool, 'sleep 1; echo undisturbed');
    const output = received(other);
    const channel = await start(pool, 'true');
    channel.stdout.resume();
    await channel.exit;
    channel.close();
    expect((await output).toString()).toBe('undisturbed\n');
    expect(await other.exit).toEqual({ exitCode: 0, signal: null });
    other.close();
    await delay(400); // Longer than a command gets to end after TERM.
    expect(await run(pool, hostOn(farm, daemon), 'echo again')).toMatchObject({ stdout: 'again\n' });
    expect(daemon.logins).toBe(logins + 1);
  });

  it('is given up with its connection when the command heeds no TERM', async () => {
    await using pool = await poolFor(farm, [daemon]);
    const channel = await start(pool, 'trap "" TERM; echo begun; for i in $(seq 60); do sleep 0.1; done');
    await new Promise((resolve) => channel.stdout.once('data', resolve));
    channel.close();
    await until('the connection to be closed', () => openResources().length <= before.length);
    expect((await run(pool, hostOn(farm, daemon), 'echo in')).stdout).toBe('in\n');
  });

  it('rejects with RESET when the link drops in the middle, and keeps what was received', async () => {
    await using pool = await poolFor(farm, [daemon]);
    const channel = await start(pool, 'echo kept; exec sleep 64');
    let output = '';
    channel.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await until('output', () => output !== '');
    await daemon.dropConnections();
    expect(await failure(channel.exit)).toMatchObject({ code: 'RESET', phase: 'run' });
    expect(output).toBe('kept\n');
  });

  it('fails in its phase when the server runs no commands', async () => {
    const closedShop = await farm.start({ address: '127.0.3.2', config: ['MaxSessions 0'] });
    {
      await using pool = await poolFor(farm, [closedShop]);
      const error = await failure(run(pool, hostOn(farm, closedShop), 'true'));
      expect(error).toMatchObject({ code: 'PROTOCOL', phase: 'channel', host: 'target' });
    }
    await closedShop.stop();
  });

  it('is opened without asking the server to prove its other keys', async () => {
    const proving = await farm.start({
      address: '127.0.3.3',
      hostKeyTypes: ['ed25519', 'rsa'],
      config: ['LogLevel DEBUG3'],
    });
    {
      await using pool = await poolFor(farm, [proving]);
      await run(pool, hostOn(farm, proving), 'true');
    }
    expect(proving.log).toContain('sent 2 hostkeys');
    expect(proving.log).not.toContain('hostkeys-prove');
    await proving.stop();
  });
});

/** How many processes of the daemon run the command line. */
async function commands(daemon: Sshd, commandLine: string): Promise<number> {
  const { readFile } = await import('node:fs/promises');
  const lines = await Promise.all(
    (await daemon.children()).map((id) => readFile(`/proc/${id}/cmdline`, 'latin1').catch(() => '')),
  );
  return lines.filter((line) => line.replaceAll('\0', ' ').trim() === commandLine).length;
}
