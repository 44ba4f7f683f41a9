import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { generateKey, type Sshd, SshdFarm } from '../../../harness/sshd';
import { until } from '../../../harness/until';
import { startPasswordServer } from './passwordServer';
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

const execute = promisify(execFile);

type KeyOptions = Parameters<typeof generateKey> extends [string, ...infer Rest] ? Rest : never;

describe('a login', () => {
  let farm: SshdFarm;
  let daemon: Sshd;
  let before: string[];
  const file = (name: string) => path.join(farm.directory, name);

  /** A key that the daemon accepts. */
  async function acceptedKey(name: string, ...options: KeyOptions) {
    const key = await generateKey(file(name), ...options);
    await farm.authorize(`${key}.pub`);
    return key;
  }

  beforeAll(async () => {
    farm = await SshdFarm.create();
    daemon = await farm.start();
    before = openResources();
  });
  afterAll(() => farm[Symbol.asyncDispose]());
  beforeEach(() => {
    before = openResources();
    delete process.env.SSH_AUTH_SOCK;
  });
  afterEach(() => nothingLeft(before, [daemon]));

  it.each([
    ['ed25519 in OpenSSH format', 'ed25519', {}],
    ['rsa in PEM format', 'rsa', { format: 'PEM' }],
    ['ecdsa in PEM format', 'ecdsa', { format: 'PEM' }],
  ] as const)('takes a key: %s', async (name, type, options) => {
    await using pool = await poolFor(farm, [daemon]);
    const key = await acceptedKey(name.replaceAll(' ', '-'), type, options);
    expect(await run(pool, hostOn(farm, daemon, { identityFile: [key] }), 'echo in')).toMatchObject({
      stdout: 'in\n',
    });
  });

  it.each([
    ['OpenSSH', 'ed25519', { rounds: 24 }],
    ['OpenSSH', 'rsa', {}],
    ['PEM', 'rsa', { format: 'PEM' }],
  ] as const)(
    'asks for the passphrase of an encrypted key in %s format (%s) once',
    async (format, type, options) => {
      const key = await acceptedKey(`locked-${format}-${type}`, type, { ...options, passphrase: 'right' });
      const authority = new ScriptedAuthority('reject', ['wrong', 'right']);
      await using pool = await poolFor(farm, [daemon], { authority, idleMs: 1 });
      const target = hostOn(farm, daemon, { identityFile: [key] });
      const results = await Promise.all([run(pool, target, 'echo 1'), run(pool, target, 'echo 2')]);
      expect(results.map(({ stdout }) => stdout)).toEqual(['1\n', '2\n']);
      // Another connection takes the key that was unlocked.
      await until('the connection to idle out', async () => (await daemon.children()).length === 0);
      expect((await run(pool, target, 'echo 3')).stdout).toBe('3\n');
      expect(authority.requests.map(({ kind, subject, retry }) => ({ kind, subject, retry }))).toEqual([
        { kind: 'passphrase', subject: key, retry: false },
        { kind: 'passphrase', subject: key, retry: true },
      ]);
      expect(authority.worked).toEqual([authority.requests[1]]);
    },
  );

  it('gives up on an encrypted key after three wrong passphrases, naming no secret', async () => {
    const key = await acceptedKey('locked', 'ed25519', { passphrase: 'right' });
    const authority = new ScriptedAuthority('reject', ['wrong-1', 'wrong-2', 'wrong-3', 'right']);
    await using pool = await poolFor(farm, [daemon], { authority });
    const error = await failure(run(pool, hostOn(farm, daemon, { identityFile: [key] }), 'true'));
    expect(error).toMatchObject({ code: 'AUTH', phase: 'auth' });
    expect(authority.requests).toHaveLength(3);
    expect(authority.worked).toEqual([]);
    expect(error.message).toContain(`${key}: no right passphrase`);
    expect(error.hint).toContain('ssh-add');
    expect(error.message).not.toContain('wrong-');
  });

  it('asks for no passphrase of a key that the server would not take', async () => {
    const key = await generateKey(file('strange-locked'), 'ed25519', { passphrase: 'right' });
    const authority = new ScriptedAuthority('reject', ['right']);
    await using pool = await poolFor(farm, [daemon], { authority });
    const error = await failure(run(pool, hostOn(farm, daemon, { identityFile: [key] }), 'true'));
    expect(error.code).toBe('AUTH');
    expect(authority.requests).toEqual([]);
  });

  it('says which keys were refused, and what the server accepts', async () => {
    const key = await generateKey(file('strange'), 'ed25519');
    const { stdout } = await execute('ssh-keygen', ['-lf', key]);
    await using pool = await poolFor(farm, [daemon]);
    const error = await failure(
      run(pool, hostOn(farm, daemon, { user: 'root', identityFile: [key, '/nonexistent'] }), 'true'),
    );
    expect(error).toMatchObject({ code: 'AUTH', phase: 'auth', host: 'target' });
    expect(error.message).toContain(stdout.split(' ')[1]);
    expect(error.message).toContain('/nonexistent: there is no such file');
    expect(error.message).toContain('the server accepts publickey');
    expect(error.hint).toMatch(/authorized_keys/);
  });

  it('tries six keys at most, as sshd would hang up', async () => {
    const keys = await Promise.all(
      Array.from({ length: 8 }, (_, index) => generateKey(file(`many-${index}`), 'ed25519')),
    );
    await using pool = await poolFor(farm, [daemon]);
    const error = await failure(run(pool, hostOn(farm, daemon, { identityFile: keys }), 'true'));
    expect(error.code).toBe('AUTH');
    expect(error.message.match(/many-\d \(/g)).toHaveLength(6);
  });

  describe('with ssh-agent', () => {
    let agentKey: string;
    let agent: ChildProcess;

    beforeAll(async () => {
      agent = spawn('ssh-agent', ['-D', '-a', file('agent.sock')], { stdio: ['ignore', 'pipe', 'ignore'] });
      await once(agent.stdout!, 'data');
      agentKey = file('agent-key');
    });
    afterAll(async () => {
      const exited = once(agent, 'exit');
      agent.kill();
      await exited;
    });
    beforeEach(async () => {
      process.env.SSH_AUTH_SOCK = file('agent.sock');
      await execute('ssh-add', ['-q', '-D']);
      await rm(agentKey, { force: true });
    });

    /** Loads a key into the agent and removes its file. */
    async function load(key: string): Promise<void> {
      await execute('ssh-add', ['-q', key]);
      await rm(key);
    }

    it.each(['ed25519', 'rsa', 'ecdsa'] as const)(
      'takes an %s key that only the agent holds',
      async (type) => {
        await rm(agentKey, { force: true });
        await load(await acceptedKey('agent-key', type));
        await using pool = await poolFor(farm, [daemon]);
        const target = hostOn(farm, daemon, { identityFile: undefined });
        expect((await run(pool, target, 'echo in')).stdout).toBe('in\n');
      },
    );

    it('has the agent sign for an identity file of which only the public half is here', async () => {
      await load(await acceptedKey('agent-key', 'ed25519'));
      await using pool = await poolFor(farm, [daemon]);
      const target = hostOn(farm, daemon, { identityFile: [`${agentKey}.pub`], identitiesOnly: true });
      expect((await run(pool, target, 'echo in')).stdout).toBe('in\n');
    });

    it('asks for no passphrase of a file that the agent has unlocked', async () => {
      const key = await acceptedKey('agent-locked', 'ed25519');
      await execute('ssh-add', ['-q', key]);
      await execute('ssh-keygen', ['-q', '-p', '-N', 'secret', '-f', key]);
      const authority = new ScriptedAuthority('reject', ['secret']);
      await using pool = await poolFor(farm, [daemon], { authority });
      expect((await run(pool, hostOn(farm, daemon, { identityFile: [key] }), 'echo in')).stdout).toBe('in\n');
      expect(authority.requests).toEqual([]);
    });

    it('tries identity files before other keys of the agent', async () => {
      for (let index = 0; index < 7; index++)
        await load(await generateKey(file(`agent-${index}`), 'ed25519'));
      await using pool = await poolFor(farm, [daemon]);
      expect((await run(pool, hostOn(farm, daemon), 'echo in')).stdout).toBe('in\n');
    });

    it('offers no other keys of the agent with identitiesOnly', async () => {
      await load(await acceptedKey('agent-only', 'ed25519'));
      const key = await generateKey(file('not-accepted'), 'ed25519');
      await using pool = await poolFor(farm, [daemon]);
      const target = hostOn(farm, daemon, { identityFile: [key] });
      expect((await run(pool, target, 'echo in')).stdout).toBe('in\n');
      const error = await failure(
        run(pool, hostOn(farm, daemon, { identityFile: [key], identitiesOnly: true }), 'true'),
      );
      expect(error.code).toBe('AUTH');
      expect(error.message).not.toContain('agent key');
    });

    it('offers no key of the agent where identitiesOnly is set and no file is named', async () => {
      await load(await acceptedKey('agent-unnamed', 'ed25519'));
      await using pool = await poolFor(farm, [daemon]);
      const target = hostOn(farm, daemon, { identitiesOnly: true });
      delete target.ssh.identityFile;
      const error = await failure(run(pool, target, 'true'));
      expect(error.code).toBe('AUTH');
      expect(error.message).not.toContain('agent key');
    });
  });

  it('does without an agent that is not there', async () => {
    process.env.SSH_AUTH_SOCK = file('no-such-agent');
    await using pool = await poolFor(farm, [daemon]);
    const error = await failure(run(pool, hostOn(farm, daemon, { identityFile: [file('none')] }), 'true'));
    expect(error.code).toBe('AUTH');
    expect(error.message).toContain('ssh-agent: Failed to connect to agent');
  });

  it('reads a key again when its file has changed', async () => {
    const key = await generateKey(file('replaced'), 'ed25519');
    await using pool = await poolFor(farm, [daemon]);
    const target = hostOn(farm, daemon, { identityFile: [key] });
    expect((await failure(run(pool, target, 'true'))).code).toBe('AUTH');
    await copyFile(farm.clientKey, key);
    const answer = async () => (await run(pool, target, 'echo in').catch(() => undefined))?.stdout;
    await until('the new key to be tried', async () => (await answer()) === 'in\n');
  });

  describe('with what a person types', () => {
    const targetOn = (port: number) =>
      host('typed', '127.0.0.1', {
        port,
        user: 'ops',
        identityFile: [farm.clientKey],
        knownHosts: [file('known_hosts')],
      });
    const trusted = async (port: number) => {
      const key = daemon.hostKeys[0]!;
      await writeFile(file('known_hosts'), await daemon.knownHostsLine(key, `[127.0.0.1]:${port}`));
    };

    it('asks for a password when the server takes no key, and again when it was wrong', async () => {
      await using server = await startPasswordServer(daemon.hostKeys[0]!, ['password']);
      const authority = new ScriptedAuthority('reject', ['wrong', 'secret']);
      await using pool = await poolFor(farm, [], { authority });
      await trusted(server.port);
      expect((await run(pool, targetOn(server.port), 'true')).stdout).toBe('in\n');
      const { stdout } = await execute('ssh-keygen', ['-lf', daemon.hostKeys[0]!]);
      const destination = { fingerprint: stdout.split(' ')[1], route: [], vouchedBy: 'user' };
      expect(authority.requests).toEqual(
        [false, true].map((retry) => ({
          kind: 'password',
          subject: `ops@127.0.0.1:${server.port}`,
          name: 'typed',
          destination,
          prompt: `Password for ops@127.0.0.1:${server.port}`,
          echo: false,
          retry,
        })),
      );
      // Only the one that the server took.
      expect(authority.worked).toEqual([authority.requests[1]]);
    });

    it('fails with AUTH after three wrong passwords, naming none of them', async () => {
      await using server = await startPasswordServer(daemon.hostKeys[0]!, ['password']);
      const authority = new ScriptedAuthority('reject', ['wrong-1', 'wrong-2', 'wrong-3', 'secret']);
      await using pool = await poolFor(farm, [], { authority });
      await trusted(server.port);
      const error = await failure(run(pool, targetOn(server.port), 'true'));
      expect(error).toMatchObject({ code: 'AUTH', phase: 'auth' });
      expect(error.message).toContain('the server accepts password');
      expect(error.message).not.toContain('wrong-');
      expect(authority.requests).toHaveLength(3);
      expect(authority.worked).toEqual([]);
    });

    it('asks nothing more when the user declines', async () => {
      await using server = await startPasswordServer(daemon.hostKeys[0]!, [
        'keyboard-interactive',
        'password',
      ]);
      const authority = new ScriptedAuthority('reject', [undefined]);
      await using pool = await poolFor(farm, [], { authority });
      await trusted(server.port);
      const error = await failure(run(pool, targetOn(server.port), 'true'));
      expect(error.code).toBe('AUTH');
      expect(authority.requests).toHaveLength(1);
      expect(server.tried).not.toContain('password:undefined');
    });

    it('answers several prompts, whose text is cleaned', async () => {
      const prompts = [
        { prompt: 'Password: ', echo: false },
        { prompt: 'Token\u001b[31m for \u202eyou: ', echo: true },
      ];
      await using server = await startPasswordServer(daemon.hostKeys[0]!, ['keyboard-interactive'], prompts, [
        'secret',
        '123456',
      ]);
      const authority = new ScriptedAuthority('reject', ['secret', '123456']);
      await using pool = await poolFor(farm, [], { authority });
      await trusted(server.port);
      expect((await run(pool, targetOn(server.port), 'true')).stdout).toBe('in\n');
      const login = `ops@127.0.0.1:${server.port}`;
      const { stdout } = await execute('ssh-keygen', ['-lf', daemon.hostKeys[0]!]);
      const destination = { fingerprint: stdout.split(' ')[1], route: [], vouchedBy: 'user' };
      expect(authority.requests).toEqual([
        {
          kind: 'password',
          subject: login,
          name: 'typed',
          destination,
          prompt: `${login}: Password:`,
          echo: false,
          retry: false,
        },
        {
          kind: 'answer',
          name: 'typed',
          destination,
          subject: `${login} Token for you:`,
          prompt: `${login}: Token for you:`,
          echo: true,
          retry: false,
        },
      ]);
      expect(authority.worked).toEqual(authority.requests);
    });

    it('reports answers as right that the server wants a password after, once that is right too', async () => {
      const code = [{ prompt: 'Code: ', echo: true }];
      await using server = await startPasswordServer(
        daemon.hostKeys[0]!,
        ['keyboard-interactive'],
        code,
        ['123456'],
        true,
      );
      const authority = new ScriptedAuthority('reject', ['123456', 'wrong', 'secret']);
      await using pool = await poolFor(farm, [], { authority });
      await trusted(server.port);
      expect((await run(pool, targetOn(server.port), 'true')).stdout).toBe('in\n');
      expect(authority.worked.map(({ kind, retry }) => [kind, retry])).toEqual([
        ['answer', false],
        ['password', true],
      ]);
    });
  });

  it('keeps what it was told out of the log', async () => {
    const said: string[] = [];
    const say = (message: string) => said.push(message);
    const logger = { debug: say, info: say, warn: say, error: say };
    await using server = await startPasswordServer(daemon.hostKeys[0]!, ['password']);
    const authority = new ScriptedAuthority('reject', ['hunter2', 'hunter3', 'hunter4']);
    await using pool = await poolFor(farm, [], { authority, logger });
    await writeFile(
      file('known_hosts'),
      (await readFile(`${daemon.hostKeys[0]}.pub`, 'utf8')).replace(/^/, `[127.0.0.1]:${server.port} `),
    );
    await failure(
      run(pool, host('x', '127.0.0.1', { port: server.port, knownHosts: [file('known_hosts')] }), 'true'),
    );
    expect(said.join('\n')).not.toContain('hunter');
  });
});
