import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hostValue } from '../../../../../src/platform/inventory/importing/importedHosts';
import {
  hostsOfAnsible,
  hostsOfSshConfig,
} from '../../../../../src/platform/inventory/importing/otherInventories';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'import-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const file = async (name: string, text: string) => {
  await writeFile(join(folder, name), text);
  return join(folder, name);
};
const logger = { debug() {}, info() {}, warn() {}, error() {} };

describe('Hosts copied from an ssh_config', () => {
  it('have the settings that apply to each, wherever these stand', async () => {
    const config = await file(
      'config',
      'Host web-1\n  HostName 10.0.0.1\n  Port 2222\nHost web-*\n  User ops\n  ProxyJump bastion\n  IdentityFile ~/.ssh/fleet\nHost bastion\n  HostName 10.0.0.9\nHost bad!name -x\n',
    );
    const { hosts, refused } = await hostsOfSshConfig(config, logger);
    expect(hosts).toEqual([
      {
        ...{ name: 'web-1', address: '10.0.0.1', user: 'ops', port: 2222, labels: {}, line: 1 },
        ...{ proxyJump: ['bastion'], identityFile: ['~/.ssh/fleet'] },
      },
      { name: 'bastion', address: '10.0.0.9', labels: {}, line: 8 },
    ]);
    expect(refused.map(({ line }) => line)).toEqual([10, 10]);
    expect(homedir()).not.toBe('');
  });

  it('have the certificates that are named for them', async () => {
    const config = await file(
      'config',
      'Host a\n  IdentityFile ~/.ssh/id\n  CertificateFile ~/.ssh/vault-cert.pub\nHost b\n  CertificateFile /c/1\n  CertificateFile /c/2\n',
    );
    const { hosts } = await hostsOfSshConfig(config, logger);
    expect(hosts).toEqual([
      {
        ...{ name: 'a', address: 'a', labels: {}, line: 1 },
        ...{ identityFile: ['~/.ssh/id'], certificateFile: ['~/.ssh/vault-cert.pub'] },
      },
      { name: 'b', address: 'b', labels: {}, line: 4, certificateFile: ['/c/1', '/c/2'] },
    ]);
    expect(hosts.map(hostValue)).toEqual([
      { ssh: { identityFile: '~/.ssh/id', certificateFile: '~/.ssh/vault-cert.pub' } },
      { ssh: { certificateFile: ['/c/1', '/c/2'] } },
    ]);
  });

  it('run no command of a Match exec', async () => {
    const mark = join(folder, 'ran');
    const config = await file('config', `Host a\nMatch exec "touch ${mark}"\n  User x\n`);
    expect((await hostsOfSshConfig(config, logger)).hosts).toEqual([
      { name: 'a', address: 'a', labels: {}, line: 1 },
    ]);
    await expect(rm(mark)).rejects.toThrow('ENOENT');
  });
});

describe('Hosts copied from an Ansible inventory', () => {
  it('bring their groups and variables of the connection', async () => {
    const inventory = await file(
      'hosts.ini',
      '[web]\nweb-[1:2] ansible_user=ops ansible_port=2222\n[all-of-it:children]\nweb\n[db]\ndb ansible_host=10.0.0.5\nbad ansible_port=x\n',
    );
    const { hosts, groups, refused } = await hostsOfAnsible(inventory);
    expect(hosts.map(({ name, address, user, port }) => [name, address, user, port])).toEqual([
      ['web-1', 'web-1', 'ops', 2222],
      ['web-2', 'web-2', 'ops', 2222],
      ['db', '10.0.0.5', undefined, undefined],
    ]);
    expect([...groups]).toEqual([
      ['web', ['web-1', 'web-2']],
      ['all-of-it', ['web-1', 'web-2']],
      ['db', ['db']],
    ]);
    expect(refused.map(({ line, reason }) => [line, reason])).toEqual([
      [7, 'bad: ansible_port: “x” is not a port'],
    ]);
  });
});
