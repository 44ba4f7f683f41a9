import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { completionsAt } from '../../../../src/platform/inventory/schema/schemaLookup';
import { sections } from '../../../../src/engine/sections';
import { loadInventory, parseInventory } from '../../../harness/inventories';

const transportsOf = (text: string) =>
  [...parseInventory(text, '/muster.yaml').hosts.values()].map(({ name, transport }) => [name, transport]);

describe('the transport of a host', () => {
  it('is its own, else the one of the defaults, else not said', () => {
    expect(transportsOf('hosts: { a: , b: { transport: local } }')).toEqual([
      ['a', undefined],
      ['b', 'local'],
    ]);
    expect(transportsOf('defaults: { transport: local }\nhosts: { a: , b: { transport: ssh } }')).toEqual([
      ['a', 'local'],
      ['b', 'ssh'],
    ]);
  });

  it('makes the address localhost where none is written', () => {
    const { hosts } = parseInventory(
      'hosts: { a: { transport: local }, b: { transport: local, address: 10.0.0.1 }, c: }',
      '/muster.yaml',
    );
    expect([...hosts.values()].map(({ address }) => address)).toEqual(['localhost', '10.0.0.1', 'c']);
  });

  it('is an error where it is neither ssh nor local, and the host is left out', () => {
    const { hosts, problems } = parseInventory(
      'hosts:\n  a: { transport: lokal }\n  b:\ndefaults: { transport: 3 }\n',
      '/muster.yaml',
    );
    expect(problems.map(({ message, range }) => [range.line, message])).toEqual([
      [2, expect.stringContaining('ssh, local')],
      [4, expect.stringContaining('ssh, local')],
    ]);
    expect([...hosts.keys()]).toEqual(['b']);
  });

  it('is never local for hosts of other files, whatever the defaults or Ansible say', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'muster-transport-'));
    try {
      await writeFile(path.join(folder, 'hosts.ini'), 'web ansible_connection=local\n');
      await writeFile(path.join(folder, 'config'), 'Host db\n  HostName 10.0.0.1\n');
      await writeFile(path.join(folder, 'other.yaml'), 'hosts: { cache: }\n');
      const file = path.join(folder, 'muster.yaml');
      const imports = '[{ ansible: hosts.ini }, { sshConfig: config }, { muster: other.yaml }]';
      await writeFile(file, `defaults: { transport: local }\nhosts: { a: }\nimports: ${imports}\n`);
      const { hosts } = await loadInventory(file);
      expect([...hosts.values()].map(({ name, transport }) => [name, transport])).toEqual([
        ['a', 'local'],
        ['web', undefined],
        ['db', undefined],
        ['cache', undefined],
      ]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('is completed with its values, and says what it means', () => {
    const labelsAt = (text: string) => completionsAt(text, text.length, { sections }).items;
    expect(labelsAt('hosts:\n  a:\n    transport: ').map(({ label }) => label)).toEqual(['ssh', 'local']);
    const key = labelsAt('hosts:\n  a:\n    tr').find(({ label }) => label === 'transport');
    expect(key?.description).toContain('this machine itself');
  });
});

describe('a check of type tcp', () => {
  const problemsOf = (settings: string) =>
    parseInventory(`hosts: { a: }\nchecks: { c: { type: tcp, ${settings} } }`, '/muster.yaml').problems.map(
      ({ message }) => message,
    );

  it('has either a port or a socket', () => {
    expect(problemsOf('port: 80')).toEqual([]);
    expect(problemsOf('socket: "/run/{name}.sock"')).toEqual([]);
    expect(problemsOf('socket: run.sock')).toEqual([expect.stringContaining('begins with “/”')]);
    expect(problemsOf(`socket: /${'x'.repeat(103)}`)).toEqual([expect.stringContaining('at most 103 bytes')]);
    expect(problemsOf('port: 80, socket: /run/a.sock')).toEqual([
      'a check of type tcp has either a port or a socket',
    ]);
    expect(problemsOf('send: x')).toEqual(['missing key “port”']);
  });
});
