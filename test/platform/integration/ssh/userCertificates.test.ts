import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SshAuthority } from '../../../harness/sshAuthority';
import { generateKey, type Sshd, SshdFarm } from '../../../harness/sshd';
import { startHostileSsh } from '../../../harness/hostileSsh';
import { createSecurityKey, startSecurityKeyAgent } from '../../../harness/securityKeyAgent';
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

const execute = promisify(execFile);
const me = userInfo().username;

describe('a login with a user certificate', () => {
  let farm: SshdFarm;
  let authority: SshAuthority;
  /** Takes what the authority has signed, and no plain keys. */
  let daemon: Sshd;
  let before: string[];
  let serial = 0;
  const daemons: Sshd[] = [];
  const file = (name: string) => path.join(farm.directory, name);
  const newName = () => file(`key-${++serial}`);

  /** A daemon that trusts the authority, and takes no plain keys unless `config` says so. */
  async function start(config: readonly string[] = []): Promise<Sshd> {
    const started = await farm.start({
      config: [...config, `TrustedUserCAKeys ${authority.key}.pub`, 'AuthorizedKeysFile none'],
    });
    daemons.push(started);
    before = openResources();
    return started;
  }

  const takesKeys = () => `AuthorizedKeysFile ${file('authorized_keys')}`;

  /** A key with a certificate beside it; `options` are those of ssh-keygen. */
  async function certified(
    type: 'ed25519' | 'rsa' | 'ecdsa' = 'ed25519',
    options: readonly string[] = [],
    keyOptions: Parameters<typeof generateKey>[2] = {},
  ): Promise<string> {
    const key = await generateKey(newName(), type, keyOptions);
    await authority.certify(key, ['-n', me, ...options]);
    return key;
  }

  beforeAll(async () => {
    farm = await SshdFarm.create();
    authority = await SshAuthority.create(farm.directory);
    daemon = await start();
  });
  afterAll(() => farm[Symbol.asyncDispose]());
  beforeEach(() => {
    before = openResources();
    delete process.env.SSH_AUTH_SOCK;
  });
  afterEach(() => nothingLeft(before, daemons));

  it.each([
    ['ed25519', 'ED25519-CERT'],
    ['ecdsa', 'ECDSA-CERT'],
    ['rsa', 'RSA-CERT'],
  ] as const)('takes the one beside an identity file: %s', async (type, logged) => {
    const key = await certified(type);
    await using pool = await poolFor(farm, [daemon]);
    const begin = daemon.log.length;
    const { stdout } = await run(pool, hostOn(farm, daemon, { identityFile: [key] }), 'echo in');
    expect(stdout).toBe('in\n');
    expect(daemon.log.slice(begin)).toContain(`ssh2: ${logged}`);
  });

  it('takes one of an RSA key with SHA-2 only', async () => {
    const strict = await start(['PubkeyAcceptedAlgorithms rsa-sha2-512-cert-v01@openssh.com']);
    await using pool = await poolFor(farm, [strict]);
    const target = hostOn(farm, strict, { identityFile: [await certified('rsa')] });
    expect((await run(pool, target, 'echo in')).stdout).toBe('in\n');
  });

  it.each(['ed25519', 'ecdsa', 'rsa'] as const)(
    'takes the one of an encrypted %s key, and asks for its passphrase once',
    async (type) => {
      const key = await certified(type, [], { passphrase: 'right' });
      const answers = new ScriptedAuthority('reject', ['wrong', 'right']);
      await using pool = await poolFor(farm, [daemon], { authority: answers });
      const target = hostOn(farm, daemon, { identityFile: [key] });
      expect((await run(pool, target, 'echo in')).stdout).toBe('in\n');
      expect(answers.requests.map(({ subject, retry }) => [subject, retry])).toEqual([
        [key, false],
        [key, true],
      ]);
    },
  );

  it('asks for a passphrase that is not known a single time, though the key is tried with and without it', async () => {
    const both = await start([takesKeys()]);
    const key = await certified('ed25519', [], { passphrase: 'right' });
    await farm.authorize(`${key}.pub`);
    const answers = new ScriptedAuthority('reject', [undefined, 'right']);
    await using pool = await poolFor(farm, [both], { authority: answers });
    const error = await failure(run(pool, hostOn(farm, both, { identityFile: [key] }), 'true'));
    expect(error).toMatchObject({ code: 'AUTH', hint: expect.stringContaining('ssh-add') as string });
    expect(answers.requests).toHaveLength(1);
  });

  it('asks for the passphrase of a key whose public half only the certificate shows', async () => {
    const key = await certified('rsa', [], { passphrase: 'right', format: 'PEM' });
    await rm(`${key}.pub`);
    const answers = new ScriptedAuthority('reject', ['right']);
    await using pool = await poolFor(farm, [daemon], { authority: answers });
    expect((await run(pool, hostOn(farm, daemon, { identityFile: [key] }), 'echo in')).stdout).toBe('in\n');
    expect(answers.requests).toHaveLength(1);
  });

  it('is logged in with the certificate where the server takes the plain key as well', async () => {
    const both = await start([takesKeys()]);
    const key = await certified();
    await farm.authorize(`${key}.pub`);
    await using pool = await poolFor(farm, [both]);
    expect((await run(pool, hostOn(farm, both, { identityFile: [key] }), 'echo in')).stdout).toBe('in\n');
    expect(both.log).toContain('ED25519-CERT');
    expect(both.log).not.toContain('Failed publickey');
  });

  it('falls back to the plain key where the server trusts no authority', async () => {
    const plain = await start([takesKeys(), 'TrustedUserCAKeys none']);
    const key = await certified();
    await farm.authorize(`${key}.pub`);
    await using pool = await poolFor(farm, [plain]);
    expect((await run(pool, hostOn(farm, plain, { identityFile: [key] }), 'echo in')).stdout).toBe('in\n');
  });

  it('reads a certificate again when it has been renewed', async () => {
    const key = await certified('ed25519', ['-V', '20200101:20210101']);
    await using pool = await poolFor(farm, [daemon]);
    const target = hostOn(farm, daemon, { identityFile: [key] });
    expect((await failure(run(pool, target, 'true'))).hint).toContain('expired');
    await authority.certify(key, ['-n', me]);
    const answer = async () => (await run(pool, target, 'echo in').catch(() => undefined))?.stdout;
    await until('the renewed certificate to be tried', async () => (await answer()) === 'in\n');
  });

  it('goes through a jump that takes certificates, too', async () => {
    const key = await certified();
    await using pool = await poolFor(farm, [daemon], {
      inventoryHost: (name) =>
        name === 'bastion' ? hostOn(farm, daemon, { identityFile: [key] }, 'bastion') : undefined,
    });
    const target = hostOn(farm, daemon, { identityFile: [key], proxyJump: ['bastion'] });
    expect((await run(pool, target, 'echo in')).stdout).toBe('in\n');
  });

  describe('that is named', () => {
    it('is used with the identity file that it is for, wherever it lies', async () => {
      const other = await generateKey(newName(), 'ed25519');
      const key = await generateKey(newName(), 'ed25519');
      const certificate = await authority.certify(key, ['-n', me], file('named-certificate.pub'));
      await using pool = await poolFor(farm, [daemon]);
      const ssh = { identityFile: [other, key], certificateFile: [certificate] };
      expect((await run(pool, hostOn(farm, daemon, ssh), 'echo in')).stdout).toBe('in\n');
    });

    it('keeps those beside identity files out, as for OpenSSH', async () => {
      const key = await certified();
      const named = await authority.certify(key, ['-n', 'somebody'], file('for-somebody.pub'));
      await using pool = await poolFor(farm, [daemon]);
      const error = await failure(
        run(pool, hostOn(farm, daemon, { identityFile: [key], certificateFile: [named] }), 'true'),
      );
      expect(error.message).toContain(named);
      expect(error.message).not.toContain(`${key}-cert.pub`);
    });

    it('is found with .pub behind its name, as by OpenSSH', async () => {
      const key = await certified();
      await using pool = await poolFor(farm, [daemon]);
      const target = hostOn(farm, daemon, { identityFile: [key], certificateFile: [`${key}-cert`] });
      expect((await run(pool, target, 'echo in')).stdout).toBe('in\n');
    });

    it('is found by the tokens of ssh_config, and read with the user and host of the login', async () => {
      const key = await generateKey(newName(), 'ed25519');
      const name = `of-${me}@${daemon.address}:${daemon.port}-alias.pub`;
      await authority.certify(key, ['-n', me], file(name));
      const config = await farm.write(
        'tokens.conf',
        [
          'Host alias',
          `  HostName ${daemon.address}`,
          `  Port ${daemon.port}`,
          `  User ${me}`,
          `  IdentityFile ${key}`,
          `  CertificateFile "${farm.directory}/of-%r@%h:%p-%n.pub"`,
          '  IdentitiesOnly yes',
        ].join('\n'),
      );
      await using pool = await poolFor(farm, [daemon]);
      const target = hostOn(farm, daemon, { configFiles: [config] }, 'alias');
      delete target.ssh.identityFile;
      expect((await run(pool, target, 'echo in')).stdout).toBe('in\n');
    });

    it('without its private key is left out, and the message says so', async () => {
      const key = await certified();
      const elsewhere = file('without-a-key.pub');
      await rename(`${key}-cert.pub`, elsewhere);
      await using pool = await poolFor(farm, [daemon]);
      const error = await failure(run(pool, hostOn(farm, daemon, { certificateFile: [elsewhere] }), 'true'));
      expect(error.message).toContain(
        `${elsewhere}: neither an identity file nor an agent has its private key`,
      );
      expect(error.hint).toContain(elsewhere);
    });

    it('as an identity file is used with the key in another one', async () => {
      const key = await certified();
      const elsewhere = file('as-identity.pub');
      await rename(`${key}-cert.pub`, elsewhere);
      await using pool = await poolFor(farm, [daemon]);
      const target = hostOn(farm, daemon, { identityFile: [elsewhere, key] });
      expect((await run(pool, target, 'echo in')).stdout).toBe('in\n');
    });
  });

  describe('that the server does not take', () => {
    /** The error of a login with a certificate of these options. */
    async function refusal(options: readonly string[], on = daemon) {
      const key = await generateKey(newName(), 'ed25519');
      const certificate = await authority.certify(key, options);
      await using pool = await poolFor(farm, [on]);
      const error = await failure(run(pool, hostOn(farm, on, { identityFile: [key] }), 'true'));
      expect(error).toMatchObject({ code: 'AUTH', phase: 'auth', host: 'target' });
      expect(error.message).toContain(`certificate ${certificate} (SHA256:`);
      expect(error.hint).toContain(certificate);
      return error.hint!;
    }

    it('because it has expired: since when, for whom, and what to do', async () => {
      const hint = await refusal(['-n', `${me},ops`, '-V', '20200101120000:20210203040500']);
      expect(hint).toMatch(
        new RegExp(`for ${me}, ops expired on 2021-02-03 04:05, \\d+ d ago by the clock of this machine`),
      );
    });

    it('because it is not valid yet: from when on', async () => {
      const hint = await refusal(['-n', me, '-V', '20800101120000:20810101']);
      expect(hint).toMatch(/is valid from 2080-01-01 12:00 on, in \d+ d by the clock of this machine/);
    });

    it('because it is for another user: for whom it is, and as whom the login was', async () => {
      const hint = await refusal(['-n', 'alice,deploy', '-V', '-1d:20800101120000']);
      expect(hint).toContain('for alice, deploy is valid until 2080-01-01 12:00');
      expect(hint).toContain(`lets one of these principals in as ${me}`);
      // The server has not said so.
      expect(hint).not.toContain('expired');
    });

    it('because it names no principals', async () => {
      expect(await refusal([])).toContain('names no principals');
    });

    it('because of a critical option that OpenSSH does not know', async () => {
      const hint = await refusal(['-n', me, '-O', 'critical:mfa@example.com=required']);
      expect(hint).toContain('has the critical option “mfa@example.com”');
    });

    it('because it may not come from here: from where it may', async () => {
      const hint = await refusal(['-n', me, '-O', 'source-address=192.0.2.0/24']);
      expect(hint).toContain('that you connect from 192.0.2.0/24');
    });

    it('because its authority is not trusted: which one that is', async () => {
      const strange = await SshAuthority.create(file('strange'));
      const key = await generateKey(newName(), 'ed25519');
      await strange.certify(key, ['-n', me]);
      const { stdout } = await execute('ssh-keygen', ['-lf', `${strange.key}.pub`]);
      await using pool = await poolFor(farm, [daemon]);
      const error = await failure(run(pool, hostOn(farm, daemon, { identityFile: [key] }), 'true'));
      expect(error.hint).toContain(`trusts its authority (${stdout.split(' ')[1]})`);
    });

    it('because its key is revoked, of which the server says nothing, and neither does the message', async () => {
      const key = await certified();
      const revoking = await start([`RevokedKeys ${key}.pub`]);
      await using pool = await poolFor(farm, [revoking]);
      const error = await failure(run(pool, hostOn(farm, revoking, { identityFile: [key] }), 'true'));
      expect(revoking.log).toContain('revoked');
      expect(error.hint).toContain(`${key}-cert.pub for ${me} is valid without end`);
      expect(`${error.message} ${error.hint}`).not.toContain('revoked');
    });

    it('because an old authority has signed it with SHA-1', async () => {
      const old = await SshAuthority.create(file('old'), 'authority', 'rsa');
      const key = await generateKey(newName(), 'ed25519');
      await old.certify(key, ['-n', me, '-t', 'ssh-rsa']);
      const trusting = await start([`TrustedUserCAKeys ${old.key}.pub`]);
      await using pool = await poolFor(farm, [trusting]);
      const error = await failure(run(pool, hostOn(farm, trusting, { identityFile: [key] }), 'true'));
      expect(error.hint).toContain('SHA-1 (ssh-rsa)');
    });

    it('of an RSA key, because it is too old for SHA-2: it is not even tried', async () => {
      const key = await certified('rsa');
      await using server = await startHostileSsh(daemon, { ident: 'OpenSSH_7.4' });
      await using pool = await poolFor(farm, []);
      await farm.write('known_hosts', server.known);
      const target = host('old', '127.0.0.1', { port: server.port, identityFile: [key] });
      const error = await failure(run(pool, target, 'true'));
      expect(error.message).toContain(
        `certificate ${key}-cert.pub: the server takes RSA certificates with SHA-1 only`,
      );
    });
  });

  describe('whose principals are those of the server', () => {
    it('is taken for a user whose principals a file names', async () => {
      const principals = await farm.write('principals', 'team-ops\n');
      const mapping = await start([`AuthorizedPrincipalsFile ${principals}`]);
      await using pool = await poolFor(farm, [mapping]);
      const key = await generateKey(newName(), 'ed25519');
      await authority.certify(key, ['-n', 'team-ops']);
      expect((await run(pool, hostOn(farm, mapping, { identityFile: [key] }), 'echo in')).stdout).toBe(
        'in\n',
      );
    });
  });

  describe('with critical options', () => {
    it('has the server run the command of force-command, of which the log says so', async () => {
      const key = await certified('ed25519', ['-O', 'force-command=echo forced']);
      const said: string[] = [];
      const say = (message: string) => said.push(message);
      const logger = { debug: say, info: say, warn: say, error: say };
      await using pool = await poolFor(farm, [daemon], { logger });
      const target = hostOn(farm, daemon, { identityFile: [key] });
      expect((await run(pool, target, 'echo asked')).stdout).toBe('forced\n');
      expect(said.join('\n')).toContain('run “echo forced” in place of every command');
    });

    it('is taken from an address that source-address names', async () => {
      const key = await certified('ed25519', ['-O', 'source-address=127.0.0.0/8']);
      await using pool = await poolFor(farm, [daemon]);
      expect((await run(pool, hostOn(farm, daemon, { identityFile: [key] }), 'echo in')).stdout).toBe('in\n');
    });
  });

  describe('in ssh-agent', () => {
    let agent: ChildProcess;

    beforeAll(async () => {
      agent = spawn('ssh-agent', ['-D', '-a', file('agent.sock')], { stdio: ['ignore', 'pipe', 'ignore'] });
      await once(agent.stdout!, 'data');
    });
    afterAll(async () => {
      const exited = once(agent, 'exit');
      agent.kill();
      await exited;
    });
    beforeEach(async () => {
      process.env.SSH_AUTH_SOCK = file('agent.sock');
      await execute('ssh-add', ['-q', '-D']);
    });

    /** Loads a key with its certificate and removes the files. */
    async function load(key: string): Promise<void> {
      await execute('ssh-add', ['-q', key]);
      await Promise.all(['', '.pub', '-cert.pub'].map((end) => rm(key + end, { force: true })));
    }

    it.each(['ed25519', 'ecdsa', 'rsa'] as const)('is taken: %s', async (type) => {
      await load(await certified(type));
      await using pool = await poolFor(farm, [daemon]);
      const target = hostOn(farm, daemon, { identityFile: undefined });
      expect((await run(pool, target, 'echo in')).stdout).toBe('in\n');
    });

    it.each(['ed25519', 'rsa'] as const)(
      'only has its key there, the certificate is a file: %s',
      async (type) => {
        const key = await certified(type);
        await rename(`${key}-cert.pub`, file('only-the-certificate.pub'));
        await load(key);
        await using pool = await poolFor(farm, [daemon]);
        const target = hostOn(farm, daemon, {
          identityFile: undefined,
          certificateFile: [file('only-the-certificate.pub')],
        });
        expect((await run(pool, target, 'echo in')).stdout).toBe('in\n');
      },
    );

    it('is beside the name of a key that only the agent holds', async () => {
      const key = await certified();
      await rename(`${key}-cert.pub`, `${key}-cert.keep`);
      await execute('ssh-add', ['-q', key]);
      await rm(key);
      await rename(`${key}-cert.keep`, `${key}-cert.pub`);
      await using pool = await poolFor(farm, [daemon]);
      for (const named of [key, `${key}.pub`]) {
        const target = hostOn(farm, daemon, { identityFile: [named], identitiesOnly: true });
        expect((await run(pool, target, 'echo in')).stdout).toBe('in\n');
      }
    });

    it('is offered before plain keys, which would use up the tries', async () => {
      for (let index = 0; index < 6; index++) await load(await generateKey(newName(), 'ed25519'));
      await load(await certified());
      await using pool = await poolFor(farm, [daemon]);
      const target = hostOn(farm, daemon, { identityFile: undefined });
      expect((await run(pool, target, 'echo in')).stdout).toBe('in\n');
    });

    it('comes last once it has expired, as agents collect such ones', async () => {
      for (let index = 0; index < 7; index++)
        await load(await certified('ed25519', ['-V', '20200101:20210101']));
      await load(await certified());
      await using pool = await poolFor(farm, [daemon]);
      const target = hostOn(farm, daemon, { identityFile: undefined });
      expect((await run(pool, target, 'echo in')).stdout).toBe('in\n');
    });

    it('counts as a try: no more than six are offered', async () => {
      for (let index = 0; index < 8; index++) await load(await certified('ed25519', ['-n', 'somebody']));
      await using pool = await poolFor(farm, [daemon]);
      const error = await failure(run(pool, hostOn(farm, daemon, { identityFile: undefined }), 'true'));
      expect(error.code).toBe('AUTH');
      expect(error.message.match(/certificate test of the agent/g)).toHaveLength(6);
      expect(error.message).not.toContain('Too many');
    });

    it('is not offered with identitiesOnly, unless an identity file or certificateFile names it', async () => {
      const key = await certified();
      const copy = file('copy-of-certificate.pub');
      await writeFile(copy, await readFile(`${key}-cert.pub`));
      await load(key);
      await using pool = await poolFor(farm, [daemon]);
      const none = hostOn(farm, daemon, { identitiesOnly: true });
      expect((await failure(run(pool, none, 'true'))).message).not.toContain('of the agent');
      const asFile = hostOn(farm, daemon, { identityFile: [copy], identitiesOnly: true });
      expect((await run(pool, asFile, 'echo in')).stdout).toBe('in\n');
      const named = hostOn(farm, daemon, { certificateFile: [copy], identitiesOnly: true }, 'named');
      expect((await run(pool, named, 'echo in')).stdout).toBe('in\n');
    });

    it('is not looked for where IdentityAgent is none', async () => {
      await load(await certified());
      const config = await farm.write('no-agent.conf', 'Host *\n  IdentityAgent none\n');
      await using pool = await poolFor(farm, [daemon]);
      const error = await failure(run(pool, hostOn(farm, daemon, { configFiles: [config] }), 'true'));
      expect(error.message).not.toContain('of the agent');
    });

    it('that refuses to sign is passed over, and the next key is taken', async () => {
      const key = await certified();
      await execute('ssh-add', ['-q', '-c', key], { env: { ...process.env, SSH_ASKPASS: '/bin/false' } });
      await rm(key);
      const next = await certified();
      await using pool = await poolFor(farm, [daemon]);
      const target = hostOn(farm, daemon, { identityFile: [key, next] });
      expect((await run(pool, target, 'echo in')).stdout).toBe('in\n');
    });
  });

  describe('of a security key in an agent', () => {
    it.each(['ed25519', 'ecdsa'] as const)('is taken, as is the plain key: sk-%s', async (kind) => {
      const key = await createSecurityKey(newName(), kind);
      const name = key.publicKeyFile.replace(/\.pub$/, '');
      await authority.certify(name, ['-n', me]);
      const certificate = Buffer.from((await readFile(`${name}-cert.pub`, 'utf8')).split(' ')[1]!, 'base64');
      const plain = await start([takesKeys(), 'TrustedUserCAKeys none']);
      await farm.authorize(key.publicKeyFile);
      process.env.SSH_AUTH_SOCK = file(`sk-${kind}.sock`);
      await using pool = await poolFor(farm, [daemon, plain]);
      {
        await using agent = await startSecurityKeyAgent(
          process.env.SSH_AUTH_SOCK,
          [key],
          [certificate, key.data],
        );
        const target = (on: Sshd) => hostOn(farm, on, { identityFile: undefined }, `on-${on.port}`);
        expect((await run(pool, target(daemon), 'echo in')).stdout).toBe('in\n');
        expect((await run(pool, target(plain), 'echo in')).stdout).toBe('in\n');
        expect(agent.touches).toBe(2);
      }
      await using agent = await startSecurityKeyAgent(process.env.SSH_AUTH_SOCK, [key]);
      const beside = hostOn(farm, daemon, { identityFile: [name], identitiesOnly: true }, 'beside');
      expect((await run(pool, beside, 'echo in')).stdout).toBe('in\n');
      const named = hostOn(farm, plain, { identityFile: [key.publicKeyFile], identitiesOnly: true }, 'named');
      expect((await run(pool, named, 'echo in')).stdout).toBe('in\n');
      expect(agent.touches).toBe(2);
    });

    it('is left out without an agent, and the message says what is missing', async () => {
      const key = await createSecurityKey(newName(), 'ed25519');
      await using pool = await poolFor(farm, [daemon]);
      const error = await failure(
        run(pool, hostOn(farm, daemon, { identityFile: [key.publicKeyFile] }), 'true'),
      );
      expect(error.message).toContain('only an agent can use a security key');
      expect(error.hint).toContain('ssh-add');
    });
  });

  describe('whose file is not one', () => {
    /** What is said of a file that is put in the place of a certificate; the plain key is tried all the same. */
    async function saidOf(put: (certificate: string, key: string) => Promise<unknown>) {
      const key = await generateKey(newName(), 'ed25519');
      await put(`${key}-cert.pub`, key);
      await using pool = await poolFor(farm, [daemon]);
      const error = await failure(run(pool, hostOn(farm, daemon, { identityFile: [key] }), 'true'));
      expect(error.code).toBe('AUTH');
      expect(error.message).toContain(`tried ${key} (SHA256:`);
      return error.message.split(`certificate ${key}-cert.pub`)[1];
    }

    it.each([
      [
        'a named pipe',
        (certificate: string) => execute('mkfifo', [certificate]),
        /: it is a (?:named )?pipe/,
      ],
      ['a folder', (certificate: string) => execute('mkdir', [certificate]), /: it is a folder/],
      [
        'larger than any',
        (certificate: string) => execute('truncate', ['-s', '3G', certificate]),
        /: it is larger than 1 MiB/,
      ],
      ['empty', (certificate: string) => writeFile(certificate, ''), /: it is not a certificate/],
      [
        'text',
        (certificate: string) => writeFile(certificate, 'token: hunter2\n'),
        /: it is not a certificate$/,
      ],
      [
        'the public key',
        async (certificate: string, key: string) => writeFile(certificate, await readFile(`${key}.pub`)),
        /: it is a key, not a certificate/,
      ],
      [
        'a host certificate',
        (certificate: string, key: string) => authority.certify(key, ['-h', '-n', me], certificate),
        /: it is a host certificate/,
      ],
      [
        'of another key',
        async (certificate: string) => {
          await authority.certify(await generateKey(newName(), 'ed25519'), ['-n', me], certificate);
        },
        /: neither an identity file nor an agent has its private key/,
      ],
      [
        'cut off',
        async (certificate: string, key: string) => {
          await authority.certify(key, ['-n', me], certificate);
          await writeFile(certificate, (await readFile(certificate, 'utf8')).slice(0, 300));
        },
        /: the certificate is damaged/,
      ],
    ] as const)('but %s', async (_what, put, said) => {
      expect(await saidOf(put)).toMatch(said);
    });

    it('with a changed byte is not offered', async () => {
      const said = await saidOf(async (certificate, key) => {
        await authority.certify(key, ['-n', 'alice'], certificate);
        const [type, base64] = (await readFile(certificate, 'utf8')).split(' ');
        const data = Buffer.from(base64!, 'base64');
        data.write('mabel', data.indexOf('alice'));
        await writeFile(certificate, `${type} ${data.toString('base64')}\n`);
      });
      expect(said).toMatch(/the signature of its authority is wrong/);
    });
  });
});
