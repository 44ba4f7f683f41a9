import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../../../src/platform/host/host';
import type { Host, SshSettings } from '../../../../src/platform/inventory/model';
import { parseJump } from '../../../../src/platform/transport/ssh/pool/proxyJump';
import { SshConfig, toLog } from '../../../../src/platform/transport/ssh/config/sshConfig';
import { TargetResolver } from '../../../../src/platform/transport/ssh/pool/sshTarget';

const source = { file: 'muster.yaml', line: 1, column: 1, endLine: 1, endColumn: 1 };
const host = (name: string, ssh: SshSettings = {}, address = name): Host => ({
  name,
  address,
  labels: {},
  groups: [],
  ssh,
  variables: {},
  source,
});

function resolver(hosts: readonly Host[] = [], defaultSsh: SshSettings = {}): TargetResolver {
  return new TargetResolver({
    inventoryHost: (name) => hosts.find((known) => known.name === name),
    defaultSsh: () => defaultSsh,
    config: new SshConfig(toLog(silentLogger)),
    configFiles: [],
  });
}

describe('a jump', () => {
  it.each([
    ['bastion', { host: 'bastion' }],
    ['ops@bastion', { user: 'ops', host: 'bastion' }],
    ['ops@bastion:2222', { user: 'ops', host: 'bastion', port: 2222 }],
    ['[::1]:22', { host: '::1', port: 22 }],
    ['ops@[fe80::1%eth0]', { user: 'ops', host: 'fe80::1%eth0' }],
    ['ssh://ops@bastion:22/', { user: 'ops', host: 'bastion', port: 22 }],
  ])('is written %s', (text, parts) => {
    expect(parseJump(text)).toEqual(parts);
  });

  it.each(['', '@host', 'host:', 'host:0', 'host:99999', 'a:b:c', 'ops@'])('is not written "%s"', (text) => {
    expect(() => parseJump(text)).toThrow(/not a jump/);
  });
});

