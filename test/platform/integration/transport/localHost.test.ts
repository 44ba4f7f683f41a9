import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Deadline } from '../../../../src/platform/batch/deadline';
import { Operation } from '../../../../src/platform/operation/operation';
import { LocalTransport } from '../../../../src/platform/transport/local/localTransport';
import { freePort } from '../../../harness/ports';
import { until } from '../../../harness/until';
import { failure, host, nothingLeft, openResources, run } from '../ssh/sshFixture';

const here = { ...host('here', 'localhost'), transport: 'local' } as const;

describe('a host that is this machine', () => {
  let local: LocalTransport;
  let folder: string;
  let before: string[];

  beforeEach(async () => {
    before = openResources();
    local = new LocalTransport();
    folder = await mkdtemp(join(tmpdir(), 'muster-local-'));
  });
  afterEach(async () => {
    await local.dispose();
    await rm(folder, { recursive: true, force: true });
    await nothingLeft(before);
  });

  const isAlive = (pid: number) => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  /** Starts two processes, of which the second ignores TERM; their numbers. */
  const stubborn = async (deadline = new Deadline(0)) => {
    const place = await mkdtemp(join(folder, 'pids-'));
    const inner = `trap "" TERM; echo $$ > ${place}/inner; while :; do sleep 0.1; done`;
    const script = `sh -c '${inner}' & echo $$ > ${place}/outer; wait`;
    const channel = await local.exec(here, script, { deadline });
    const pidIn = (name: string) =>
      until(`the pid in ${name}`, async () =>
        Number(await readFile(join(place, name), 'utf8').catch(() => '')),
      );
    return { channel, pids: [await pidIn('outer'), await pidIn('inner')] };
  };

  describe('runs a command', () => {
    it('and gives both outputs and the exit status', async () => {
      expect(await run(local, here, 'echo out; echo err >&2; exit 3')).toEqual({
        ...{ stdout: 'out\n', stderr: 'err\n', exitCode: 3, signal: null },
      });
    });

    it('and says in its environment what it is a part of', async () => {
      const operation = Operation.begin('run', {});
      const options = { deadline: new Deadline(0), operation };
      const { stdout } = await local.exec(here, 'echo "$TRACEPARENT $HOME"', options);
      expect(await text(stdout)).toBe(`${operation.traceparent} ${homedir()}\n`);
    });

    it('and names the signal that ended it', async () => {
      expect(await run(local, here, 'kill -KILL $$')).toMatchObject({ exitCode: null, signal: 'KILL' });
    });

    it('in the home folder, with the environment of the user', async () => {
      const { stdout } = await run(local, here, 'pwd; printf %s "$PATH"');
      expect(stdout).toBe(`${homedir()}\n${process.env['PATH']}`);
    });

    it('without what VS Code sets for itself', async () => {
      vi.stubEnv('ELECTRON_RUN_AS_NODE', '1')
        .stubEnv('VSCODE_IPC_HOOK_CLI', '/x')
        .stubEnv('MUSTER_OWN', 'kept');
      const { stdout } = await run(local, here, 'env').finally(() => vi.unstubAllEnvs());
      expect(stdout).toMatch(/^MUSTER_OWN=kept$/m);
      expect(stdout).not.toMatch(/^(ELECTRON|VSCODE)_/m);
    });

    it('and passes input and output on as they are', async () => {
      const channel = await local.exec(here, 'cat', { deadline: new Deadline(0) });
      const input = randomBytes(5_000_000);
      channel.stdin.end(input);
      expect((await buffer(channel.stdout)).equals(input)).toBe(true);
    });

    it('which waits for a slow reader', async () => {
      const channel = await local.exec(here, `head -c 50000000 /dev/zero; echo done > ${folder}/done`, {
        deadline: new Deadline(0),
      });
      await once(channel.stdout, 'readable');
      await expect(readFile(join(folder, 'done'))).rejects.toThrow('ENOENT');
      channel.stdout.resume();
      expect(await channel.exit).toEqual({ exitCode: 0, signal: null });
    });

    it('which ends with the deadline, and all that it started with it, though a part ignores TERM', async () => {
      const { channel, pids } = await stubborn();
      const second = await stubborn(new Deadline(1000));
      expect(await failure(second.channel.exit)).toMatchObject({ code: 'TIMEOUT', phase: 'run' });
      await until('the second to be gone', () => !second.pids.some(isAlive));
      expect(pids.every(isAlive)).toBe(true);
      channel.close();
      await until('the first to be gone', () => !pids.some(isAlive));
    });

    it('which ends with the deadline though something has left its group and holds its output', async () => {
      const channel = await local.exec(here, 'setsid sleep 60 & echo $!; wait', {
        deadline: new Deadline(500),
      });
      channel.stderr.resume();
      const [line] = (await once(channel.stdout, 'data')) as [Buffer];
      expect((await failure(channel.exit)).code).toBe('TIMEOUT');
      // Nothing waits for it, and it is not ended: it has left on purpose.
      await local.dispose();
      expect(isAlive(Number(line))).toBe(true);
      process.kill(Number(line), 'SIGKILL');
    });

    it('which ends when it is cancelled', async () => {
      const cancel = new AbortController();
      const { channel, pids } = await stubborn(new Deadline(0, cancel.signal));
      cancel.abort();
      expect(await failure(channel.exit)).toMatchObject({ code: 'CANCELLED', phase: 'run' });
      await until('it to be gone', () => !pids.some(isAlive));
    });

    it('which ends with the transport', async () => {
      const { channel, pids } = await stubborn();
      await local.dispose();
      await until('it to be gone', () => !pids.some(isAlive));
      expect(await failure(channel.exit)).toMatchObject({ code: 'CANCELLED' });
      expect(await failure(run(local, here, 'true'))).toMatchObject({ code: 'CANCELLED', host: 'here' });
    });

    it('but not on Windows, and says what to do there', async () => {
      const windows = new LocalTransport('win32');
      const error = await failure(run(windows, here, 'true'));
      expect(error).toMatchObject({ code: 'PROTOCOL', host: 'here' });
      expect(error.message).toContain('Windows');
      expect(error.hint).toContain('WSL');
      await windows.dispose();
    });
  });

  describe('has terminals', () => {
    const open = async (request: { command?: string; columns?: number; rows?: number } = {}) => {
      const size = { term: 'xterm-256color', columns: 80, rows: 24, ...request };
      const shell = await local.shell(here, size, { deadline: new Deadline(0) });
      let shown = '';
      shell.stdout.on('data', (piece: Buffer) => (shown += piece.toString()));
      const shows = (what: string) => until(`${what} in ${shown}`, () => shown.includes(what));
      return { shell, shows };
    };

    it('of the size that was asked for, which may change', async () => {
      const { shell, shows } = await open({ command: 'sh', columns: 97, rows: 31 });
      shell.stdin.write('stty size; echo $TERM\n');
      await shows('31 97');
      await shows('xterm-256color');
      shell.resize(132, 43);
      shell.stdin.write('until [ "$(stty size)" = "43 132" ]; do :; done; echo grown\n');
      await shows('grown\r\n');
      shell.stdin.write('exit 42\n');
      expect(await shell.exit).toEqual({ exitCode: 42, signal: null });
    });

    it('which end with what runs in them', async () => {
      const { shell, shows } = await open({ command: 'echo "pid=$$."; exec sleep 987659' });
      await shows('.');
      const pid = Number(
        await until('its pid', async () =>
          (await run(local, here, 'pgrep -f "^sleep 987659"')).stdout.trim(),
        ),
      );
      shell.close();
      await until('it to be gone', () => !isAlive(pid));
      await shell.exit;
    });
  });

  describe('is connected to', () => {
    it('at a port, as it sees the address itself', async () => {
      const server = createServer((socket) => socket.end('hello')).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const stream = await local.connect(here, { address: '127.0.0.1', port }, { deadline: new Deadline(0) });
      expect(await text(stream)).toBe('hello');
      stream.destroy();
      server.close();
    });

    it('and says that nothing listens', async () => {
      const destination = { address: '127.0.0.1', port: await freePort() };
      const error = await failure(local.connect(here, destination, { deadline: new Deadline(0) }));
      expect(error).toMatchObject({ code: 'REFUSED', phase: 'connect', host: 'here' });
    });
  });
});
