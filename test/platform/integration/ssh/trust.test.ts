import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Deadline } from '../../../../src/platform/batch/deadline';
import { generateKey, type Sshd, SshdFarm } from '../../../harness/sshd';
import { until } from '../../../harness/until';
import { failure, hostOn, nothingLeft, openResources, poolFor, run, ScriptedAuthority } from './sshFixture';

const execute = promisify(execFile);

describe('trust in a server', () => {
  let farm: SshdFarm;
  let daemon: Sshd;
  let other: Sshd;
  let ownFile: string;
  let before: string[];

  beforeAll(async () => {
    farm = await SshdFarm.create();
    daemon = await farm.start({ hostKeyTypes: ['ed25519', 'rsa', 'ecdsa'] });
    other = await farm.start({ address: '127.0.0.2' });
    ownFile = path.join(farm.directory, 'muster', 'known_hosts');
  });
  afterAll(() => farm[Symbol.asyncDispose]());

  beforeEach(async () => {
    before = openResources();
    await rm(path.dirname(ownFile), { recursive: true, force: true });
  });
  afterEach(() => nothingLeft(before, [daemon, other]));

  it('refuses a key that has changed, before it authenticates', async () => {
    await using pool = await poolFor(farm, []);
    const line = await other.knownHostsLine(other.hostKeys[0], `[${daemon.address}]:${daemon.port}`);
    const file = await farm.write('known_hosts', `# a comment\n\n${line}`);
    const logins = daemon.logins;
    const error = await failure(run(pool, hostOn(farm, daemon), 'true'));
    expect(error).toMatchObject({ code: 'HOST_KEY_MISMATCH', phase: 'handshake', host: 'target' });
    expect(error.message).toContain(`${file}:3`);
    expect(error.message.match(/SHA256:[\w+/]{43}/g)).toHaveLength(2);
    expect(error.hint).toContain('line 3');
    expect(daemon.logins).toBe(logins);
  });

  it('refuses another type of key where the known one is not presented', async () => {
    await using pool = await poolFor(farm, []);
    // `other` has no rsa key any more.
    const stale = await generateKey(path.join(farm.directory, 'stale-rsa'), 'rsa');
    await farm.write('known_hosts', await other.knownHostsLine(stale));
    const authority = new ScriptedAuthority('once');
    const error = await failure(run(pool, hostOn(farm, other), 'true'));
    expect(error.code).toBe('HOST_KEY_MISMATCH');
    expect(authority.hostKeys).toEqual([]);
  });

  it.each(['rsa', 'ecdsa', 'ed25519'] as const)(
    'asks the server for the %s key that it knows',
    async (type) => {
      await using pool = await poolFor(farm, []);
      const key = daemon.hostKeys.find((file) => file.endsWith(type));
      await farm.write('known_hosts', await daemon.knownHostsLine(key));
      expect(await run(pool, hostOn(farm, daemon), 'echo in')).toMatchObject({ stdout: 'in\n' });
    },
  );

  it('refuses a revoked key even where it is known', async () => {
    await using pool = await poolFor(farm, []);
    const file = await farm.write(
      'known_hosts',
      `${await daemon.knownHostsLine()}@revoked ${await daemon.knownHostsLine(undefined, '*')}`,
    );
    const error = await failure(run(pool, hostOn(farm, daemon), 'true'));
    expect(error.code).toBe('HOST_KEY_MISMATCH');
    expect(error.message).toMatch(/revoked/);
    expect(error.message).toContain(`${file}:2`);
  });

  it('finds hashed entries as ssh-keygen writes them', async () => {
    await using pool = await poolFor(farm, [other, daemon]);
    const file = path.join(farm.directory, 'known_hosts');
    await execute('ssh-keygen', ['-H', '-f', file]);
    expect(await readFile(file, 'utf8')).not.toContain('127.0.0.1');
    expect(await run(pool, hostOn(farm, daemon), 'echo in')).toMatchObject({ stdout: 'in\n' });
  });

  it('takes an entry without a port for any port, as OpenSSH does', async () => {
    await using pool = await poolFor(farm, []);
    await farm.write('known_hosts', await daemon.knownHostsLine(undefined, '127.0.0.*,!127.0.0.2'));
    expect(await run(pool, hostOn(farm, daemon), 'echo in')).toMatchObject({ stdout: 'in\n' });
    expect((await failure(run(pool, hostOn(farm, other), 'true'))).code).toBe('HOST_KEY_UNKNOWN');
  });

  it('fails closed when a known_hosts file cannot be read', async () => {
    await using pool = await poolFor(farm, [daemon], { authority: new ScriptedAuthority('once') });
    const folder = path.join(farm.directory, 'known_hosts_folder');
    await mkdir(folder, { recursive: true });
    const host = hostOn(farm, daemon, { knownHosts: [path.join(farm.directory, 'known_hosts'), folder] });
    const error = await failure(run(pool, host, 'true'));
    expect(error).toMatchObject({ code: 'HOST_KEY_UNKNOWN', phase: 'handshake' });
    expect(error.message).toContain(`${folder}: it is a folder`);
  });

  describe('whose key nobody knows', () => {
    it('is refused when it is rejected', async () => {
      const authority = new ScriptedAuthority('reject');
      await using pool = await poolFor(farm, [], { authority });
      const error = await failure(run(pool, hostOn(farm, daemon), 'true'));
      expect(error).toMatchObject({ code: 'HOST_KEY_UNKNOWN', phase: 'handshake' });
      const { stdout } = await execute('ssh-keygen', ['-lf', daemon.hostKeys[0]!]);
      const fingerprint = stdout.split(' ')[1];
      expect(authority.hostKeys).toEqual([
        {
          host: 'target',
          address: daemon.address,
          port: daemon.port,
          keyType: 'ssh-ed25519',
          fingerprint,
        },
      ]);
      expect(error.message).toContain(fingerprint);
    });

    it('is asked about once for all who wait, and while their clocks stand still', async () => {
      const authority = new ScriptedAuthority(
        () => new Promise((resolve) => setTimeout(() => resolve('once'), 1200)),
      );
      await using pool = await poolFor(farm, [], { authority });
      const host = hostOn(farm, daemon, { connectTimeoutMs: 900 });
      const results = await Promise.all(
        [1, 2, 3].map((number) => run(pool, host, `echo ${number}`, { deadline: new Deadline(1000) })),
      );
      expect(results.map(({ stdout }) => stdout)).toEqual(['1\n', '2\n', '3\n']);
      expect(authority.hostKeys).toHaveLength(1);
    });

    it('is trusted until the pool is closed, and written nowhere, when it is trusted once', async () => {
      const authority = new ScriptedAuthority('once');
      await using pool = await poolFor(farm, [], { authority, idleMs: 1 });
      await run(pool, hostOn(farm, daemon), 'true');
      await run(pool, hostOn(farm, daemon), 'true');
      expect(authority.hostKeys).toHaveLength(1);
      await expect(stat(ownFile)).rejects.toThrow('ENOENT');
    });

    it("is remembered in Muster's own file, which only the user can read", async () => {
      const userFile = await farm.write('known_hosts', '# the file of the user');
      const authority = new ScriptedAuthority('remember');
      {
        await using pool = await poolFor(farm, [], { authority });
        await farm.write('known_hosts', '# the file of the user');
        await Promise.all([
          run(pool, hostOn(farm, daemon), 'true'),
          run(pool, hostOn(farm, daemon, { identitiesOnly: true }), 'true'),
          run(pool, hostOn(farm, other), 'true'),
        ]);
      }
      expect((await stat(ownFile)).mode & 0o777).toBe(0o600);
      expect((await stat(path.dirname(ownFile))).mode & 0o777).toBe(0o700);
      const lines = (await readFile(ownFile, 'utf8')).trimEnd().split('\n').sort();
      expect(lines).toEqual(
        [await daemon.knownHostsLine(), await other.knownHostsLine()].map((line) => line.trim()).sort(),
      );
      expect(await readFile(userFile, 'utf8')).toBe('# the file of the user');
      await using pool = await poolFor(farm, []);
      expect(await run(pool, hostOn(farm, daemon), 'echo in')).toMatchObject({ stdout: 'in\n' });
    });

    it('is remembered on a line of its own where the file ends in the middle of one', async () => {
      await mkdir(path.dirname(ownFile), { recursive: true });
      await writeFile(ownFile, '# no newline');
      await using pool = await poolFor(farm, [], { authority: new ScriptedAuthority('remember') });
      await run(pool, hostOn(farm, daemon), 'true');
      expect(await readFile(ownFile, 'utf8')).toBe(`# no newline\n${await daemon.knownHostsLine()}`);
    });

    it('is asked about no longer when the server hangs up meanwhile', async () => {
      let withdrawn = false;
      const authority = {
        credential: () => Promise.resolve(undefined),
        unknownHostKey: async (_key: unknown, signal: AbortSignal) => {
          await daemon.dropConnections();
          await once(signal, 'abort');
          withdrawn = true;
          return 'once' as const;
        },
      };
      await using pool = await poolFor(farm, [], { authority });
      const error = await failure(run(pool, hostOn(farm, daemon), 'true'));
      expect(error).toMatchObject({ code: 'RESET', phase: 'handshake' });
      await until('the question to be withdrawn', () => withdrawn);
    });

    it('gives up the question when its batch is cancelled', async () => {
      const cancel = new AbortController();
      let withdrawn = false;
      const authority = {
        credential: () => Promise.resolve(undefined),
        unknownHostKey: (_key: unknown, signal: AbortSignal) =>
          new Promise<never>((_, reject) => {
            signal.addEventListener('abort', () => {
              withdrawn = true;
              reject(new Error('withdrawn'));
            });
            cancel.abort();
          }),
      };
      await using pool = await poolFor(farm, [], { authority });
      const error = await failure(
        run(pool, hostOn(farm, daemon), 'true', { deadline: new Deadline(0, cancel.signal) }),
      );
      expect(error.code).toBe('CANCELLED');
      await until('the question to be withdrawn', () => withdrawn);
    });
  });

  describe('certified by an authority', () => {
    let authorityKey: string;
    let certified: Sshd;

    /** A daemon whose ed25519 key is certified with these options of ssh-keygen. */
    async function certifiedDaemon(address: string, ...options: string[]): Promise<Sshd> {
      const key = await generateKey(
        path.join(farm.directory, `certified-${address}-${Date.now()}`),
        'ed25519',
      );
      await execute('ssh-keygen', ['-q', '-s', authorityKey, '-I', 'id', ...options, `${key}.pub`]);
      return farm.start({
        address,
        hostKey: key,
        config: [`HostCertificate ${key}-cert.pub`, 'RekeyLimit 64K'],
      });
    }
    const trustAuthority = async (key = authorityKey) =>
      farm.write('known_hosts', `@cert-authority 127.0.0.* ${await readFile(`${key}.pub`, 'utf8')}`);

    beforeAll(async () => {
      authorityKey = await generateKey(path.join(farm.directory, 'authority'), 'ecdsa');
      certified = await certifiedDaemon('127.0.0.3', '-h', '-n', '127.0.0.3', '-V', '-1d:+1d');
    });
    afterEach(() => nothingLeft(before, [certified]));

    it('is trusted', async () => {
      await using pool = await poolFor(farm, []);
      await trustAuthority();
      expect(await run(pool, hostOn(farm, certified), 'echo in')).toMatchObject({ stdout: 'in\n' });
    });

    it('is trusted again after new keys were exchanged', async () => {
      await using pool = await poolFor(farm, []);
      await trustAuthority();
      const { stdout } = await run(pool, hostOn(farm, certified), 'head -c 1000000 /dev/zero');
      expect(stdout).toHaveLength(1_000_000);
    });

    it.each([
      ['by an authority that is not trusted', ['-h', '-n', '127.0.0.5'], true, /authority is not trusted/],
      ['for another host', ['-h', '-n', 'db.example.com'], false, /it is for db\.example\.com/],
      ['until yesterday', ['-h', '-n', '127.0.0.5', '-V', '-2d:-1d'], false, /expired/],
      ['from tomorrow on', ['-h', '-n', '127.0.0.5', '-V', '+1d:+2d'], false, /not valid yet/],
      ['as a user', ['-n', '127.0.0.5'], false, /not a host certificate/],
    ])('is refused when it is certified %s', async (_, options, byOther, message) => {
      const authority = new ScriptedAuthority('once');
      const strange = await certifiedDaemon('127.0.0.5', ...options).catch((error: unknown) => error);
      // sshd itself refuses to present a certificate for users.
      if (!(strange instanceof Object && 'address' in strange)) throw strange;
      await using pool = await poolFor(farm, [], { authority });
      await trustAuthority(
        byOther ? await generateKey(path.join(farm.directory, `ca-${Date.now()}`), 'ed25519') : undefined,
      );
      const error = await failure(run(pool, hostOn(farm, strange as Sshd), 'true'));
      await (strange as Sshd).stop();
      expect(error.code).toBe('HOST_KEY_UNKNOWN');
      expect(error.message).toMatch(message);
      expect(authority.hostKeys).toEqual([]);
    });

    it('is refused when it presents a plain key instead', async () => {
      const authority = new ScriptedAuthority('once');
      await using pool = await poolFor(farm, [], { authority });
      const file = await trustAuthority();
      const error = await failure(run(pool, hostOn(farm, daemon), 'true'));
      expect(error.code).toBe('HOST_KEY_UNKNOWN');
      expect(error.message).toContain(`${file}:1`);
      expect(authority.hostKeys).toEqual([]);
    });

    it('is refused when its authority is revoked', async () => {
      await using pool = await poolFor(farm, []);
      const publicKey = await readFile(`${authorityKey}.pub`, 'utf8');
      await farm.write('known_hosts', `@cert-authority * ${publicKey}@revoked * ${publicKey}`);
      expect((await failure(run(pool, hostOn(farm, certified), 'true'))).code).toBe('HOST_KEY_MISMATCH');
    });
  });
});
