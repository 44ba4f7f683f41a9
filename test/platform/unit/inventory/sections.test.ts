import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readingNames } from '../../../../src/platform/inventory/yaml/documentNames';
import type { NamedEntry, Reference, Targets } from '../../../../src/platform/inventory/fragment';
import { toJsonSchema } from '../../../../src/platform/inventory/schema/jsonSchema';
import { loadInventory, parseInventory } from '../../../../src/platform/inventory/loadInventory';
import { child, locate, references } from '../../../../src/platform/inventory/yaml/located';
import { NameSearch } from '../../../../src/platform/inventory/selection/nameSearch';
import { oneOrMore } from '../../../../src/platform/inventory/schema/oneOrMore';
import { placeholdersUsed } from '../../../../src/platform/inventory/yaml/placeholdersUsed';
import { assertRenamable, renameEdits } from '../../../../src/platform/inventory/yaml/renameName';
import { inventoryJsonSchema } from '../../../../src/platform/inventory/schema/schema';
import { completionsAt, hoverAt } from '../../../../src/platform/inventory/schema/schemaLookup';
import type { InnerSection, Section } from '../../../../src/platform/inventory/section';
import type { SectionToken } from '../../../../src/platform/inventory/sectionToken';
import { finish } from '../../../../src/platform/inventory/steps';
import { validate } from '../../../../src/platform/inventory/validation';

/** What must be open before work on hosts goes on: a section that no feature has. */
interface Gate extends NamedEntry {
  readonly hosts: readonly string[];
  readonly keeper: string;
  readonly open: string;
}

interface GateDraft extends Omit<Gate, 'hosts' | 'keeper'>, Targets {
  keeper: Reference;
  after: Reference[];
}

const gates: SectionToken<Gate> = { key: 'gates' };
/** The gates that a gate comes after, by its name. */
const precedence: SectionToken<readonly string[]> = { key: 'gates.after' };

const gateSchema = z
  .strictObject({
    on: oneOrMore('Hosts that it holds back.', 'selector').optional(),
    keeper: z.string().meta({ description: 'Host that opens it.', 'x-muster': 'host' }),
    after: oneOrMore('Gates that open before it.', 'gate').optional(),
    open: z.string().meta({ description: 'Command line that opens it.' }),
    kind: z.enum(['soft', 'hard']).optional().meta({ description: 'How it holds.' }),
  })
  .meta({ description: 'A gate.' });

const gateSection: Section<GateDraft, Gate> = {
  ...gates,
  noun: 'gate',
  description: 'Gates by name.',
  duplicate: 'duplicate gate “{0}”: the first is in {1}',
  placeholders: true,
  outlineKey: 'kind',
  standsAlone: true,
  schema: () => toJsonSchema(gateSchema),
  read(source, entry) {
    const settings = validate(source, gateSchema, locate(source, entry));
    const used = placeholdersUsed(source, entry, ['on', 'keeper', 'after', 'kind'], ['open']);
    const [keeper] = references(source, child(source, entry, 'keeper'));
    if (!settings || !used || !keeper) return undefined;
    return {
      ...{ name: entry.key, source: source.rangeOf(entry.keyNode), open: settings.open, keeper, ...used },
      on: references(source, child(source, entry, 'on')),
      after: references(source, child(source, entry, 'after')),
    };
  },
  assemble({ name, source, keeper, open, ...targets }, scope) {
    const hosts = scope.hostsOf(`gate “${name}”`, targets);
    return scope.namesHost(keeper) && hosts ? { name, source, open, hosts, keeper: keeper.text } : undefined;
  },
  summary: ({ keeper, hosts }) => ({ detail: keeper, facts: { hosts } }),
};

const precedenceSection: InnerSection<GateDraft, readonly string[]> = {
  ...precedence,
  within: gates.key,
  assemble: ({ after }, scope) =>
    after.flatMap((one) => scope.find(gates, one, `no gate “${one.text}”`)?.name ?? []),
};

