import { mkdir, mkdtemp, readFile, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Host, SshSettings } from '../../../../src/platform/inventory/model';
import { secretId } from '../../../../src/platform/host/secretDestination';
import type { SshPoolOptions } from '../../../../src/platform/transport/ssh/pool/createSshPool';
import { generateKey, type Sshd, SshdFarm } from '../../../harness/sshd';
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

const relay = `exec ${process.execPath} -e 'const s=require("net").connect(%p,"%h");process.stdin.pipe(s);s.pipe(process.stdout)'`;

const skType = 'sk-ssh-ed25519@openssh.com';
const skKey = Buffer.concat([Buffer.from([0, 0, 0, skType.length]), Buffer.from(skType)]).toString('base64');

/** The user's known_hosts has the honest key of `victim`; `evil` is a repository whose author listens at its address. */
describe('trust that a project brings along', () => {
  let farm: SshdFarm;
  let victim: Sshd;
  let strangerKey: string;
  let before: string[];
  let honest: string;
  let evil: string;
  const userFile = () => path.join(farm.directory, 'known_hosts');
  const own = () => path.join(farm.directory, 'muster', 'known_hosts');

  beforeAll(async () => {
    farm = await SshdFarm.create();
    victim = await farm.start({ hostKeyTypes: ['ed25519', 'rsa'] });
    strangerKey = await generateKey(path.join(farm.directory, 'honest-key'), 'ed25519');
  });
  afterAll(() => farm[Symbol.asyncDispose]());

  beforeEach(async () => {
    before = openResources();
    await rm(path.dirname(own()), { recursive: true, force: true });
    honest = path.join(await mkdtemp(path.join(farm.directory, 'honest-')), 'muster.yaml');
    evil = path.join(await mkdtemp(path.join(farm.directory, 'evil-')), 'muster.yaml');
    await writeFile(evilFile(), '');
  });
  afterEach(() => nothingLeft(before, [victim]));

  const evilFile = () => path.join(path.dirname(evil), 'known_hosts');
  const evilHost = (): Host => hostOn(farm, victim, { knownHosts: [evilFile()] });
  const address = () => `[${victim.address}]:${victim.port}`;
  /** What the user knows: at the address of the victim there is a key that whoever listens there does not have. */
  const honestLine = (name = address()) => victim.knownHostsLine(strangerKey, name);

  /** The user opens an inventory, and says yes to everything. */
  async function openedBy(
    inventory: string,
    userText: string,
    host: Host,
    options: Partial<SshPoolOptions> = {},
  ): Promise<{ code: string | undefined; message: string; authority: ScriptedAuthority }> {
    const authority = new ScriptedAuthority('remember', ['the password']);
    await using pool = await poolFor(farm, [], { authority, inventoryFile: () => inventory, ...options });
    await writeFile(userFile(), userText);
    const outcome = run(pool, host, 'true');
    const isIn = await outcome.then(
      () => true,
      () => false,
    );
    if (isIn) return { code: undefined, message: '', authority };
    const { code, message } = await failure(outcome);
    return { code, message, authority };
  }

  it.each([
    ['an empty file', () => ''],
    ['the key of whoever listens', () => victim.knownHostsLine()],
    ['that key without a port', () => victim.knownHostsLine(undefined, victim.address)],
    ['that key for everything', () => victim.knownHostsLine(undefined, '*')],
    ['another key of the server, of another type', () => victim.knownHostsLine(victim.hostKeys[1])],
    ['an authority', async () => `@cert-authority ${await victim.knownHostsLine(undefined, '*')}`],
    ['a revocation of the key that the user knows', async () => `@revoked ${await honestLine('*')}`],
  ])('does not override the user’s own: %s', async (_, text) => {
    await writeFile(evilFile(), await text());
    const logins = victim.logins;
    for (let time = 0; time < 2; time++) {
      const { code, message, authority } = await openedBy(evil, await honestLine(), evilHost());
      expect(code).toBe('HOST_KEY_MISMATCH');
      expect(message).toContain(`${userFile()}:1`);
      expect(authority.hostKeys).toEqual([]);
    }
    // The attack of old: what was remembered for the repository was trusted everywhere.
    expect((await openedBy(honest, await honestLine(), hostOn(farm, victim))).code).toBe('HOST_KEY_MISMATCH');
    expect(victim.logins).toBe(logins);
    await expect(readdir(path.dirname(own()))).rejects.toThrow('ENOENT');
  });

  it.each([
    ['0x7f000001', 'HOST_KEY_MISMATCH'],
    ['0', 'HOST_KEY_MISMATCH'],
    ['１27.0.0.1', 'INVENTORY'],
    ['127。0。0。1', 'INVENTORY'],
    ['127.0.0.\u00AD1', 'INVENTORY'],
    ['127.0.0.①', 'INVENTORY'],
  ])(
    'does not pass a known host off as another one by another spelling of its address: %s',
    async (address, code) => {
      await writeFile(
        evilFile(),
        `${await victim.knownHostsLine(undefined, '*')}${await victim.knownHostsLine(undefined, '[*]:*')}`,
      );
      expect(victim.address).toBe('127.0.0.1');
      const logins = victim.logins;
      expect((await openedBy(evil, await honestLine(), { ...evilHost(), address })).code).toBe(code);
      const jump = hostOn(farm, victim, {
        knownHosts: [evilFile()],
        proxyJump: [`ops@${address}:${victim.port}`],
      });
      expect((await openedBy(evil, await honestLine(), jump)).code).toBe(code);
      expect(victim.logins).toBe(logins);
    },
  );

  it.each([
    ['a key for the bare name', () => honestLine(victim.address)],
    ['a key that only hardware signs with', () => `${address()} ${skType} ${skKey}\n`],
    ['a line that is cut off', () => `${address()} ssh-ed25519 AAAA\n`],
  ])('does not speak for a host of which the user’s own files have %s', async (_, text) => {
    await writeFile(evilFile(), await victim.knownHostsLine());
    const refusing = { authority: new ScriptedAuthority('reject') };
    expect((await openedBy(evil, await text(), evilHost(), refusing)).code).toBe('HOST_KEY_UNKNOWN');
    expect(refusing.authority.hostKeys).toHaveLength(1);
    // What the user answers counts.
    expect((await openedBy(evil, await text(), evilHost())).code).toBeUndefined();
    expect((await openedBy(evil, await text(), evilHost(), refusing)).code).toBeUndefined();
  });

  it('does not pass a known host off as another one by HostKeyAlias', async () => {
    await writeFile(evilFile(), await victim.knownHostsLine(undefined, 'other'));
    // The user knows the attacker's own machine, too.
    const userText = (await honestLine()) + (await victim.knownHostsLine(undefined, 'git.evil.example'));
    for (const alias of ['other', 'git.evil.example', 'never-heard-of']) {
      const config = path.join(path.dirname(evil), 'ssh_config');
      await writeFile(
        config,
        `Host target\n  HostName ${victim.address}\n  HostKeyAlias ${alias}\n  UserKnownHostsFile ${evilFile()}\n`,
      );
      const host = hostOn(farm, victim, { configFiles: [config] });
      expect((await openedBy(evil, userText, host)).code).toBe('HOST_KEY_MISMATCH');
    }
  });

  it('does not speak for other hosts by a HostKeyAlias that is a pattern or several lines', async () => {
    for (const alias of ['*', 'a,db.example.com', '@cert-authority', '|1|', '#']) {
      const config = path.join(path.dirname(evil), 'ssh_config');
      await writeFile(config, `Host target\n  HostName ${victim.address}\n  HostKeyAlias "${alias}"\n`);
      const host = hostOn(farm, victim, { configFiles: [config] });
      expect((await openedBy(evil, '', host)).code).toBeUndefined();
      // The very key is known for that alias from then on, and for nothing else.
      const again = await openedBy(evil, '', host);
      expect([again.code, again.authority.hostKeys]).toEqual([undefined, []]);
      const other = await openedBy(evil, '', evilHost(), { authority: new ScriptedAuthority('reject') });
      expect(other.code).toBe('HOST_KEY_UNKNOWN');
    }
  });

  describe('is asked about where the user’s own files know nothing', () => {
    const userNothing = '# nobody is known\n';

    it('and what is answered is remembered for that inventory only', async () => {
      const first = await openedBy(evil, userNothing, evilHost());
      expect(first.code).toBeUndefined();
      expect(first.authority.hostKeys).toMatchObject([
        { host: 'target', project: { inventory: evil, knownHosts: [evilFile()] } },
      ]);
      const again = await openedBy(evil, userNothing, evilHost());
      expect([again.code, again.authority.hostKeys]).toEqual([undefined, []]);
      for (const [inventory, host] of [
        [honest, hostOn(farm, victim)],
        // Another inventory that names the very file of the first one.
        [honest, evilHost()],
      ] as const) {
        const refusing = new ScriptedAuthority('reject');
        const other = await openedBy(inventory, userNothing, host, { authority: refusing });
        expect(other.code).toBe('HOST_KEY_UNKNOWN');
        expect(refusing.hostKeys).toHaveLength(1);
      }
      // Nothing is written into the project.
      expect((await readdir(path.dirname(evil))).sort()).toEqual(['known_hosts']);
      expect(await readFile(evilFile(), 'utf8')).toBe('');
      const [file] = await readdir(`${own()}.d`);
      expect(await readFile(path.join(`${own()}.d`, file!), 'utf8')).toBe(
        `# keys that were trusted for the inventory ${evil} only\n${await victim.knownHostsLine()}`,
      );
    });

    it('and is contradicted by what the user’s own files learn later', async () => {
      await openedBy(evil, userNothing, evilHost());
      expect((await openedBy(evil, await honestLine(), evilHost())).code).toBe('HOST_KEY_MISMATCH');
    });

    it('and a link to an honest inventory does not speak for it, nor does the folder under another name part from itself', async () => {
      await writeFile(honest, 'hosts: {}');
      const link = path.join(path.dirname(evil), 'link.yaml');
      await symlink(honest, link);
      expect((await openedBy(link, userNothing, evilHost())).code).toBeUndefined();
      const refusing = { authority: new ScriptedAuthority('reject') };
      expect((await openedBy(honest, userNothing, hostOn(farm, victim), refusing)).code).toBe(
        'HOST_KEY_UNKNOWN',
      );
      const alias = path.join(farm.directory, `alias-${path.basename(path.dirname(evil))}`);
      await symlink(path.dirname(evil), alias);
      expect(await realpath(alias)).toBe(await realpath(path.dirname(evil)));
      expect((await openedBy(path.join(alias, 'link.yaml'), userNothing, evilHost(), refusing)).code).toBe(
        undefined,
      );
    });

    it('and a key that was met through a way of the inventory is remembered for it only', async () => {
      const host = hostOn(farm, victim, { proxyCommand: relay });
      const first = await openedBy(evil, userNothing, host);
      expect(first.code).toBeUndefined();
      expect(first.authority.hostKeys).toMatchObject([{ project: { inventory: evil, knownHosts: [] } }]);
      const refusing = { authority: new ScriptedAuthority('reject') };
      expect((await openedBy(honest, userNothing, hostOn(farm, victim), refusing)).code).toBe(
        'HOST_KEY_UNKNOWN',
      );
    });

    it('and one that is trusted once stays so for that inventory only', async () => {
      let inventory = evil;
      const decisions = ['once', 'reject'] as const;
      let asked = 0;
      const authority = new ScriptedAuthority(() => Promise.resolve(decisions[asked++]!));
      await using pool = await poolFor(farm, [], { authority, inventoryFile: () => inventory, idleMs: 1 });
      await run(pool, evilHost(), 'true');
      await run(pool, evilHost(), 'true');
      expect(asked).toBe(1);
      inventory = honest;
      expect((await failure(run(pool, hostOn(farm, victim), 'true'))).code).toBe('HOST_KEY_UNKNOWN');
    });

    it('and works as far as the project’s own files go', async () => {
      await writeFile(evilFile(), await victim.knownHostsLine());
      const { code, authority } = await openedBy(evil, userNothing, evilHost());
      expect([code, authority.hostKeys]).toEqual([undefined, []]);
      const refusing = { authority: new ScriptedAuthority('reject') };
      expect((await openedBy(honest, userNothing, hostOn(farm, victim), refusing)).code).toBe(
        'HOST_KEY_UNKNOWN',
      );
    });
  });

  describe('beside the file that earlier versions remembered in', () => {
    beforeEach(() => mkdir(path.dirname(own()), { recursive: true }));
    const earlier = (text: string) => writeFile(own(), text);

    it('goes on with what is in it', async () => {
      await earlier(await victim.knownHostsLine());
      for (const [inventory, host] of [
        [honest, hostOn(farm, victim)],
        [evil, evilHost()],
      ] as const) {
        const { code, authority } = await openedBy(inventory, '', host);
        expect([code, authority.hostKeys]).toEqual([undefined, []]);
      }
    });

    it('does not believe a key in it that the user’s own files contradict', async () => {
      await earlier(await victim.knownHostsLine());
      expect((await openedBy(honest, await honestLine(), hostOn(farm, victim))).code).toBe(
        'HOST_KEY_MISMATCH',
      );
    });

    it('does not override it either', async () => {
      await earlier(await honestLine());
      await writeFile(evilFile(), await victim.knownHostsLine());
      expect((await openedBy(evil, '', evilHost())).code).toBe('HOST_KEY_MISMATCH');
    });
  });

  describe('for a secret', () => {
    /** What is said to the one who keeps the password `secret` of the victim's login, and what the server was sent. */
    async function asked(ssh: SshSettings, key: string, port?: number) {
      await using server = await startPasswordServer(
        key,
        ['password'],
        undefined,
        undefined,
        undefined,
        port,
      );
      const line = await victim.knownHostsLine(key, `[127.0.0.1]:${server.port}`);
      const bastion = await victim.knownHostsLine();
      await writeFile(evilFile(), ssh.knownHosts ? line + bastion : '');
      const authority = new ScriptedAuthority('reject', [undefined]);
      await using pool = await poolFor(farm, [], {
        authority,
        inventoryFile: () => evil,
        inventoryHost: (name) => (name === 'bastion' ? hostOn(farm, victim, {}, name) : undefined),
      });
      await writeFile(userFile(), ssh.knownHosts ? bastion : line + bastion);
      const target = host('db', '127.0.0.1', { port: server.port, user: 'ops', identityFile: [], ...ssh });
      expect((await failure(run(pool, target, 'true'))).code).toBe('AUTH');
      expect(server.tried.filter((one) => one.startsWith('password'))).toEqual([]);
      const [request] = authority.requests;
      return { id: secretId(request!), ...request!, port: server.port };
    }

    it('says who vouches for the server, and tells every other key and way from the one that it was given for', async () => {
      const [honestKey, evilKey] = [victim.hostKeys[0]!, strangerKey];
      const first = await asked({}, honestKey);
      const { port } = first;
      expect(first.destination).toMatchObject({ route: [], vouchedBy: 'user' });
      const again = await asked({}, honestKey, port);
      expect(again.id).toBe(first.id);
      const knownHosts = [evilFile()];
      const hop = `${userInfo().username}@${victim.address}:${victim.port}`;
      const attacks = [
        await asked({ knownHosts }, evilKey, port),
        await asked({ knownHosts, proxyJump: ['bastion'] }, evilKey, port),
        await asked({ knownHosts, proxyCommand: relay }, evilKey, port),
        // A key that the user's files vouch for, by another way.
        await asked({ proxyJump: ['bastion'] }, honestKey, port),
        await asked({ proxyCommand: relay }, honestKey, port),
      ];
      expect(attacks.map(({ subject }) => subject)).toEqual(Array(5).fill(first.subject));
      expect(new Set([first, ...attacks].map(({ id }) => id)).size).toBe(6);
      expect(attacks.map(({ destination }) => [destination?.vouchedBy, destination?.route])).toEqual([
        ['project', []],
        ['project', [hop]],
        ['project', [expect.stringMatching(/^\$ exec .*node/)]],
        ['user', [hop]],
        ['user', [expect.stringMatching(/^\$ exec .*node/)]],
      ]);
      // The very key, and yet only the project says so.
      const vouched = await asked({ knownHosts }, honestKey, port);
      expect([vouched.id, vouched.destination?.vouchedBy]).toEqual([first.id, 'project']);
    });
  });

  it('fails closed where a file of the user cannot be read, although the project knows the key', async () => {
    await writeFile(evilFile(), await victim.knownHostsLine());
    const folder = path.join(farm.directory, 'a-folder');
    await mkdir(folder, { recursive: true });
    const userKnownHosts = { user: [folder], global: [] };
    const { code, message } = await openedBy(evil, '', evilHost(), { userKnownHosts });
    expect(code).toBe('HOST_KEY_UNKNOWN');
    expect(message).toContain(`cannot read ${folder}`);
  });
});