describe('an address that a resolver would read as another text', () => {
  const spellings = [
    '１27.0.0.11',
    '127。0。0。11',
    '127.0.0.1\u00AD1',
    '127.0.0.⑪',
    '127.0.0.11\u200b',
    'ⓛocalhost',
  ];
  const plain = (text: string) => (text.includes('ocalhost') ? 'localhost' : '127.0.0.11');

  it.each(spellings)('is not connected to: %s', async (spelling) => {
    const jumps = (text: string): SshSettings => ({ proxyJump: [text] });
    for (const [named, where] of [
      [host('a', {}, spelling), 'a'],
      [host('a', jumps(`ops@${spelling}:2222`), '10.0.0.1'), spelling],
      [host('a', jumps('bastion'), '10.0.0.1'), 'bastion'],
    ] as const) {
      const resolving = resolver([host('bastion', {}, spelling)]).resolve(named);
      await expect(resolving).rejects.toMatchObject({
        code: 'INVENTORY',
        message: `${where} has no address to connect to: “${spelling}” has characters beyond ASCII, which are not connected to: write ${plain(spelling)}`,
      });
    }
  });

  it.each(['127.0.0.11 x', '127.0.0.11\n', '127.0.0.11\0'])('is not connected to: %j', async (address) => {
    await expect(resolver().resolve(host('a', {}, address))).rejects.toMatchObject({ code: 'INVENTORY' });
  });

  it('is refused as HostName of ssh_config, and is no matter as the alias of an address in ASCII', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'muster-target-'));
    try {
      const config = path.join(folder, 'config');
      await writeFile(config, 'Host odd\n  HostName 127。0。0。11\nHost 数据库\n  HostName 127.0.0.11\n');
      const settings = { configFiles: [config] };
      await expect(resolver().resolve(host('odd', settings))).rejects.toMatchObject({ code: 'INVENTORY' });
      expect((await resolver().resolve(host('数据库', settings))).address).toBe('127.0.0.11');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('the way to a host', () => {
  it('is keyed by all that tells connections apart, but not by names and timeouts', async () => {
    const key = async (name: string, ssh: SshSettings, address = '10.0.0.1') =>
      (await resolver().resolve(host(name, { user: 'ops', ...ssh }, address))).key;
    const base = await key('a', {});
    expect(await key('b', { connectTimeoutMs: 1 })).toBe(base);
    for (const ssh of [
      { port: 2222 },
      { user: 'root' },
      { identityFile: ['/key'] },
      { identitiesOnly: true },
      { knownHosts: ['/known'] },
      { proxyJump: ['bastion'] },
      { proxyCommand: 'nc %h %p' },
    ]) {
      expect(await key('a', ssh)).not.toBe(base);
    }
    expect(await key('a', {}, '10.0.0.2')).not.toBe(base);
  });

  it('goes through jumps of the inventory with their own settings', async () => {
    const bastion = host('bastion', { user: 'jump', port: 2200, identityFile: ['/jump'] }, '192.0.2.1');
    const target = await resolver([bastion]).resolve(host('web', { user: 'ops', proxyJump: ['bastion'] }));
    expect(target.via).toMatchObject({
      name: 'bastion',
      address: '192.0.2.1',
      port: 2200,
      user: 'jump',
      identity: { files: ['/jump'], explicit: true },
    });
  });

  it('lets user and port of a jump win over those of the inventory host', async () => {
    const bastion = host('bastion', { user: 'jump', port: 2200 }, '192.0.2.1');
    const { via } = await resolver([bastion]).resolve(host('web', { proxyJump: ['me@bastion:22'] }));
    expect(via).toMatchObject({ address: '192.0.2.1', port: 22, user: 'me' });
  });

  it('trusts and authenticates at other jumps as at the host, as the default user', async () => {
    const settings = { user: 'root', identityFile: ['/key'], knownHosts: ['/known'], proxyJump: ['edge'] };
    const { via } = await resolver([], { user: 'ops' }).resolve(host('web', settings));
    expect(via).toMatchObject({
      address: 'edge',
      port: 22,
      user: 'ops',
      knownHosts: { named: ['/known'], isRouteOfProject: false },
      identity: { files: ['/key'] },
    });
  });

  it('expands the tokens of a ProxyCommand', async () => {
    const settings = { user: 'ops', port: 2222, proxyCommand: 'nc %h %p %r %n %%' };
    const target = await resolver().resolve(host('web', settings, '10.0.0.1'));
    expect(target.proxyCommand).toBe('nc 10.0.0.1 2222 ops web %');
    const hostile = resolver().resolve(host('web', { ...settings, user: '`id`' }));
    await expect(hostile).rejects.toMatchObject({ code: 'INVENTORY' });
  });
});

describe('whose word about host keys counts', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(path.join(tmpdir(), 'muster-target-'))));
  afterEach(() => rm(folder, { recursive: true }));

  /** The target of a host that is looked up in an ssh_config of the user, of a project, or both. */
  async function knownHostsOf(user: string, project: string, ssh: SshSettings = {}, address = 'db') {
    const [own, brought] = [path.join(folder, 'own', 'config'), path.join(folder, 'project')];
    await mkdir(path.dirname(own), { recursive: true });
    await Promise.all([writeFile(own, user), writeFile(brought, project)]);
    const targets = new TargetResolver({
      inventoryHost: () => undefined,
      defaultSsh: () => ({}),
      config: new SshConfig(toLog(silentLogger), { userFolder: path.dirname(own) }),
      configFiles: [own],
      knownHosts: { user: ['/user'], global: ['/global'] },
      trustConfig: new SshConfig(() => {}, { userFolder: path.dirname(own), mayExecute: false }),
    });
    const configFiles = [brought, own];
    return (await targets.resolve(host('db', { user: 'ops', configFiles, ...ssh }, address))).knownHosts;
  }
  const user = '  UserKnownHostsFile /own\n';

  it('is that of the user and the machine', async () => {
    const nothing = { named: undefined, isAliasOfProject: false, isRouteOfProject: false };
    expect(await knownHostsOf('', '')).toEqual({ own: ['/user', '/global'], ...nothing });
    expect(await knownHostsOf(`Host db\n${user}  HostKeyAlias x\n  ProxyJump edge`, '')).toEqual({
      own: ['/own', '/global'],
      ...nothing,
    });
  });

  it('is that of the user whatever the inventory and its ssh_config name', async () => {
    expect(await knownHostsOf('', '', { knownHosts: ['/project'] })).toMatchObject({
      own: ['/user', '/global'],
      named: ['/project'],
    });
    expect(await knownHostsOf('', '', { knownHosts: [] })).toMatchObject({ named: [] });
    expect(await knownHostsOf('', '', { knownHosts: ['/x/../user'] })).toMatchObject({ named: undefined });
    const project =
      'Host db\n UserKnownHostsFile /a\n GlobalKnownHostsFile none\n HostKeyAlias other\n ProxyJump edge';
    expect(await knownHostsOf('', project)).toEqual({
      own: ['/user', '/global'],
      named: ['/a'],
      isAliasOfProject: true,
      isRouteOfProject: true,
    });
  });

  it('is that of files that the user names for the address, although the host is not looked up there', async () => {
    const company =
      'Host 10.*\n  UserKnownHostsFile /company\n  ProxyJump edge\nMatch exec "touch ran"\n  UserKnownHostsFile /x';
    const inventory = { configFiles: [], knownHosts: ['/project'] };
    expect(await knownHostsOf(company, '', inventory, '10.0.0.5')).toEqual({
      own: ['/user', '/global', '/company'],
      named: ['/project'],
      isAliasOfProject: false,
      isRouteOfProject: false,
    });
    expect(await knownHostsOf(company, '', inventory, '192.0.2.1')).toMatchObject({
      own: ['/user', '/global'],
    });
    // What is wrong in that file keeps nobody from connecting.
    expect(await knownHostsOf('Host *\n  Port none\n', '', inventory, '10.0.0.5')).toMatchObject({
      own: ['/user', '/global'],
    });
  });

  it('is that of the default files where the inventory gives the address for a name of the ssh_config', async () => {
    const sandbox = `Host db\n  UserKnownHostsFile /dev/null\n  HostKeyAlias sandbox`;
    expect(await knownHostsOf(sandbox, '')).toMatchObject({ own: ['/dev/null', '/global'] });
    for (const [project, address] of [
      ['', '10.0.0.5'],
      ['Host db\n HostName 10.0.0.5', 'db'],
    ] as const) {
      expect(await knownHostsOf(sandbox, project, {}, address)).toMatchObject({
        own: ['/dev/null', '/user', '/global'],
        isAliasOfProject: true,
      });
    }
  });

  it('knows a way that the inventory names', async () => {
    expect(await knownHostsOf('', '', { proxyCommand: 'nc %h %p' })).toMatchObject({
      isRouteOfProject: true,
    });
    expect(await knownHostsOf('', '', { proxyJump: [] })).toMatchObject({ isRouteOfProject: false });
  });
});
