import { describe, expect, it } from 'vitest';
import { readingNames } from '../../../../src/platform/inventory/yaml/documentNames';
import { NameSearch } from '../../../../src/platform/inventory/selection/nameSearch';
import {
  assertRenamable,
  type ImportedSources,
  renameEdits,
} from '../../../../src/platform/inventory/yaml/renameName';
import { finish } from '../../../../src/platform/inventory/steps';
import { sections } from '../../../../src/engine/sections';

const source = { file: '/f/hosts.ini', line: 3, column: 1, endLine: 3, endColumn: 5 };
const imported: ImportedSources = {
  hosts: new Map([['old-1', { source }]]),
  groups: new Map([['legacy', { source }]]),
};

function searchIn(text: string, more = ''): NameSearch {
  const documents = [
    { file: '/f/muster.yaml', names: finish(readingNames(text, sections)) },
    { file: '/f/more.yaml', names: finish(readingNames(more, sections)) },
  ];
  return new NameSearch(documents, imported);
}

/** Renames what is at the bar. */
function rename(marked: string, newName: string, more = ''): string[] {
  const text = marked.replace('|', '');
  const search = searchIn(text, more);
  const found = search.at('/f/muster.yaml', marked.indexOf('|'))!;
  assertRenamable(search, found, imported);
  const edits = renameEdits(search, found.thing, newName);
  return [text, more].map((content, index) =>
    edits
      .filter(({ file }) => file === ['/f/muster.yaml', '/f/more.yaml'][index])
      .sort((a, b) => b.start - a.start)
      .reduce((result, edit) => result.slice(0, edit.start) + edit.text + result.slice(edit.end), content),
  );
}
const renameIn = (marked: string, newName: string) => rename(marked, newName)[0];

describe('A name is found', () => {
  const text =
    'hosts:\n  web-[1:3]: { labels: { role: web } }\n  db: { ssh: { proxyJump: web-1 } }\ngroups:\n  data: { hosts: [db, web-*], select: "!@other" }\n  other: { children: data, hosts: web-2 }\n';
  const search = searchIn(text);
  const find = (kind: 'host' | 'group', name: string) =>
    search
      .find({ kind, text: name })
      .map(({ occurrence: { text: word, isDefinition } }) => (isDefinition ? `=${word}` : word));

  it('alone, in ranges and by globs', () => {
    expect(find('host', 'web-1')).toEqual(['=web-[1:3]', 'web-1', 'web-*']);
    expect(find('host', 'web-[1:3]')).toEqual(['=web-[1:3]', 'web-1', 'web-*', 'web-2']);
    expect(find('host', 'web-*')).toEqual(['=web-[1:3]', 'web-1', 'web-*', 'web-2']);
  });

  it('as a group with and without its sign, defined or imported', () => {
    expect(find('group', 'other')).toEqual(['other', '=other']);
    expect(find('group', 'data')).toEqual(['=data', 'data']);
    expect(
      searchIn('checks: { c: { type: tcp, on: legacy } }').find({ kind: 'group', text: 'legacy' }),
    ).toHaveLength(1);
  });
});

describe('Renaming', () => {
  it('changes a host wherever it is named', () => {
    expect(
      renameIn(
        'hosts:\n  d|b: {}\n  web: { ssh: { proxyJump: "db,me@x" } }\ngroups:\n  g: { hosts: [web, db], select: "db,!web" }\nchecks:\n  c: { type: tcp, port: 1, on: db }\n',
        'db-01',
      ),
    ).toBe(
      'hosts:\n  db-01: {}\n  web: { ssh: { proxyJump: "db-01,me@x" } }\ngroups:\n  g: { hosts: [web, db-01], select: "db-01,!web" }\nchecks:\n  c: { type: tcp, port: 1, on: db-01 }\n',
    );
  });

  it('changes a group from where it is used, in the other files too', () => {
    expect(
      rename(
        'groups:\n  web: { hosts: a }\nchecks:\n  c: { type: tcp, on: "@w|eb,!@canary" }\n',
        'front',
        'groups:\n  every: { children: [web] }\n',
      ),
    ).toEqual([
      'groups:\n  front: { hosts: a }\nchecks:\n  c: { type: tcp, on: "@front,!@canary" }\n',
      'groups:\n  every: { children: [front] }\n',
    ]);
  });

  it('changes a range of hosts with its members, one by one', () => {
    expect(
      renameIn(
        'hosts:\n  web-|[1:3]: {}\ngroups:\n  g: { hosts: [web-2, "web-[1:3]", other] }\n',
        'app-[01:03]',
      ),
    ).toBe('hosts:\n  app-[01:03]: {}\ngroups:\n  g: { hosts: [app-02, "app-[01:03]", other] }\n');
  });

  it('quotes a name that YAML would read as something else', () => {
    expect(renameIn('hosts:\n  a|: {}\ngroups:\n  g: { hosts: "a" }\n', 'null')).toBe(
      'hosts:\n  "null": {}\ngroups:\n  g: { hosts: "null" }\n',
    );
  });

  it.each([
    ['a name that is none', 'hosts: { a|: {} }', 'a b', 'is not a name'],
    ['the name of every host', 'hosts: { a|: {} }', 'all', '“all” is the name of every host'],
    ['no name', 'hosts: { a|: {} }', ' ', 'must not be empty'],
    ['a name that is taken', 'hosts: { a|: {}, b: {} }', 'b', 'there is a host “b” already'],
    [
      'a name that a range takes',
      'hosts:\n  a|: {}\n  b-[1:2]: {}\n',
      'b-2',
      'there is a host “b-2” already',
    ],
    ['the name of a group', 'hosts: { a|: {} }\ngroups: { b: {} }', 'b', 'there is a group “b” already'],
    ['the name of a check', 'checks: { a|: {}, b: {} }', 'b', 'there is a check “b” already'],
    [
      'an imported name',
      'groups: { g: { hosts: old-|1 } }',
      'x',
      'comes from hosts.ini, line 3, which is imported',
    ],
    ['an imported group', 'checks: { c: { on: "@leg|acy" } }', 'x', 'comes from hosts.ini, line 3'],
    ['what is defined nowhere', 'groups: { g: { hosts: no|ne } }', 'x', 'nothing here defines “none”'],
    [
      'one host of a range',
      'hosts:\n  "a-[1:2]": {}\ngroups: { g: { hosts: a-|1 } }',
      'x',
      'is one of the hosts that “a-[1:2]” names',
    ],
    ['a glob', 'hosts: { a: {} }\ngroups: { g: { hosts: a|* } }', 'x', 'stands for several hosts'],
    [
      'what a range elsewhere lists',
      'hosts: { a-1|: {}, a-2: {} }\ngroups: { g: { hosts: "a-[1:2]" } }',
      'x',
      '“a-[1:2]” in muster.yaml lists “a-1”',
    ],
    ['a range by one of another size', 'hosts:\n  a-[|1:3]: {}\n', 'b-[1:2]', 'stands for 3 hosts'],
    ['a label', 'hosts: { a: { labels: { ro|le: web } } }', 'x', 'labels are not renamed'],
  ])('refuses %s', (_, marked, newName, message) => {
    expect(() => rename(marked, newName)).toThrow(message);
  });
});
