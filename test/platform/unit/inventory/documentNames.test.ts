import { describe, expect, it } from 'vitest';
import { readingNames } from '../../../../src/platform/inventory/yaml/documentNames';
import { excerptAt, splitSections } from '../../../../src/platform/inventory/yaml/documentSections';
import { finish } from '../../../../src/platform/inventory/steps';
import { cpuMs } from '../../../harness/cpuMs';
import { sections } from '../../../../src/engine/sections';

const text = `# fleet
defaults:
  ssh: { proxyJump: bastion }

hosts: # all of them
  bastion: { address: 10.0.0.1 }
  # the web servers
  web-[01:03]:
    address: "{name}.{label.zone}.example.com"
    labels: { role: web, zone: a }
  "db-1":
    ssh:
      proxyJump: [bastion, 'me@else:2222']

groups:
  web: { select: "role=web,!web-02" }
  all-of-it: { children: [web, "@data"], hosts: [web-*, db-1] }
  data: { hosts: db-1 }
checks:
  up: { type: tcp, port: 22, on: ["@data", web] }
imports:
- { sshConfig: ~/.ssh/config }
- muster: ./more.yaml
`;

const namesOf = (source: string) => finish(readingNames(source, sections));
const listed = (source: string) =>
  namesOf(source).occurrences.map(({ kind, isDefinition, text: name, start, end }) => {
    expect(source.slice(start, end)).toBe(name);
    return `${isDefinition ? 'define ' : ''}${kind} ${name}`;
  });

describe('The names in a muster.yaml', () => {
  it('are found in every place that may hold one, where they stand', () => {
    expect(listed(text)).toEqual([
      'host bastion',
      'define host bastion',
      'define host web-[01:03]',
      'label zone',
      'define label role',
      'define label zone',
      'define host db-1',
      'host bastion',
      'host me@else:2222',
      'define group web',
      'label role',
      'word web-02',
      'define group all-of-it',
      'group web',
      'group data',
      'word web-*',
      'word db-1',
      'define group data',
      'word db-1',
      'define check up',
      'group data',
      'word web',
    ]);
  });

  it('come with the entries that define them, and what is imported', () => {
    const { symbols, imports } = namesOf(text);
    expect(symbols.map(({ section, name, detail }) => [section, name, detail])).toEqual([
      ['hosts', 'bastion', '10.0.0.1'],
      ['hosts', 'web-[01:03]', '{name}.{label.zone}.example.com'],
      ['hosts', 'db-1', ''],
      ['groups', 'web', 'role=web,!web-02'],
      ['groups', 'all-of-it', ''],
      ['groups', 'data', ''],
      ['checks', 'up', 'tcp'],
    ]);
    const web = symbols[1]!;
    expect(text.slice(web.start, web.end)).toMatch(/^web-\[01:03\]:\n[^]*zone: a \}/);
    expect(imports.map(({ kind, path, start, end }) => [kind, path, text.slice(start, end)])).toEqual([
      ['sshConfig', '~/.ssh/config', '~/.ssh/config'],
      ['muster', './more.yaml', './more.yaml'],
    ]);
  });

  it.each([
    ['flow mappings', 'hosts: { a: {}, b: { ssh: { proxyJump: a } } }\n'],
    ['JSON', '{"hosts": {"a": {}, "b": {"ssh": {"proxyJump": "a"}}}}'],
    ['Windows line ends', 'hosts:\r\n  a:\r\n  b:\r\n    ssh: { proxyJump: a }\r\n'],
    ['a document that begins with ---', '---\nhosts:\n  a:\n  b: { ssh: { proxyJump: a } }\n...\n'],
    ['deep indentation', 'hosts:\n        a:\n        b: { ssh: { proxyJump: a } }\n'],
  ])('are found in %s', (_, source) => {
    expect(listed(source)).toEqual(['define host a', 'define host b', 'host a']);
  });

  it('are found around an entry that is broken', () => {
    const broken =
      'hosts:\n  a: { address: [ }\n  b: { ssh: { proxyJump: a } }\ngroups:\n  g: { hosts: [a, }\n  h: { hosts: b }\n';
    expect(listed(broken)).toEqual(
      expect.arrayContaining(['define host a', 'define host b', 'host a', 'define group h', 'word b']),
    );
  });

  it('leave out what is written otherwise than it reads', () => {
    expect(listed('hosts:\n  "a\\x62": {}\n')).toEqual([]);
  });

  it('stay as they were where the text did', () => {
    const before = namesOf(text);
    const after = finish(readingNames(text.replace('10.0.0.1', '10.0.0.2'), sections, before));
    const partsOf = ({ parts }: typeof before) =>
      [...parts.values()].flatMap((section) => [...section.values()]);
    const known = new Set(partsOf(before));
    expect(partsOf(after).filter((part) => !known.has(part))).toHaveLength(1);
  });

  it('of 5,000 hosts are read again within 50 ms after an edit', async () => {
    const host = (index: number) =>
      `  node-${index}:\n    address: 10.0.0.${index % 256}\n    labels: { role: web }\n`;
    const large = `hosts:\n${Array.from({ length: 5000 }, (_, index) => host(index)).join('')}`;
    const before = namesOf(large);
    const times: number[] = [];
    for (let round = 0; round < 5; round++) {
      const edited = large.replace('node-2500:', `node-2500-${round}:`);
      times.push(await cpuMs(() => finish(readingNames(edited, sections, before))));
    }
    expect(Math.min(...times)).toBeLessThan(50);
  });
});

describe('The sections of a muster.yaml', () => {
  const entriesOf = (source: string) =>
    splitSections(source).map(({ key, entries }) => [
      key,
      entries?.map(({ start, end }) => source.slice(start, end).trim()),
    ]);

  it('are split into entries by their indentation', () => {
    expect(
      entriesOf('hosts:\n  a: {}\n  b:\n    labels:\n      x: y\n\n  # note\n  c:\ngroups: {}\n'),
    ).toEqual([
      ['hosts', ['a: {}', 'b:\n    labels:\n      x: y', 'c:']],
      ['groups', undefined],
    ]);
  });

  it('keep block scalars and closing brackets with their entry', () => {
    expect(
      entriesOf('checks:\n  a:\n    run: |\n      x: y\n\n      z\n  b: {\n    type: tcp\n  }\n'),
    ).toEqual([['checks', ['a:\n    run: |\n      x: y\n\n      z', 'b: {\n    type: tcp\n  }']]]);
  });

  it('give an excerpt around a place that holds the whole entry and the other keys', () => {
    const filler = Array.from({ length: 300 }, (_, index) => `  host-${index}: { address: 10.0.0.1 }\n`).join(
      '',
    );
    const large = `defaults:\n  timeout: 1s\nhosts:\n${filler}  last:\n    labels: { a: b }\n\ngroups:\n  g: {}\n`;
    const offset = large.indexOf('a: b');
    const { text: excerpt, delta } = excerptAt(large, offset);
    expect(excerpt).toBe('"defaults":\nhosts:\n  last:\n    labels: { a: b }\n\n"groups":\n');
    expect(excerpt.slice(offset - delta, offset - delta + 4)).toBe('a: b');
  });
});
