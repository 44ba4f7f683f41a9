import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SshConfig } from '../../../../src/platform/transport/ssh/config/sshConfig';
import { cpuMs } from '../../../harness/cpuMs';

describe('ssh_config', () => {
  let folder: string;
  let warnings: string[];
  let config: SshConfig;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'muster-config-'));
  });
  afterAll(() => rm(folder, { recursive: true }));
  beforeEach(() => {
    warnings = [];
    config = newConfig();
  });

  const newConfig = () =>
    new SshConfig(({ message, range }) => warnings.push(`${range.line}: ${message}`), { userFolder: folder });

  async function write(name: string, text: string): Promise<string> {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
    return file;
  }
  const resolve = async (text: string, alias = 'web', user?: string) =>
    newConfig().resolve(alias, [await write('config', text)], user);

  it('gives what its Host blocks say, the first value of each keyword', async () => {
    expect(
      await resolve(`
Host web*
  HostName %h.example.com
  Port 2222
  User ops
  IdentitiesOnly yes
Host *
  User nobody
  Port 1
  ConnectTimeout 7
  ServerAliveInterval 30
  HostKeyAlias shared
`),
    ).toMatchObject({
      hostName: 'web.example.com',
      port: 2222,
      user: 'ops',
      identitiesOnly: true,
      connectTimeoutMs: 7000,
      keepaliveMs: 30_000,
      hostKeyAlias: 'shared',
    });
  });

  it('says nothing of other hosts', async () => {
    expect(await resolve('Host db !web *b\n  User ops\nHost !web *\n  Port 1', 'web')).toMatchObject({
      user: undefined,
      port: undefined,
      identityFiles: undefined,
    });
  });

  it('reads keywords in any case, with = and quotes', async () => {
    expect(await resolve('hOsT="web"\n hostname = "10.0.0.1"\n\tUSER "ops"')).toMatchObject({
      hostName: '10.0.0.1',
      user: 'ops',
    });
  });

  it('adds identity files up, with ~ and tokens expanded', async () => {
    const { identityFiles } = await resolve(
      'Host web\n HostName 10.0.0.1\n User ops\n IdentityFile ~/.ssh/%r-%h\nHost *\n IdentityFile "%d/a b"\n IdentityFile none',
    );
    expect(identityFiles).toEqual([path.join(homedir(), '.ssh/ops-10.0.0.1'), `${homedir()}/a b`]);
  });

  it('gives jumps in their order, and none', async () => {
    expect((await resolve('ProxyJump a,ops@b:2222')).proxyJump).toEqual(['a', 'ops@b:2222']);
    expect((await resolve('ProxyJump none\nProxyJump a')).proxyJump).toEqual([]);
  });

  it('takes the jump or the command, whichever comes first', async () => {
    expect(await resolve('ProxyCommand nc %h %p\nProxyJump a')).toMatchObject({
      proxyCommand: 'nc %h %p',
      proxyJump: undefined,
    });
    expect(await resolve('ProxyJump a\nProxyCommand nc %h %p')).toMatchObject({
      proxyCommand: undefined,
      proxyJump: ['a'],
    });
    expect((await resolve('ProxyCommand none\nProxyCommand nc')).proxyCommand).toBeUndefined();
  });

  it('leaves the quotes of a command to the shell', async () => {
    expect((await resolve('ProxyCommand ssh -W "%h:%p" bastion')).proxyCommand).toBe(
      'ssh -W "%h:%p" bastion',
    );
  });

  it('gives several known_hosts files', async () => {
    expect((await resolve('UserKnownHostsFile ~/a /b')).knownHosts).toEqual([
      path.join(homedir(), 'a'),
      '/b',
    ]);
  });

  describe('Include', () => {
    it('reads other files where it stands, relative to the own folder, in order', async () => {
      await write('conf.d/20-b.conf', 'User second');
      await write('conf.d/10-a.conf', 'Host web\n User first\n Port 10');
      await write('conf.d/.hidden.conf', 'Port 1');
      expect(await resolve('Include conf.d/*.conf\nHost *\n User last')).toMatchObject({
        user: 'first',
        port: 10,
      });
    });

    it('inside a block holds for its hosts only', async () => {
      await write('only-db', 'Host *\n User db');
      expect((await resolve('Host db\n Include only-db\nHost *\n User any', 'web')).user).toBe('any');
      expect((await resolve('Host db\n Include only-db\nHost *\n User any', 'db')).user).toBe('db');
    });

    it('of itself is passed over, with a warning', async () => {
      const { user } = await resolve('Include config\nUser ops');
      expect(user).toBe('ops');
      expect(warnings.join()).toMatch(/cyclic/);
    });

    it('of what cannot be read is passed over, with a warning', async () => {
      await mkdir(path.join(folder, 'a-folder'), { recursive: true });
      expect((await resolve('Include a-folder\nUser ops')).user).toBe('ops');
      expect(warnings.join()).toMatch(/^1: cannot read .*a-folder/);
    });

    it('goes sixteen levels deep', async () => {
      for (let level = 1; level <= 17; level++)
        await write(`level-${level}`, `IdentityFile /${level}\nInclude level-${level + 1}`);
      const { identityFiles } = await resolve('Include level-1\nUser ops');
      expect(identityFiles).toHaveLength(16);
      expect(warnings.join()).toMatch(/16 deep/);
    });

    it('may hold tokens', async () => {
      await write('of-web', 'Port 7');
      expect((await resolve('Include of-%h')).port).toBe(7);
    });

    it('of what is not there is passed over', async () => {
      expect((await resolve('Include nothing/*.conf missing\nUser ops')).user).toBe('ops');
    });
  });

  describe('Match', () => {
    it.each([
      ['all', true],
      ['originalhost web', true],
      ['host 10.0.0.*', true],
      ['host web', false],
      ['!host web', true],
      ['user ops', true],
      ['user root,admin', false],
      [`localuser ${userInfo().username}`, true],
      ['originalhost web user root', false],
      ['localnetwork 198.51.100.0/24', false],
      ['localnetwork 127.0.0.0/8', true],
      ['!localnetwork 198.51.100.0/24,2001:db8::/32', true],
      ['!final', true],
      ['!final host 10.0.0.1', true],
      ['tagged blue', true],
      ['!tagged red,green', true],
      ['exec "test %n = web"', true],
      ['exec "test %h = web"', false],
      ['!exec false', true],
      ['originalhost db exec "exit 0"', false],
    ])('%s: %s', async (criteria, matches) => {
      const { port } = await resolve(
        `Tag blue\nHost web\n HostName 10.0.0.1\n User ops\nMatch ${criteria}\n Port 99`,
      );
      expect(port).toBe(matches ? 99 : undefined);
    });

    it('final holds when the files are read again, with what was found', async () => {
      const text = 'Match final host 10.0.0.1\n Port 99\nHost web\n HostName 10.0.0.1';
      expect((await resolve(text)).port).toBe(99);
    });

    it('exec runs nothing that a project brings along', async () => {
      const elsewhere = await mkdtemp(path.join(tmpdir(), 'muster-project-'));
      const mark = path.join(elsewhere, 'mark');
      const file = path.join(elsewhere, 'config');
      await writeFile(file, `Match exec "touch ${mark}"\n Port 99`);
      expect((await config.resolve('web', [file])).port).toBeUndefined();
      await expect(rm(mark)).rejects.toThrow('ENOENT');
      expect(warnings.join()).toMatch(/exec/);
      await rm(elsewhere, { recursive: true });
    });

    it.each(['command ls', '!command ls', 'version 9.*', '!sessiontype shell', 'localnetwork 10.0.0.0/99'])(
      '%s is not known here: its block is left out with a warning',
      async (criterion) => {
        expect(await resolve(`Match ${criterion}\n Port 99\nHost web\n User ops`)).toMatchObject({
          port: undefined,
          user: 'ops',
        });
        expect(warnings.join()).toMatch(/^1: Match \w+ cannot be evaluated here/);
      },
    );

    it('with something unknown is no matter where another criterion fails', async () => {
      await resolve('Match command ls originalhost db\n Port 99');
      expect(warnings).toEqual([]);
    });

    it('!exec in a file of a project is left out, too', async () => {
      const elsewhere = await mkdtemp(path.join(tmpdir(), 'muster-project-'));
      const file = path.join(elsewhere, 'config');
      await writeFile(file, 'Match !exec "false"\n Port 99');
      expect((await config.resolve('web', [file])).port).toBeUndefined();
      await rm(elsewhere, { recursive: true });
    });

    it('exec leaves the event loop free', async () => {
      let turns = 0;
      const timer = setInterval(() => turns++, 10);
      await resolve('Match exec "sleep 0.3"\n Port 99');
      clearInterval(timer);
      expect(turns).toBeGreaterThan(5);
    });
  });

  it('finds the blocks of a host among thousands', async () => {
    const blocks = Array.from({ length: 20_000 }, (_, index) => `Host web-${index}\n Port ${index + 1}\n`);
    const file = await write('large', `Host *\n User first\n${blocks.join('')}Host web-7 web-9\n User last`);
    await config.resolve('web-0', [file]);
    const ms = await cpuMs(async () => {
      for (let index = 0; index < 2000; index++)
        expect((await config.resolve(`web-${index}`, [file])).port).toBe(index + 1);
    });
    expect(ms).toBeLessThan(2000);
    expect((await config.resolve('web-7', [file])).user).toBe('first');
  });

  it('passes no name to a shell that would mean something else there', async () => {
    const mark = path.join(folder, 'mark');
    const resolving = config.resolve(`$(touch ${mark})`, [
      await write('exec', 'Match exec "test %h"\n Port 99'),
    ]);
    await expect(resolving).rejects.toMatchObject({ code: 'INVENTORY' });
    await expect(rm(mark)).rejects.toThrow('ENOENT');
  });

  it('honours both words for yes, in any case', async () => {
    for (const word of ['yes', 'true', 'TRUE'])
      expect((await resolve(`IdentitiesOnly ${word}`)).identitiesOnly).toBe(true);
    for (const word of ['no', 'false', 'No'])
      expect((await resolve(`IdentitiesOnly ${word}`)).identitiesOnly).toBe(false);
  });

  it('tells no identity files from none named', async () => {
    expect((await resolve('IdentityFile none')).identityFiles).toEqual([]);
    expect((await resolve('User ops')).identityFiles).toBeUndefined();
  });

  it('expands the tokens of later versions of OpenSSH, too', async () => {
    const { identityFiles } = await resolve('HostKeyAlias key\nProxyJump a,ops@b:22\nIdentityFile /%k-%j-%%');
    expect(identityFiles).toEqual(['/key-b-%']);
  });

  it('refuses a path with a variable that is not set: it would be another path', async () => {
    await expect(resolve('User ops\nIdentityFile ${MUSTER_UNSET}/key')).rejects.toMatchObject({
      code: 'INVENTORY',
      message: `${folder}/config:2: IdentityFile: the environment variable MUSTER_UNSET is not set`,
    });
  });

  describe('a line that cannot be understood', () => {
    it.each([
      ['Port 70000', 'Port: “70000” is not a value of it'],
      ['IdentitiesOnly on', 'IdentitiesOnly: “on” is not a value of it'],
      ['IdentityFile C:\\Users\\A B\\key', 'IdentityFile: “B\\key” is one argument too many'],
      ['User "ops', 'User: a quote is not closed'],
      ['HostName', 'HostName: its argument is missing'],
      ['HostName %n.example.com', 'HostName: %n does not stand for anything in it'],
      ['ProxyJump a,,b', 'not a jump: '],
      ['UserKnownHostsFile none /a', 'UserKnownHostsFile: “none” stands alone'],
    ])('refuses the hosts that it is for, and no others: %s', async (line, message) => {
      const text = `Host web\n ${line}\nHost db\n User ops`;
      await expect(resolve(text)).rejects.toMatchObject({
        code: 'INVENTORY',
        message: `${folder}/config:2: ${message}`,
      });
      expect((await resolve(text, 'db')).user).toBe('ops');
    });

    it('is passed over with a warning where it decides nothing', async () => {
      expect((await resolve('ConnectTimeout soon\nUser ops')).user).toBe('ops');
      expect(warnings).toEqual(['1: ConnectTimeout: “soon” is not a value of it']);
    });

    it('is of a block that holds for no host where it is the head', async () => {
      expect(
        await resolve('Host "web\n User a\nMatch weather fine\n Port 7\nHost web\n User b'),
      ).toMatchObject({
        user: 'b',
        port: undefined,
      });
      expect(warnings).toEqual(['1: Host: a quote is not closed', '3: Match: “weather” is not a criterion']);
    });

    it('is reported once', async () => {
      const file = await write('config', 'Host "web');
      for (const alias of ['a', 'b', 'c']) await config.resolve(alias, [file]);
      expect(warnings).toEqual(['1: Host: a quote is not closed']);
    });

    it('is reported where a keyword looks like a mistake, unless IgnoreUnknown names it', async () => {
      await resolve('Prot 22\nUseKeychain yes\nMACs hmac-sha2-256');
      expect(warnings).toEqual(['1: “prot” is not a keyword of ssh_config; did you mean Port?']);
      warnings = [];
      await resolve('IgnoreUnknown Prot,Use*\nProt 22');
      expect(warnings).toEqual([]);
    });
  });

  it('fails with INVENTORY where a file cannot be read', async () => {
    await expect(config.resolve('web', [folder])).rejects.toMatchObject({ code: 'INVENTORY' });
  });

  it('is nothing where there is no file', async () => {
    expect((await config.resolve('web', [path.join(folder, 'missing')])).hostName).toBeUndefined();
  });
});
