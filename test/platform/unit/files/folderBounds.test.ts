import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FolderBounds } from '../../../../src/platform/files/folderBounds';
import { isElsewhere } from '../../../../src/platform/files/isElsewhere';
import { hostsOfSshConfig } from '../../../../src/platform/inventory/importing/otherInventories';
import { loadInventory } from '../../../harness/inventories';
import { silentLogger } from '../../../../src/platform/host/host';

let folder: string;
const at = (...names: string[]) => path.join(folder, ...names);
const inside = (...names: string[]) => at('workspace', ...names);
const secret = 'hunter2-from-outside';

beforeAll(async () => {
  folder = await realpath(await mkdtemp(path.join(tmpdir(), 'muster-bounds-')));
  await mkdir(inside('deep', 'er'), { recursive: true });
  await mkdir(at('outside'));
  await writeFile(at('outside', 'muster.yaml'), `hosts: { ${secret}: }\n`);
  await writeFile(at('outside', 'config'), `Host ${secret}\n`);
  await writeFile(inside('more.yaml'), 'hosts: { more: }\n');
  await symlink(at('workspace'), at('alias'));
  const links: Record<string, string> = {
    absolute: at('outside', 'muster.yaml'),
    relative: '../outside/muster.yaml',
    chain: 'absolute',
    toFolder: at('outside'),
    up: '..',
    loop: 'loop',
    share: '//server/share/muster.yaml',
    device: '/dev/zero',
    // Read by its letters it stays inside; the kernel goes up from where the first link leads.
    'deep/er/home': inside(),
    'deep/er/trick': 'home/../outside/muster.yaml',
    good: 'more.yaml',
    throughAlias: at('alias', 'more.yaml'),
  };
  for (const [name, target] of Object.entries(links)) await symlink(target, inside(name));
});

afterAll(() => rm(folder, { recursive: true }));

describe.skipIf(process.platform === 'win32')('The bounds of a folder', () => {
  const bounds = () => new FolderBounds([at('alias')]);

  it.each([
    'workspace/absolute',
    'workspace/relative',
    'workspace/chain',
    'workspace/toFolder/muster.yaml',
    'workspace/up/outside/muster.yaml',
    'workspace/loop',
    'workspace/share',
    'workspace/device',
    'workspace/deep/er/trick',
    'workspace/../outside/muster.yaml',
    'workspacex/muster.yaml',
    'outside/muster.yaml',
    '',
  ])('do not hold %s', async (name) => {
    expect(await bounds().has(path.join(folder, name))).toBe(false);
  });

  it.each([
    'workspace',
    'workspace/more.yaml',
    'workspace/good',
    'workspace/throughAlias',
    'workspace/deep/er/home/more.yaml',
    'workspace/deep/../more.yaml',
    'workspace/absent/also/absent',
    'alias/more.yaml',
  ])('hold %s', async (name) => {
    expect(await bounds().has(path.join(folder, name))).toBe(true);
  });

  it('keep out what is on another machine, and devices', async () => {
    for (const target of [
      '//server/share/x',
      '\\\\server\\share\\x',
      '\\\\?\\UNC\\server\\share',
      '\\\\.\\pipe\\x',
    ]) {
      expect(isElsewhere(target), target).toBe(true);
      expect(await bounds().has(target), target).toBe(false);
    }
    for (const target of ['/dev/zero', '/proc/self/environ']) expect(await bounds().has(target)).toBe(false);
  });

  const imports = [
    'absolute',
    'toFolder/muster.yaml',
    'deep/er/trick',
    '../outside/muster.yaml',
    'share',
    'good',
  ];

  it('are asked for everything that an inventory reads, and what they keep out is not watched', async () => {
    await writeFile(
      inside('muster.yaml'),
      `imports: [${imports.map((one) => `{ muster: ${one} }`).join(', ')}, { sshConfig: config }, { ansible: hosts.ini }]\n`,
    );
    await writeFile(
      inside('config'),
      `Include ${at('outside', 'config')} ${at('outside')}/conf* ${inside('toFolder')}/*\nHost own\n`,
    );
    await writeFile(inside('hosts.ini'), '[g]\nansible-1\n');
    await symlink(at('outside'), inside('group_vars'));
    const asked: string[] = [];
    const refuse = async (target: string) => {
      asked.push(target);
      return (await bounds().has(target))
        ? undefined
        : { reason: 'out of bounds', severity: 'warning' as const };
    };
    const { hosts, problems, files } = await loadInventory(inside('muster.yaml'), { refuse });
    expect([...hosts.keys()]).toEqual(['more', 'own', 'ansible-1']);
    expect(problems.filter(({ message }) => message.includes('out of bounds'))).toHaveLength(
      imports.length - 1 + 3 + 1,
    );
    expect(new Set(problems.map(({ severity }) => severity))).toEqual(new Set(['warning']));
    expect(JSON.stringify(problems)).not.toContain(secret);
    expect(files).toEqual(['muster.yaml', 'good', 'config', 'hosts.ini'].map((name) => inside(name)));
    expect(asked).toContain(at('outside', 'config'));
  });

  it('are asked by the import of hosts too, both times that it reads the files', async () => {
    const refuse = async (target: string) =>
      (await bounds().has(target)) ? undefined : { reason: 'out of bounds', severity: 'warning' as const };
    await writeFile(
      inside('other'),
      `Host own\n  User ${'me'}\nMatch host own\n  Include ${at('outside', 'user')}\n`,
    );
    await writeFile(at('outside', 'user'), `IdentityFile ${secret}\n`);
    const read = await hostsOfSshConfig(inside('other'), silentLogger, { refuse });
    expect(read.hosts).toMatchObject([{ name: 'own', user: 'me' }]);
    expect(JSON.stringify(read)).not.toContain(secret);
  });
});
