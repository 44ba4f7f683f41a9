import { describe, expect, it } from 'vitest';
import { readingHostList } from '../../../../../src/platform/inventory/importing/hostList';
import { type HostImport } from '../../../../../src/platform/inventory/importing/importedHosts';
import {
  planWriting,
  writeHosts,
  type WrittenHosts,
} from '../../../../../src/platform/inventory/importing/writeHosts';
import { parseInventory } from '../../../../harness/inventories';
import { finish } from '../../../../../src/platform/inventory/steps';
import { cpuMs } from '../../../../harness/cpuMs';

const nothingTaken = { hosts: new Set<string>(), groups: new Set<string>() };

async function write(text: string, source: string | HostImport, update = false): Promise<WrittenHosts> {
  const hosts = typeof source === 'string' ? finish(readingHostList(source)) : source;
  const plan = await planWriting(text, hosts, nothingTaken);
  return writeHosts(text, hosts, plan, { update, taken: nothingTaken });
}

const fleet = `# Our fleet
hosts: # by name
  # the first
  web-01: { address: 10.0.0.1 }   # keep me
  db:
    # primary
    address: 10.0.0.9
    labels:
      role: db # as ever

# who is what
groups:
    web: { hosts: [web-01] }
`;

describe('Imported hosts', () => {
  it('begin an empty document', async () => {
    const { text, added } = await write('', 'a\nops@b:2222 role=web\n');
    expect(added).toBe(2);
    expect(text).toBe('hosts:\n  a:\n  b: { labels: { role: web }, ssh: { user: ops, port: 2222 } }\n');
    expect(parseInventory(text, 'muster.yaml').problems).toEqual([]);
  });

  it('are put below the others, every line of which stays as it is', async () => {
    const { text, at } = await write(fleet, 'ops@web-02\nweb-[03:05]\n');
    expect(text).toBe(
      fleet.replace(
        'role: db # as ever\n',
        'role: db # as ever\n  web-02: { ssh: { user: ops } }\n  web-[03:05]:\n',
      ),
    );
    expect(text.slice(at)).toMatch(/^web-02:/);
  });

  it.each([
    ['a section without entries', 'hosts:\ngroups: {}\n', 'hosts:\n  a:\ngroups: {}\n'],
    ['no section', '# x\nchecks: {}\n', '# x\nchecks: {}\n\nhosts:\n  a:\n'],
    ['no line break at the end', 'hosts:\n    b:', 'hosts:\n    b:\n    a:\n'],
    ['an empty mapping', 'hosts: {} # none\n', 'hosts:\n  a: null\n  # none\n'],
    ['a mapping in braces', '# x\nhosts: { b: {} }\n', '# x\nhosts: { b: {}, a: null }\n'],
    ['Windows line ends', 'hosts:\r\n  b:\r\n', 'hosts:\r\n  b:\r\n  a:\r\n'],
    ['an end mark', 'checks: {}\n...\n', 'checks: {}\n\nhosts:\n  a:\n...\n'],
    ['a document in braces', '{ "checks": {} }\n', '{ "checks": {}, hosts: { a: null } }\n'],
  ])('are added to a document with %s', async (_, before, after) => {
    const { text } = await write(before, 'a');
    expect(text).toBe(after);
    expect([...parseInventory(text, 'm').hosts.keys()]).toContain('a');
  });

  it('that are there already are left alone unless they are to be updated', async () => {
    const list = '10.0.0.2 web-01 role=web\nops@db env=prod\n';
    const skipped = await write(fleet, list);
    expect(skipped).toMatchObject({ text: fleet, added: 0, skipped: 2, updated: 0 });
    const { text, updated } = await write(fleet, list, true);
    expect(updated).toBe(2);
    expect(text).toBe(
      fleet
        .replace(
          '{ address: 10.0.0.1 }   # keep me',
          '{ address: 10.0.0.2, labels: { role: web } } # keep me',
        )
        .replace('role: db # as ever\n', 'role: db # as ever\n      env: prod\n    ssh: { user: ops }\n'),
    );
  });

  it('in braces are updated together', async () => {
    const { text, updated } = await write(
      'hosts: { a: {}, b: { address: x }, c: {} }\n',
      '10.0.0.1 a\n10.0.0.2 b\n',
      true,
    );
    expect(updated).toBe(2);
    expect(text).toBe('hosts: { a: { address: 10.0.0.1 }, b: { address: 10.0.0.2 }, c: {} }\n');
  });

  it('with aliases or mistakes in their entries are refused an update', async () => {
    const text = 'x-base: &base { role: web }\nhosts:\n  a: { labels: *base }\n  b: { address: [ }\n';
    const result = await write(text, '10.0.0.1 a\n10.0.0.2 b\n', true);
    expect(result.text).toBe(text);
    expect(result.refused.map(({ reason }) => reason)).toEqual([
      'the entry “a” is broken or has an alias',
      'the entry “b” is broken or has an alias',
    ]);
  });

  it('that say nothing new change nothing', async () => {
    expect(await write(fleet, '10.0.0.1 web-01', true)).toMatchObject({ text: fleet, updated: 0 });
  });

  it('that a range or an import names are listed, not changed', async () => {
    const { text, refused } = await write(
      'hosts:\n  web-[1:3]: {}\ngroups:\n  front: {}\n',
      'ops@web-2\nfront\nnew\n',
    );
    expect(text).toContain('  web-[1:3]: {}\n  new:\n');
    expect(refused.map(({ line, reason }) => [line, reason])).toEqual([
      [1, '“web-2” is one of the hosts of the entry “web-[1:3]”'],
      [2, 'a group has the name “front”'],
    ]);
  });

  it('bring their groups, whose members join those that are there', async () => {
    const source: HostImport = {
      hosts: ['web-01', 'web-02', 'web-03', 'x'].map((name, index) => ({
        name,
        labels: {},
        line: index + 1,
      })),
      groups: new Map([
        ['web', ['web-01', 'web-02', 'web-03']],
        ['new', ['web-02', 'x']],
      ]),
      refused: [],
    };
    const { text, groups } = await write(fleet, source);
    expect(groups).toBe(2);
    expect(text).toContain(
      '    web: { hosts: [ web-01, "web-[02-03]" ] }\n    new: { hosts: [ web-02, x ] }\n',
    );
    const { problems, groups: read } = parseInventory(text, 'm');
    expect(problems).toEqual([]);
    expect(read.get('web')!.hosts).toEqual(['web-01', 'web-02', 'web-03']);
  });

  it('are text, whatever they look like', async () => {
    const source: HostImport = {
      hosts: [
        { name: 'null', labels: { a: 'yes', b: '01', c: '#x', d: ': {', e: 'a\nb' }, line: 1 },
        { name: '10', address: '10.0.0.1', labels: {}, line: 2 },
      ],
      groups: new Map(),
      refused: [],
    };
    const { text } = await write('', source);
    const { hosts, problems } = parseInventory(text, 'm');
    expect(problems).toEqual([]);
    expect([...hosts.keys()]).toEqual(['null', '10']);
    expect(hosts.get('null')!.labels).toEqual({ a: 'yes', b: '01', c: '#x', d: ': {', e: 'a\nb' });
  });

  it('are not written into a document in braces that is broken', async () => {
    await expect(write('hosts: { a: [ }\n', 'b')).rejects.toThrow('cannot be changed: line 1 is broken');
  });

  it('of 5,000 lines are written in seconds', async () => {
    const list = Array.from(
      { length: 5000 },
      (_, index) => `10.0.${index >> 8}.${index & 255} node-${index}`,
    ).join('\n');
    const ms = await cpuMs(async () => {
      const { added, text } = await write(fleet, list);
      expect(added).toBe(5000);
      expect(text.split('\n').length).toBeGreaterThan(5000);
    });
    expect(ms).toBeLessThan(10_000);
  });
});
