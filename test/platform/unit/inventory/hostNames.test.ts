import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadInventory } from '../../../harness/inventories';

describe('A host whose name would lead out of a folder', () => {
  it.each(['.', '..', '...', '../x', 'a/b', 'a\\b', 'a\0b', '-rf'])(
    'is refused wherever it is read: %j',
    async (name) => {
      const folder = await mkdtemp(join(tmpdir(), 'muster-names-'));
      try {
        const write = (file: string, text: string) => writeFile(join(folder, file), text);
        await write('hosts.yaml', JSON.stringify({ all: { hosts: { [name]: {}, 'yaml-ok': {} } } }));
        await write('hosts.ini', `${name} ansible_host=127.0.0.1\nini-ok ansible_host=127.0.0.1\n`);
        await write('ssh_config', `Host ${name}\n  HostName 127.0.0.1\nHost ssh-ok\n  HostName 127.0.0.1\n`);
        await write(
          'muster.yaml',
          JSON.stringify({
            hosts: { [name]: { address: '127.0.0.1' }, ok: { address: '127.0.0.1' } },
            imports: [{ ansible: 'hosts.yaml' }, { ansible: 'hosts.ini' }, { sshConfig: 'ssh_config' }],
          }),
        );
        const { hosts } = await loadInventory(join(folder, 'muster.yaml'));
        const odd = [...hosts.keys()].filter((found) => /[/\\\0]|^\.+$|^-/.test(found));
        expect(odd).toEqual([]);
        expect(hosts.has('ok')).toBe(true);
        expect(hosts.has('yaml-ok')).toBe(true);
      } finally {
        await rm(folder, { recursive: true });
      }
    },
  );
});
