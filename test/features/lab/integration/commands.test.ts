import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import ssh2, { type Client, type ClientChannel, type SFTPWrapper } from 'ssh2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadInventory } from '../../../harness/inventories';
import type { Inventory } from '../../../../src/platform/inventory/model';
import { Deadline } from '../../../../src/platform/batch/deadline';
import { denyingAuthority, silentLogger } from '../../../../src/platform/host/host';
import { createSshPool } from '../../../../src/platform/transport/ssh/pool/createSshPool';
import { startLab, type Lab } from '../../../../src/features/lab/core/startLab';
import { until } from '../../../harness/until';
import { isRunning } from './leftovers';
import { OpenSsh, runProgram } from './openSsh';

describe.each([
  { kind: 'an in-process host', sshd: false },
  { kind: 'a host with the real sshd', sshd: true },
])('$kind of the lab', ({ sshd }) => {
  let lab: Lab;
  let inventory: Inventory;
  let ssh: OpenSsh;

  beforeAll(async () => {
    lab = await startLab({ sshd });
    inventory = await loadInventory(lab.inventoryFile);
    ssh = await OpenSsh.for(inventory);
  });
  afterAll(async () => {
    await ssh[Symbol.asyncDispose]();
    await lab.stop();
  });

  /** A connection of ssh2's client to web-01. */
  async function connectClient(): Promise<Client> {
    const { address, ssh: settings } = inventory.hosts.get('web-01')!;
    const client = new ssh2.Client();
    client.connect({
      host: address,
      port: settings.port,
      username: settings.user,
      privateKey: await readFile(settings.identityFile![0]!),
    });
    await once(client, 'ready');
    return client;
  }

  function exec(client: Client, command: string): Promise<ClientChannel> {
    return new Promise((resolve, reject) => {
      client.exec(command, (error, channel) => (error ? reject(error) : resolve(channel)));
    });
  }

  function exitCodeOf(client: Client, command: string): Promise<number | null> {
    return new Promise((resolve, reject) => {
      // Within the callback: the exit may come in the same packet as the answer to the request.
      client.exec(command, (error, channel) => {
        if (error) reject(error);
        else channel.once('exit', resolve).resume();
      });
    });
  }

  it('runs a command in its own folder, under its own name', async () => {
    const { code, stdout } = await ssh.run('web-05', 'hostname; pwd; echo "$HOME"; echo "$MUSTER_LAB_ROLE"');
    const folder = join(lab.directory, 'hosts', 'web-05');
    expect({ code, lines: stdout.split('\n') }).toEqual({
      code: 0,
      lines: ['web-05', folder, folder, 'web', ''],
    });
  });

  it('gives back exit status, output and errors', async () => {
    const result = await ssh.run('web-01', 'echo out; echo err >&2; exit 42');
    expect(result).toEqual({ code: 42, stdout: 'out\n', stderr: 'err\n' });
  });

  it('loses nothing of a megabyte on both outputs', async () => {
    const { stdout, stderr } = await ssh.run(
      'web-01',
      'head -c 1000000 /dev/zero; head -c 1000000 /dev/zero >&2',
    );
    expect([stdout.length, stderr.length]).toEqual([1_000_000, 1_000_000]);
  });

  it('passes standard input on to its end', async () => {
    const { stdout } = await ssh.run('web-01', 'wc -c', { input: 'x'.repeat(300_000) });
    expect(stdout.trim()).toBe('300000');
  });

  it('takes the environment that the client sends, but not over its own', async () => {
    const { stdout } = await ssh.run('web-01', 'echo "$COLOUR $MUSTER_LAB_HOST"', {
      options: ['-o', 'SetEnv=COLOUR=teal MUSTER_LAB_HOST=intruder'],
    });
    expect(stdout).toBe('teal web-01\n');
  });

  it('shows a disk of its own, which a visitor can fill', async () => {
    const disk = "df -P / | awk 'NR==2{print $5+0}'";
    expect((await ssh.run('db-2', disk)).stdout).toBe('84\n');
    expect((await ssh.run('cache-1', `echo 97 > disk-used-percent; ${disk}`)).stdout).toBe('97\n');
  });

  it('is reached through the bastion where the inventory says so', async () => {
    expect(inventory.hosts.get('db-1')?.ssh.proxyJump).toEqual(['bastion']);
    const { code, stdout } = await ssh.run('db-1', 'hostname');
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'db-1\n' });
  });

  it('is reached through two hops', async () => {
    const { stdout } = await ssh.run('db-3', 'hostname', { options: ['-J', 'bastion,web-01'] });
    expect(stdout).toBe('db-3\n');
  });

  it('refuses another key', async () => {
    const other = join(lab.directory, 'other');
    await runProgram('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', other]);
    const { ssh: settings, address } = inventory.hosts.get('web-01')!;
    const { code, stderr } = await runProgram('ssh', [
      ...['-F', '/dev/null', '-i', other, '-o', 'IdentitiesOnly=yes', '-o', 'BatchMode=yes'],
      ...['-o', `UserKnownHostsFile=${settings.knownHosts?.[0]}`, '-p', String(settings.port)],
      ...[`${settings.user}@${address}`, 'true'],
    ]);
    expect(code).toBe(255);
    expect(stderr).toContain('Permission denied (publickey)');
  });

  it('refuses passwords', async () => {
    const { ssh: settings, address } = inventory.hosts.get('web-01')!;
    const client = new ssh2.Client();
    client.connect({ host: address, port: settings.port, username: settings.user, password: 'secret' });
    const [error] = (await once(client, 'error')) as [Error];
    expect(error.message).toContain('authentication methods failed');
    client.end();
  });

  it('forwards to nothing outside of the lab', async () => {
    const outside = createServer((socket) => socket.end('hello')).listen(0, '127.0.0.1');
    await once(outside, 'listening');
    const { port } = outside.address() as AddressInfo;
    const { code, stdout } = await runProgram('ssh', ssh.arguments('bastion', '-W', `127.0.0.1:${port}`));
    expect({ code, stdout }).toEqual({ code: 255, stdout: '' });
    outside.close();
  });

  it('has ten sessions on a connection and refuses the eleventh', async () => {
    const client = await connectClient();
    const channels = await Promise.all(Array.from({ length: 10 }, () => exec(client, 'cat')));
    await expect(exec(client, 'true')).rejects.toThrow(/open failure/);
    channels[0]!.end();
    await once(channels[0]!.resume(), 'close');
    // A server counts the session until it has seen its command end.
    const next = await until('a free session', () => exec(client, 'echo again').catch(() => undefined));
    expect(await text(next)).toBe('again\n');
    client.end();
  });

  // OpenSSH cuts commands at a NUL, passes no signals to forced ones, and lets those without a terminal run on.
  if (!sshd) {
    it('forwards to a unix socket in its own folder, and to none elsewhere', async () => {
      const path = join(lab.directory, 'hosts', 'web-01', 'app.sock');
      const service = createServer((socket) => socket.end('hello\n')).listen(path);
      await once(service, 'listening');
      const other = createServer().listen(join(lab.directory, 'other.sock'));
      await once(other, 'listening');
      const pool = createSshPool({
        logger: silentLogger,
        authority: denyingAuthority,
        knownHostsFile: join(lab.directory, 'none'),
        inventoryFile: () => lab.inventoryFile,
        sshConfigFiles: [],
      });
      const deadline = new Deadline(60_000);
      const open = async (socket: string) =>
        text(await pool.connect(inventory.hosts.get('web-01')!, { path: socket }, { deadline }));
      expect(await open(path)).toBe('hello\n');
      await expect(open(join(lab.directory, 'other.sock'))).rejects.toThrow('does not connect');
      await expect(open(`${lab.directory}/hosts/web-01/../../other.sock`)).rejects.toThrow(
        'does not connect',
      );
      deadline.dispose();
      await pool.dispose();
      service.close();
      other.close();
    });

    it('passes signals on and names them in the end', async () => {
      const client = await connectClient();
      const channel = await exec(client, 'echo ready; exec sleep 600');
      await once(channel, 'data');
      channel.signal('TERM');
      const [code, signal] = (await once(channel, 'exit')) as [number | null, string];
      expect({ code, signal: signal.replace(/^SIG/, '') }).toEqual({ code: null, signal: 'TERM' });
      client.end();
    });

    it('answers a command that the system refuses, and lives on', async () => {
      const client = await connectClient();
      expect(await exitCodeOf(client, 'echo \0')).toBe(127);
      expect(await text(await exec(client, 'echo alive'))).toBe('alive\n');
      client.end();
    });

    it('gives terminals: size, type and exit status', async () => {
      const client = await connectClient();
      const channel = await new Promise<ClientChannel>((resolve, reject) => {
        client.shell({ term: 'xterm-256color', cols: 91, rows: 31 }, (error, opened) =>
          error ? reject(error) : resolve(opened),
        );
      });
      let screen = '';
      channel.setEncoding('utf8').on('data', (part: string) => (screen += part));
      const shows = (pattern: RegExp) =>
        until(`${pattern} in ${JSON.stringify(screen)}`, () => pattern.exec(screen));
      channel.write('stty size; echo $TERM\r');
      await shows(/^31 91\r\nxterm-256color\r$/m);
      channel.setWindow(25, 70, 0, 0);
      await until('the new size', () => {
        channel.write('stty size\r');
        return /^25 70\r$/m.test(screen);
      });
      channel.write('exit 7\r');
      const [code] = (await once(channel, 'exit')) as [number];
      expect(code).toBe(7);
      client.end();
    });

    it('kills what runs in a terminal when the client goes away', async () => {
      const client = spawn('ssh', ['-tt', ...ssh.arguments('web-01')]);
      let screen = '';
      client.stdout.setEncoding('utf8').on('data', (part: string) => (screen += part));
      client.stdin.write('sleep 600 & echo pid-$!\n');
      const [, id] = await until('an id', () => /^pid-(\d+)\r$/m.exec(screen));
      expect(await isRunning(Number(id))).toBe(true);
      client.kill('SIGKILL');
      await until('end of the shell', async () => !(await isRunning(Number(id))));
    });

    it('gives files over SFTP', async () => {
      const client = await connectClient();
      const sftp = await new Promise<SFTPWrapper>((resolve, reject) => {
        client.sftp((error, opened) => (error ? reject(error) : resolve(opened)));
      });
      const content = await new Promise<Buffer>((resolve, reject) => {
        sftp.readFile('disk-used-percent', (error, read) => (error ? reject(error) : resolve(read)));
      });
      expect(content.toString()).toMatch(/^\d+\n$/);
      client.end();
    });

    it('kills the command and its children when the client goes away', async () => {
      const client = spawn('ssh', [...ssh.arguments('web-01'), 'sleep 600 & echo $! $$; wait']);
      const [line] = (await once(client.stdout, 'data')) as [Buffer];
      const ids = line.toString().trim().split(' ').map(Number);
      expect(await Promise.all(ids.map(isRunning))).toEqual([true, true]);
      client.kill('SIGKILL');
      await until('end of the command', async () => !(await Promise.all(ids.map(isRunning))).includes(true));
    });
  }
});
