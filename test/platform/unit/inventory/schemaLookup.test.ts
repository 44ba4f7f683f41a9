import { describe, expect, it } from 'vitest';
import { sections } from '../../../../src/engine/sections';
import { parseInventory } from '../../../harness/inventories';
import {
  completionsAt,
  hoverAt,
  type Completion,
} from '../../../../src/platform/inventory/schema/schemaLookup';
import { topKeys } from '../../../../src/platform/inventory/schema/schema';
import { cpuMs } from '../../../harness/cpuMs';

const inventory = parseInventory(
  `hosts:
  web-[1:3]: { labels: { role: web } }
  db-1: { labels: { role: db } }
groups:
  canary: { hosts: web-1 }
`,
  'muster.yaml',
);
const context = { sections, inventory };

/** Completes at the bar. */
function complete(marked: string): Completion[] {
  return completionsAt(marked.replace('|', ''), marked.indexOf('|'), context).items;
}
const labels = (marked: string) => complete(marked).map(({ label }) => label);
const hover = (marked: string) => hoverAt(marked.replace('|', ''), marked.indexOf('|'), context);

describe('completion', () => {
  it.each<[string, string, string[]]>([
    ['an empty file', '|', topKeys(sections)],
    ['the sections not there yet', 'hosts: { a: }\nch|', topKeys(sections).filter((key) => key !== 'hosts')],
    ['a host', 'hosts:\n  a:\n    |', ['address', 'labels', 'ssh', 'transport', 'become']],
    [
      'a half-typed key',
      'hosts:\n  a:\n    address: x\n    la|\n  b:\n',
      ['labels', 'ssh', 'transport', 'become'],
    ],
    ['an open flow mapping', 'groups:\n  g: { hosts: a, |', ['select', 'children', 'readOnly', 'become']],
    [
      'a half-typed flow mapping before more',
      'groups:\n  g: { sel| }\nchecks: {}\n',
      ['hosts', 'select', 'children', 'readOnly', 'become'],
    ],
    ['an import', 'imports:\n  - { | }', ['sshConfig', 'ansible', 'muster']],
    ['a boolean', 'hosts: { a: { ssh: { identitiesOnly: | } } }', ['true', 'false']],
    [
      'the type of a check',
      'checks:\n  c: { type: | }',
      ['http', 'tcp', 'tls', 'dns', 'icmp', 'ssh', 'command', 'etcd', 'metric'],
    ],
    ['a child group', 'groups: { g: { children: [|] } }', ['canary']],
    ['a lone child group', 'groups: { g: { children: c| } }', ['canary']],
    ['a comment', 'hosts: # |', []],
  ])('offers what fits in %s', (_, text, expected) => {
    expect(labels(text)).toEqual(expected);
  });

  it('knows the settings of the check’s type only', () => {
    const keys = labels('checks:\n  c:\n    type: tcp\n    |\n');
    expect(keys).toEqual(expect.arrayContaining(['on', 'timeout', 'port', 'expect']));
    expect(keys).not.toContain('url');
    expect(keys).not.toContain('type');
  });

  it('describes keys and replaces what is typed of them', () => {
    const text = 'hosts:\n  a:\n    addr|';
    expect(complete(text)[0]).toEqual({
      label: 'address',
      kind: 'key',
      description: expect.stringContaining('Host name or IP address') as string,
      insertText: 'address: ',
      start: text.indexOf('addr'),
      end: text.indexOf('|'),
    });
  });

  it('offers groups, labels and hosts for a selector', () => {
    expect(labels('groups: { g: { select: "|" } }')).toEqual([
      '@canary',
      'role=web',
      'role=db',
      'web-1',
      'web-2',
      'web-3',
      'db-1',
    ]);
  });

  it('completes the term at the cursor', () => {
    const text = 'checks: { c: { type: ssh, on: "role=web,!@ca|" } }';
    expect(complete(text)).toEqual([
      {
        label: '@canary',
        kind: 'group',
        description: '1 host',
        insertText: '@canary',
        start: text.indexOf('@ca'),
        end: text.indexOf('|'),
      },
    ]);
  });

  it('offers placeholders in an address', () => {
    expect(labels('hosts: { a: { address: "{|" } }')).toContain('{name}');
    expect(labels('hosts: { a: { address: "{label.|" } }')).toContain('{label.role}');
  });

  it('counts the hosts that the terms before leave', () => {
    const offered = complete('groups: { g: { select: "role=web,|" } }');
    expect(offered.map(({ label, description }) => `${label} ${description}`)).toEqual([
      '@canary 1 host',
      'role=web 3 hosts',
      ...['web-1 web-1', 'web-2 web-2', 'web-3 web-3'],
    ]);
  });

  it.each([
    ['a comparison', 'groups: { g: { select: "role!=|" } }', ['=web', '=db']],
    ['a list of values', 'groups: { g: { select: "role in (web, |" } }', ['web', 'db']],
    ['the labels of a host', 'hosts:\n  a:\n    labels: { | }', ['role']],
    ['the value of a label', 'hosts:\n  a:\n    labels: { role: | }', ['web', 'db']],
  ])('offers what other hosts have for %s', (_, text, expected) => {
    expect(labels(text)).toEqual(expected);
  });

  it('offers a label with many values by its name, and the values when they are asked for', () => {
    const many = parseInventory(
      `hosts:\n${Array.from({ length: 30 }, (_, index) => `  h${index}: { labels: { rack: r${index} } }\n`).join('')}`,
      'muster.yaml',
    );
    const offered = (marked: string) =>
      completionsAt(marked.replace('|', ''), marked.indexOf('|'), { ...context, inventory: many }).items;
    expect(
      offered('checks: { c: { on: "r|" } }').map(({ label, description }) => [label, description]),
    ).toEqual([['rack=', '30 values']]);
    expect(offered('checks: { c: { on: "rack=|" } }')).toHaveLength(30);
  });

  it('lists 500 names at most, and says that there are more', () => {
    const large = parseInventory('hosts:\n  n-[1:900]:\n', 'muster.yaml');
    const text = 'checks: { c: { on: n- } }';
    const { items, isIncomplete } = completionsAt(text, text.indexOf('n- ') + 2, {
      ...context,
      inventory: large,
    });
    expect([items.length, isIncomplete]).toEqual([500, true]);
  });

  it('takes no longer in a large file', async () => {
    const filler = Array.from(
      { length: 5000 },
      (_, index) => `  host-${index}: { address: 10.0.0.1 }\n`,
    ).join('');
    const large = `hosts:\n${filler}checks:\n  up: { type: tcp, on:  }\n`;
    const offset = large.indexOf('on: ') + 4;
    const complete = () => expect(completionsAt(large, offset, context).items[0]!.start).toBe(offset);
    expect(await cpuMs(complete)).toBeLessThan(500);
  });
});