const sections = [gateSection, precedenceSection];
const hosts = 'hosts: { web-1: { labels: { role: web } }, web-2: { labels: { role: web } }, db: {} }\n';
const parse = (text: string) => parseInventory(text, '/fleet/muster.yaml', sections);
const problems = (text: string) =>
  parse(text).problems.map(
    ({ severity, message, range: { line, column }, suggestion }) =>
      `${line}:${column} ${severity} ${message}${suggestion === undefined ? '' : ` (${suggestion})`}`,
  );
const gate = (settings: string, name = 'go') => `${hosts}gates:\n  ${name}: { ${settings} }\n`;

describe('A section that a feature brings', () => {
  it('is read, and given out by its token', () => {
    const text = `${gate('on: role=web, keeper: db, open: "allow {name}"')}  last: { keeper: db, after: go, open: x }\n`;
    const { section, topKeys } = parse(text);
    expect(problems(text)).toEqual([]);
    expect(section(gates).get('go')).toEqual({
      ...{ name: 'go', keeper: 'db', open: 'allow {name}', hosts: ['web-1', 'web-2'] },
      source: { file: '/fleet/muster.yaml', line: 3, column: 3, endLine: 3, endColumn: 5 },
    });
    expect(section(gates).get('last')?.hosts).toEqual(['web-1', 'web-2', 'db']);
    expect(section(precedence).get('last')).toEqual(['go']);
    expect(topKeys).toEqual(['defaults', 'hosts', 'groups', 'gates', 'imports']);
  });

  it('has no entries in an inventory that does not know it', () => {
    expect([...parseInventory(hosts, 'muster.yaml', []).section(gates)]).toEqual([]);
  });

  it('is merged with those of the files that are imported', async () => {
    const files: Record<string, string> = {
      '/f/muster.yaml': `${gate('keeper: db, open: x')}imports: [{ muster: more.yaml }]\n`,
      '/f/more.yaml': 'gates:\n  far: { on: web-1, keeper: db, open: x }\n  go: { keeper: db, open: y }\n',
    };
    const { section, problems } = await loadInventory('/f/muster.yaml', {
      sections,
      readFile: (file) => Promise.resolve(files[file]!),
    });
    expect([...section(gates)].map(([name, entry]) => [name, entry.open, entry.hosts.length])).toEqual([
      ['go', 'x', 3],
      ['far', 'x', 1],
    ]);
    expect(problems.map(({ message, range }) => `${range.file}:${range.line} ${message}`)).toEqual([
      '/f/more.yaml:3 duplicate gate “go”: the first is in /f/muster.yaml:3',
    ]);
  });

  it.each([
    ['an unknown key', 'keper: db, open: x', '3:9 error unknown key “keper” (keeper)'],
    [
      'a value that is none',
      'keeper: db, open: x, kind: sotf',
      '3:36 error expected one of soft, hard (soft)',
    ],
    ['a host that is none', 'keeper: wb-1, open: x', '3:17 error no host “wb-1” (web-1)'],
    ['a selector', 'on: role=wbe, keeper: db, open: x', '3:13 warning no host matches “role=wbe”'],
    ['an entry that is none', 'keeper: db, open: x, after: goo', '3:37 error no gate “goo” (go)'],
    ['a placeholder', 'keeper: db, open: "{nmae}"', '3:28 error unknown placeholder {nmae}'],
    [
      'a label',
      'keeper: db, open: "{label.role}"',
      '3:28 error gate “go” needs {label.role}, which db has not',
    ],
    ['a place in a command line', `keeper: db, open: "'{name}'"`, '3:29 error {name} is in single quotes'],
    ['a key at the top', 'keeper: db, open: x }\ngatse: {', '4:1 error unknown key “gatse” (gates)'],
  ])('has a mistake in %s explained where it stands', (_, settings, problem) => {
    expect(problems(gate(settings))).toContainEqual(expect.stringContaining(problem));
  });

  it('reports a mistake once, not again where the entry is named', () => {
    const text = `${gate('keeper: wb-1, open: x', 'lost')}  last: { keeper: db, after: lost, open: x }\n`;
    expect(problems(text)).toEqual(['3:19 error no host “wb-1” (web-1)']);
    expect([...parse(text).section(gates).keys()]).toEqual(['last']);
  });

  it('is enough without hosts where it stands alone', () => {
    expect(problems('gates: { }\n')).toEqual([expect.stringContaining('the inventory has no hosts')]);
    expect(problems('gates: { go: { keeper: db, open: x } }\n')).toEqual(['1:24 error no host “db”']);
  });

  it('is in the schema, between the groups and the imports', () => {
    const { properties } = inventoryJsonSchema(sections);
    expect(Object.keys(properties!)).toEqual(['defaults', 'hosts', 'groups', 'gates', 'imports']);
    expect(properties!.gates).toMatchObject({
      description: 'Gates by name.',
      anyOf: [{ additionalProperties: { description: 'A gate.', required: ['keeper', 'open'] } }, {}],
    });
  });

  const context = {
    sections,
    inventory: parse(`${gate('on: web-1, keeper: db, open: x')}  last: { keeper: db, open: x }\n`),
  };

  it.each([
    ['keys', 'keeper: db, |', ['on', 'after', 'open', 'kind']],
    ['values', 'kind: |', ['soft', 'hard']],
    ['hosts', 'keeper: |', ['web-1', 'web-2', 'db']],
    ['selectors', 'on: role|', ['role=web']],
    ['its own entries', 'after: |', ['go', 'last']],
    ['placeholders', 'open: "{|"', ['{name}', '{address}', '{port}', '{label.role}']],
  ])('has its %s completed', (_, settings, labels) => {
    const text = gate(settings);
    const { items } = completionsAt(text.replace('|', ''), text.indexOf('|'), context);
    expect(items.map(({ label }) => label)).toEqual(labels);
  });

  it('has its keys explained, and its entries where they are named', () => {
    const text = gate('keeper: db, after: go, open: x', 'last');
    const at = (word: string) => hoverAt(text, text.indexOf(word) + 1, context);
    expect(at('keeper')?.text).toBe('Host that opens it.');
    expect(at('go,')?.facts).toEqual(['1 host: web-1']);
    expect(at('db,')?.facts).toEqual(['1 host: db']);
  });

  const renamed = (marked: string, newName: string) => {
    const text = marked.replace('|', '');
    const names = finish(readingNames(text, sections));
    const imported = { hosts: new Map(), groups: new Map() };
    const search = new NameSearch([{ file: 'f', names }], imported);
    const found = search.at('f', marked.indexOf('|'))!;
    assertRenamable(search, found, imported);
    return renameEdits(search, found.thing, newName)
      .sort((a, b) => b.start - a.start)
      .reduce(
        (result, { start, end, text: word }) => result.slice(0, start) + word + result.slice(end),
        text,
      );
  };

  it('has its hosts renamed with the host', () => {
    expect(
      renamed('hosts: { d|b: {}, web: {} }\ngates: { go: { on: "!db", keeper: db, open: db } }\n', 'db-01'),
    ).toBe('hosts: { db-01: {}, web: {} }\ngates: { go: { on: "!db-01", keeper: db-01, open: db } }\n');
  });

  it('has its entries renamed wherever they are named, and listed in the outline', () => {
    const text =
      'gates:\n  go: { keeper: db, open: go, kind: soft }\n  last: { keeper: db, after: [g|o], open: "{label.go}" }\n';
    expect(renamed(text, 'start')).toBe(
      'gates:\n  start: { keeper: db, open: go, kind: soft }\n  last: { keeper: db, after: [start], open: "{label.go}" }\n',
    );
    expect(() => renamed(text, 'last')).toThrow('there is a gate “last” already');
    const { symbols } = finish(readingNames(text.replace('|', ''), sections));
    expect(symbols.map(({ section, name, detail }) => [section, name, detail])).toEqual([
      ['gates', 'go', 'soft'],
      ['gates', 'last', ''],
    ]);
  });
});
