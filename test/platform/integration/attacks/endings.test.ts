import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServerChannel } from 'ssh2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startHostileSsh } from '../../../harness/hostileSsh';
import { muster } from '../../../harness/musterCli';
import { type Sshd, SshdFarm } from '../../../harness/sshd';

describe('A command that ends', () => {
  let farm: SshdFarm;
  let daemon: Sshd;
  let folder: string;
  beforeAll(async () => {
    farm = await SshdFarm.create();
    daemon = await farm.start();
    folder = await mkdtemp(join(tmpdir(), 'muster-endings-'));
  });
  afterAll(async () => {
    await farm[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  const endings = {
    'without a status': (channel: ServerChannel) => channel.end('done\n'),
    'by a signal': (channel: ServerChannel) => {
      channel.write('done\n');
      channel.exit('KILL', false, '');
      channel.end();
    },
    'with the connection': (channel: ServerChannel) => {
      channel.write('done\n', () =>
        (channel as unknown as { _client: { _sock: { destroy(): void } } })._client._sock.destroy(),
      );
    },
  };
  const on = async (ending: keyof typeof endings, ...args: string[]) => {
    await using server = await startHostileSsh(daemon, { exec: endings[ending] });
    const knownHosts = await farm.write('known', server.known);
    const ssh = { port: server.port, identityFile: farm.clientKey, knownHosts };
    const file = join(folder, 'muster.yaml');
    await writeFile(
      file,
      `hosts: ${JSON.stringify({ 'web-01': { address: '127.0.0.1', ssh } })}
checks: { c: { type: command, run: "true" }, s: { type: ssh } }
logs: { l: { command: "true" } }
`,
    );
    const [command, ...rest] = args;
    return await muster([command!, '-i', file, ...rest], { cwd: folder });
  };
  const resultOf = (stdout: string) => (JSON.parse(stdout) as { results: [unknown] }).results[0];

  it('without a status has a state of its own, and has not succeeded', async () => {
    const json = await on('without a status', 'run', 'all', '--json', '--', 'true');
    expect(json.status).toBe(1);
    expect(resultOf(json.stdout)).toMatchObject({
      ...{ status: 'failed', exitCode: null, signal: null, stdout: 'done\n' },
      error: {
        code: 'EXIT_STATUS',
        message: 'ended without an exit status',
        hint: 'The server did not say how the command ended: look at the host whether it did its work.',
      },
    });
    const text = await on('without a status', 'run', 'all', '--', 'true');
    expect(text.status).toBe(1);
    expect(text.stdout).toMatch(/web-01.*no exit status/);
    expect(text.stdout).toContain('The server did not say how the command ended');
  });

  it('without a status, as sshd ends a session that takes too long, has not succeeded', async () => {
    const impatient = await farm.start({ config: ['ChannelTimeout session:*=1s'] });
    const knownHosts = await farm.write('known-impatient', await impatient.knownHostsLine());
    const ssh = { port: impatient.port, identityFile: farm.clientKey, knownHosts };
    const file = join(folder, 'impatient.yaml');
    await writeFile(file, `hosts: ${JSON.stringify({ 'web-01': { address: impatient.address, ssh } })}\n`);
    const { status, stdout } = await muster(
      ['run', 'all', '-i', file, '--json', '--timeout', '60s', '--', 'sleep 20; exit 7'],
      { cwd: folder },
    );
    expect(status).toBe(1);
    expect(resultOf(stdout)).toMatchObject({
      ...{ status: 'failed', exitCode: null, signal: null },
      error: { code: 'EXIT_STATUS', message: 'ended without an exit status' },
    });
  });

  it('by a signal says which', async () => {
    const { status, stdout } = await on('by a signal', 'run', 'all', '--json', '--', 'true');
    expect(status).toBe(1);
    expect(resultOf(stdout)).toMatchObject({
      ...{ status: 'failed', exitCode: null, signal: 'KILL' },
      error: { code: 'EXIT_STATUS', message: 'ended by signal KILL' },
    });
  });

  it('with the connection says that', async () => {
    const { status, stdout } = await on('with the connection', 'run', 'all', '--json', '--', 'true');
    expect(status).toBe(1);
    expect(resultOf(stdout)).toMatchObject({
      ...{ status: 'failed', exitCode: null, signal: null },
      error: { code: 'RESET', message: 'the connection was lost while the command ran' },
    });
  });

  it('without a status makes no check healthy', async () => {
    const { status, stdout } = await on('without a status', 'check', '--json');
    expect(status).toBe(1);
    expect((JSON.parse(stdout) as { results: object[] }).results).toMatchObject([
      { check: 'c', status: 'unhealthy', message: 'expected exit code 0, got no exit code and "done"' },
      { check: 's', status: 'unhealthy', message: 'expected exit code 0 of `true`, got no exit code' },
    ]);
  });

  it('without a status ends the reading of a log as failed', async () => {
    const { status, stderr } = await on('without a status', 'logs', '--no-follow');
    expect(status).toBe(1);
    expect(stderr).toContain('what reads the log on the host: ended without an exit status');
  });
});