describe('hover', () => {
  it('explains a key', () => {
    expect(hover('hosts:\n  a: { addr|ess: x }')?.text).toContain('Host name or IP address');
  });

  it('spans the word', () => {
    const text = 'checks: { c: { type: tc|p, port: 1 } }';
    expect(hover(text)).toMatchObject({ start: text.indexOf('tc|p'), end: text.indexOf('tc|p') + 3 });
  });

  it('counts the hosts of a selector and names them', () => {
    expect(hover('groups: { g: { select: "role=|web" } }')?.facts).toEqual(['3 hosts: web-[1-3]']);
  });

  it('says what is wrong with a selector', () => {
    expect(hover('groups: { g: { select: web|-9 } }')?.facts).toEqual([
      'no host or group “web-9” (did you mean “web-1”?)',
    ]);
  });

  it('keeps quiet about a jump that is no host of the inventory', () => {
    expect(hover('hosts: { a: { ssh: { proxyJump: me@else|where } } }')?.facts).toEqual([]);
  });

  it('counts the names of a range', () => {
    expect(hover('hosts:\n  n-[01|:20]:\n')?.facts).toEqual(['20 hosts: n-[01-20]']);
  });

  it('has nothing to say about blank space', () => {
    expect(hover('hosts:\n|\n')).toBeUndefined();
  });
});
