import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Deadline } from '../../../../src/platform/batch/deadline';
import type { Host, SshSettings } from '../../../../src/platform/inventory/model';
import { freePort } from '../../../harness/ports';
import { type Sshd, SshdFarm } from '../../../harness/sshd';
import { until } from '../../../harness/until';
import {
  failure,
  host,
  hostOn,
  nothingLeft,
  openResources,
  poolFor,
  run,
  ScriptedAuthority,
} from './sshFixture';

describe('a host behind jumps', () => {
  let farm: SshdFarm;
  let first: Sshd;
  let second: Sshd;
  let target: Sshd;
  let before: string[];
  let hosts: Map<string, Host>;

  const inventory = (...members: Host[]) => {
    hosts = new Map(members.map((member) => [member.name, member]));
  };
  const poolOf = (trusted: readonly Sshd[], options: Parameters<typeof poolFor>[2] = {}) =>
    poolFor(farm, trusted, { inventoryHost: (name) => hosts.get(name), ...options });
  const behind = (jumps: string[], settings: SshSettings = {}) =>
    hostOn(farm, target, { proxyJump: jumps, ...settings });
  const show = 'echo ${SSH_CONNECTION% *} | cut -d" " -f1,3';

  beforeAll(async () => {
    farm = await SshdFarm.create();
    first = await farm.start({ address: '127.0.1.1' });
    second = await farm.start({ address: '127.0.1.2' });
    target = await farm.start({ address: '127.0.1.3' });
  });
  afterAll(() => farm[Symbol.asyncDispose]());
  beforeEach(() => {
    before = openResources();
    inventory(hostOn(farm, first, {}, 'bastion'), hostOn(farm, second, {}, 'inner'));
  });
  afterEach(() => nothingLeft(before, [first, second, target]));

  it('is reached through an inventory host', async () => {
    await using pool = await poolOf([first, target]);
    const logins = first.logins;
    expect((await run(pool, behind(['bastion']), show)).stdout).toBe('127.0.0.1 127.0.1.3\n');
    expect(first.logins).toBe(logins + 1);
  });

  it('is reached through two hops, in their order', async () => {
    await using pool = await poolOf([first, second, target]);
    expect((await run(pool, behind(['bastion', 'inner']), 'echo in')).stdout).toBe('in\n');
    const { stdout } = await run(pool, hostOn(farm, second, { proxyJump: ['bastion'] }), 'echo in');
    expect(stdout).toBe('in\n');
    // The connection to the inner hop through the bastion was there already.
    expect({ first: first.logins, second: second.logins }).toMatchObject({ second: 1 });
  });

  it('is reached through a jump that has a jump of its own', async () => {
    inventory(hostOn(farm, first, {}, 'bastion'), hostOn(farm, second, { proxyJump: ['bastion'] }, 'inner'));
    await using pool = await poolOf([first, second, target]);
    const logins = first.logins;
    expect((await run(pool, behind(['inner']), 'echo in')).stdout).toBe('in\n');
    expect(first.logins).toBe(logins + 1);
  });

  it('is reached through user@host:port, with the keys and known_hosts of the host', async () => {
    inventory();
    await using pool = await poolOf([first, target]);
    const { username } = await import('node:os').then(({ userInfo }) => userInfo());
    const jump = `${username}@[${first.address}]:${first.port}`;
    expect((await run(pool, behind([jump]), 'echo in')).stdout).toBe('in\n');
  });

  it('is reached through an alias of ssh_config, which has a jump of its own', async () => {
    inventory();
    const config = await farm.write(
      'config',
      `Host edge
  HostName ${first.address}
  Port ${first.port}
  IdentityFile ${farm.clientKey}
Host mid*
  HostName ${second.address}
  Port ${second.port}
  IdentityFile ${farm.clientKey}
  ProxyJump edge
`,
    );
    await using pool = await poolOf([first, second, target], { sshConfigFiles: [config] });
    const logins = first.logins;
    expect((await run(pool, behind(['middle']), 'echo in')).stdout).toBe('in\n');
    expect(first.logins).toBe(logins + 1);
  });

  it('shares the connection to the jump with other hosts', async () => {
    await using pool = await poolOf([first, second, target]);
    const logins = first.logins;
    const results = await Promise.all([
      run(pool, behind(['bastion']), 'echo 1'),
      run(pool, hostOn(farm, second, { proxyJump: ['bastion'] }, 'other'), 'echo 2'),
    ]);
    expect(results.map(({ stdout }) => stdout)).toEqual(['1\n', '2\n']);
    expect(first.logins).toBe(logins + 1);
  });

  it('keeps the jump while its own known_hosts is read, which takes longer than the jump may idle', async () => {
    await using pool = await poolOf([first], { idleMs: 1 });
    const others = Array.from({ length: 100_000 }, (_, number) => `# host ${number}\n`);
    const knownHosts = [await farm.write('long', others.join('') + (await target.knownHostsLine()))];
    const logins = first.logins;
    expect((await run(pool, behind(['bastion'], { knownHosts }), 'echo in')).stdout).toBe('in\n');
    expect(first.logins).toBe(logins + 1);
  });

  it('is not reached through a jump whose key has changed', async () => {
    await using pool = await poolOf([target]);
    const wrong = await second.knownHostsLine(undefined, `[${first.address}]:${first.port}`);
    await farm.write('known_hosts', wrong + (await target.knownHostsLine()));
    const logins = target.logins;
    const error = await failure(run(pool, behind(['bastion']), 'true'));
    expect(error).toMatchObject({ code: 'HOST_KEY_MISMATCH', host: 'target', phase: 'handshake' });
    expect(error.message).toContain('jump bastion');
    expect(target.logins).toBe(logins);
  });

  it('is not reached through a jump whose key is revoked, though it is known', async () => {
    await using pool = await poolOf([first, target], { authority: new ScriptedAuthority('once') });
    const revoked = `@revoked * ${(await first.knownHostsLine()).split(' ').slice(1).join(' ')}`;
    await farm.write(
      'known_hosts',
      (await first.knownHostsLine()) + (await target.knownHostsLine()) + revoked,
    );
    const logins = first.logins;
    const error = await failure(run(pool, behind(['bastion']), 'true'));
    expect(error).toMatchObject({ code: 'HOST_KEY_MISMATCH', host: 'target', phase: 'handshake' });
    expect(error.message).toMatch(/^jump bastion: .* is revoked by .*known_hosts:3$/);
    expect(first.logins).toBe(logins);
  });

  it('is not reached through a jump whose known_hosts cannot be read', async () => {
    const authority = new ScriptedAuthority('once');
    await using pool = await poolOf([target], { authority });
    inventory(hostOn(farm, first, { knownHosts: [farm.directory] }, 'bastion'));
    const error = await failure(run(pool, behind(['bastion']), 'true'));
    expect(error).toMatchObject({ code: 'HOST_KEY_UNKNOWN', host: 'target' });
    expect(error.message).toContain(`jump bastion: no host key is trusted: cannot read ${farm.directory}`);
    expect(authority.hostKeys).toEqual([]);
  });

  it('is not accepted when its own key has changed, however good the jump', async () => {
    await using pool = await poolOf([first]);
    const wrong = await second.knownHostsLine(undefined, `[${target.address}]:${target.port}`);
    await farm.write('known_hosts', wrong + (await first.knownHostsLine()));
    const error = await failure(run(pool, behind(['bastion']), 'true'));
    expect(error).toMatchObject({ code: 'HOST_KEY_MISMATCH', host: 'target' });
    expect(error.message).not.toContain('jump');
  });

  it('says for which host the key of a jump is asked about', async () => {
    const authority = new ScriptedAuthority('once');
    await using pool = await poolOf([], { authority });
    await run(pool, behind(['bastion']), 'true', { deadline: new Deadline(10_000) });
    expect(authority.hostKeys.map(({ host: name, jumpFor }) => ({ name, jumpFor }))).toEqual([
      { name: 'bastion', jumpFor: 'target' },
      { name: 'target', jumpFor: undefined },
    ]);
  });

  it('fails with what the jump says when nothing listens there', async () => {
    await using pool = await poolOf([first]);
    const nobody = host('nobody', '127.0.1.9', {
      ...behind(['bastion']).ssh,
      port: await freePort('127.0.1.9'),
    });
    const error = await failure(run(pool, nobody, 'true'));
    expect(error).toMatchObject({ code: 'REFUSED', phase: 'connect', host: 'nobody' });
  });

  it('fails with the error of a dead jump, which leaves the circuit of the host closed', async () => {
    const dead = host('bastion', '127.0.1.9', { port: await freePort('127.0.1.9') });
    inventory(dead);
    await using pool = await poolOf([first, target]);
    const error = await failure(run(pool, behind(['bastion']), 'true'));
    expect(error).toMatchObject({ code: 'REFUSED', host: 'target' });
    expect(error.message).toMatch(/^jump bastion: /);
    expect((await failure(run(pool, behind(['bastion']), 'true'))).code).toBe('CIRCUIT_OPEN');
    expect((await run(pool, behind([]), 'echo in')).stdout).toBe('in\n');
  });

  it.each([
    [['inner'], { inner: ['bastion'], bastion: ['inner'] }, 'target → inner → bastion → inner'],
    [['bastion', 'bastion'], {}, 'target → bastion → bastion'],
  ])(
    'is refused when its jumps %j go round in a circle',
    async (jumps, own: Record<string, string[]>, circle) => {
      inventory(
        hostOn(farm, first, own.bastion && { proxyJump: own.bastion }, 'bastion'),
        hostOn(farm, second, own.inner && { proxyJump: own.inner }, 'inner'),
      );
      await using pool = await poolOf([first, second, target]);
      const error = await failure(run(pool, behind(jumps), 'true'));
      expect(error.code).toBe('INVENTORY');
      expect(error.message).toContain(circle);
    },
  );

  it('loses its connection with that to the jump, and gets another one', async () => {
    await using pool = await poolOf([first, target]);
    const channel = await pool.exec(behind(['bastion']), 'echo begun; exec sleep 60', {
      deadline: new Deadline(0),
    });
    channel.stderr.resume();
    const begun = new Promise((resolve) => channel.stdout.once('data', resolve));
    await begun;
    await first.dropConnections();
    expect((await failure(channel.exit)).code).toBe('RESET');
    expect((await run(pool, behind(['bastion']), 'echo in')).stdout).toBe('in\n');
  });

  describe('or behind a ProxyCommand', () => {
    const proxied = (proxyCommand: string, settings: SshSettings = {}) =>
      hostOn(farm, target, { proxyCommand, ...settings });

    it('is reached through its input and output', async () => {
      await using pool = await poolOf([target]);
      const relay = `exec ${process.execPath} -e 'const s=require("net").connect(%p,"%h");process.stdin.pipe(s);s.pipe(process.stdout)'`;
      expect((await run(pool, proxied(relay), 'echo in')).stdout).toBe('in\n');
    });

    it('fails with what the command said', async () => {
      await using pool = await poolOf([target]);
      const error = await failure(run(pool, proxied('echo no way to %h >&2; exit 7'), 'true'));
      expect(error).toMatchObject({ code: 'RESET', phase: 'handshake' });
      expect(error.message).toContain(`no way to ${target.address}`);
      expect(error.message).toContain('exit status 7');
    });

    it('ends the command with all that it started when the time is over', async () => {
      await using pool = await poolOf([target]);
      const mark = path.join(farm.directory, 'mark');
      const error = await failure(
        run(
          pool,
          proxied(`(trap "" TERM; sh -c 'sleep 61; : ${mark}') & sleep 61; : ${mark}`, {
            connectTimeoutMs: 300,
          }),
          'true',
        ),
      );
      expect(error).toMatchObject({ code: 'TIMEOUT', phase: 'handshake' });
      await until('the command to be gone', async () => (await processesOf(mark)).length === 0);
    });
  });
});

async function processesOf(text: string): Promise<string[]> {
  const { readdir, readFile } = await import('node:fs/promises');
  const found: string[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const line = await readFile(`/proc/${name}/cmdline`, 'latin1').catch(() => '');
    if (line.includes(text)) found.push(name);
  }
  return found;
}
