import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadInventory, parseInventory } from '../../../harness/inventories';
import type { Inventory } from '../../../../src/platform/inventory/model';
import { refuseReadOnly } from '../../../../src/platform/inventory/readOnly';

const hosts = 'hosts: { web-1: , web-2: , db-1: }\n';
const parse = (groups: string) => parseInventory(`${hosts}groups:\n${groups}`, '/x/muster.yaml');
const readOnly = ({ hosts }: Inventory) =>
  [...hosts.values()].filter((host) => host.readOnly).map(({ name }) => name);
const messages = ({ problems }: Inventory) => problems.map(({ message }) => message);

describe('A group with readOnly: true', () => {
  it('makes its hosts read-only, those of its children too, whatever other groups hold them', () => {
    const inventory = parse(
      '  web: { hosts: web-* }\n  prod: { children: web, readOnly: true }\n  every: { select: "*", readOnly: false }',
    );
    expect(messages(inventory)).toEqual([]);
    expect(readOnly(inventory)).toEqual(['web-1', 'web-2']);
    expect(inventory.hosts.get('web-1')?.readOnly).toMatchObject({ group: 'prod', source: { line: 4 } });
  });

  it('is refused with the group and the place that say so', () => {
    const inventory = parse('  prod: { hosts: web-*, readOnly: true }');
    expect(() => refuseReadOnly(inventory.hosts.values())).toThrow(
      expect.objectContaining({
        code: 'READ_ONLY',
        message: 'web-1 and 1 other host are read-only',
        hint: expect.stringContaining('Group “prod” says so at /x/muster.yaml:3.'),
      }),
    );
    expect(() => refuseReadOnly([inventory.hosts.get('db-1')!])).not.toThrow();
  });

  it.each([
    ['a selector that cannot be read', 'select: "env=prod,,"'],
    ['an unknown host', 'hosts: [web-1, wbe-2]'],
    ['an unknown group', 'children: prdo'],
    ['members of a wrong kind', 'hosts: { web-1: true }'],
  ])('makes every host read-only when it has %s', (_, members) => {
    const inventory = parse(`  prod: { ${members}, readOnly: true }`);
    expect(messages(inventory).length).toBeGreaterThan(0);
    expect(readOnly(inventory)).toEqual(['web-1', 'web-2', 'db-1']);
  });

  it('makes every host read-only when a group that it is made of has a mistake', () => {
    const inventory = parse('  web: { hosts: wbe-1 }\n  prod: { select: "@web", readOnly: true }');
    expect(readOnly(inventory)).toEqual(['web-1', 'web-2', 'db-1']);
  });

  it('counts what is neither true nor false as true, and says that it is wrong', () => {
    const inventory = parse('  prod: { hosts: db-1, readOnly: "no" }');
    expect(messages(inventory)).toEqual(['expected true or false, found text']);
    expect(readOnly(inventory)).toContain('db-1');
  });

  it('is joined to the group of that name in an imported file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'muster-readonly-'));
    try {
      await writeFile(join(folder, 'hosts.ini'), '[prod]\na\nb\n[dev]\nc\n');
      await writeFile(
        join(folder, 'muster.yaml'),
        'imports:\n  - { ansible: hosts.ini }\ngroups:\n  prod: { readOnly: true }\n',
      );
      const inventory = await loadInventory(join(folder, 'muster.yaml'));
      expect(messages(inventory)).toEqual([]);
      expect(readOnly(inventory)).toEqual(['a', 'b']);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
