import { isScalar, type Node } from 'yaml';
import { type DocumentSection, splitSections, type TextSpan } from './documentSections';
import { child } from './located';
import type { JsonSchema } from '../schema/jsonSchema';
import { placeholdersIn } from './placeholders';
import { entryJsonSchema } from '../schema/schema';
import { schemasAt, schemasBelow, valueSourceOf } from '../schema/schemaPath';
import { outerSections, type Section, type Sections } from '../section';
import { parseSelector, type Term } from '../selection/selectorSyntax';
import type { Steps } from '../steps';
import type { EntryNoun } from './valueSource';
import { type Entry, parseYaml, scalarText, stringNodes, type YamlSource } from './yamlSource';

/** `word` is a name in a selector: a host, or a group where no host has the name. The noun of a section is one, too. */
export type NameKind = 'host' | 'group' | 'label' | 'word' | EntryNoun;

/** A name, or a pattern of names, where it stands in a text. */
export interface NameOccurrence extends TextSpan {
  kind: NameKind;
  isDefinition: boolean;
  /** A name, a range or a glob. */
  text: string;
  /** It is all of an unquoted scalar, so that another name in its place may need quotes. */
  isPlain: boolean;
}

/** A host, group or entry of another section with the lines that describe it. */
export interface DocumentSymbolEntry extends TextSpan {
  section: string;
  name: string;
  nameStart: number;
  nameEnd: number;
  /** The address of a host, the selector of a group, the type of a check. */
  detail: string;
}

export interface ImportedPath extends TextSpan {
  kind: string;
  path: string;
}

/** The names in one text. */
export interface DocumentNames {
  readonly sections: readonly DocumentSection[];
  /** In the order of the text. */
  readonly occurrences: readonly NameOccurrence[];
  readonly symbols: readonly DocumentSymbolEntry[];
  readonly imports: readonly ImportedPath[];
  /** What was read of every entry, for the next version of the text. */
  readonly parts: PartsBySection;
}

/** By the key of the section and the text of the entry. */
type PartsBySection = Map<string, Map<string, PartNames>>;

/** The names in one part of a text, offsets counted from its start. */
interface PartNames {
  occurrences: NameOccurrence[];
  symbols: DocumentSymbolEntry[];
  imports: ImportedPath[];
}

/** Larger entries are read like others, but a whole section in one entry is not worth remembering. */
const longestRemembered = 20_000;

/**
 * Reads the names in a `muster.yaml`, entry by entry: a broken one hides no other, and one that `previous` has
 * seen is not read again. Yields between entries.
 */
export function* readingNames(text: string, known: Sections, previous?: DocumentNames): Steps<DocumentNames> {
  const sections = splitSections(text);
  const outer = outerSections(known);
  const occurrences: NameOccurrence[] = [];
  const symbols: DocumentSymbolEntry[] = [];
  const imports: ImportedPath[] = [];
  const parts: PartsBySection = new Map();
  const whole: DocumentSection = { key: '', start: 0, end: text.length, bodyStart: 0, indent: 0 };
  let seen = 0;
  // Without sections the text may be one mapping in braces.
  for (const section of sections.length > 0 ? sections : [whole]) {
    const before = previous?.parts.get(section.key);
    const now = parts.get(section.key) ?? new Map<string, PartNames>();
    parts.set(section.key, now);
    for (const { start, end } of section.entries ?? [section]) {
      const content = text.slice(start, end);
      let part = now.get(content) ?? before?.get(content);
      if (!part || seen++ % 50 === 0) yield;
      part ??= readPart(section, content, outer);
      if (content.length <= longestRemembered) now.set(content, part);
      for (const one of part.occurrences) occurrences.push(movedOccurrence(one, start));
      for (const one of part.symbols) symbols.push(movedSymbol(one, start, end));
      for (const one of part.imports)
        imports.push({ kind: one.kind, path: one.path, start: one.start + start, end: one.end + start });
    }
  }
  occurrences.sort((a, b) => a.start - b.start);
  return { sections, occurrences, symbols, imports, parts };
}

// Written out: a spread for each of thousands of names would be felt while typing.
function movedOccurrence(one: NameOccurrence, by: number): NameOccurrence {
  const { kind, isDefinition, text, isPlain, start, end } = one;
  return { kind, isDefinition, text, isPlain, start: start + by, end: end + by };
}

function movedSymbol(one: DocumentSymbolEntry, by: number, limit: number): DocumentSymbolEntry {
  const { section, name, detail, start, nameStart, nameEnd } = one;
  const end = Math.min(one.end + by, limit);
  return { section, name, detail, start: start + by, end, nameStart: nameStart + by, nameEnd: nameEnd + by };
}

function readPart(section: DocumentSection, content: string, known: readonly Section[]): PartNames {
  const part: PartNames = { occurrences: [], symbols: [], imports: [] };
  const source = parseYaml(content, '');
  const reader = new PartReader(source, part, known);
  try {
    if (section.entries) reader.readSection(section.key, source.root);
    else for (const { key, value } of source.entries(source.root)) reader.readSection(key, value);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // Without bound: its problem is shown elsewhere.
  }
  return part;
}

class PartReader {
  constructor(
    private readonly source: YamlSource,
    private readonly part: PartNames,
    private readonly known: readonly Section[],
  ) {}

  readSection(key: string, value: Node | null): void {
    if (key === 'imports') return this.readImports(value);
    const section = this.known.find((one) => one.key === key);
    for (const entry of this.source.entries(value)) {
      if (key === 'hosts') this.readHost(entry);
      else if (key === 'groups') this.readGroup(entry);
      else if (section) this.readEntry(entry, section);
      else if (key === 'defaults' && entry.key === 'ssh') this.readJumps(entry);
    }
  }

  private define(kind: NameKind, section: string, entry: Entry, detail: string): void {
    const { keyNode, value } = entry;
    this.add(kind, keyNode, 0, entry.key, true);
    const [nameStart, nameEnd] = keyNode.range ?? [0, 0];
    this.part.symbols.push({
      ...{ section, name: entry.key, nameStart, nameEnd, start: nameStart },
      end: Math.max(nameEnd, value?.range?.[1] ?? 0),
      detail: scalarText(this.child(entry, detail)?.value ?? null) ?? '',
    });
  }

  private readHost(entry: Entry): void {
    this.define('host', 'hosts', entry, 'address');
    const labels = this.child(entry, 'labels');
    for (const { key, keyNode } of this.source.entries(labels?.value ?? null))
      this.add('label', keyNode, 0, key, true);
    const ssh = this.child(entry, 'ssh');
    if (ssh) this.readJumps(ssh);
    const address = this.child(entry, 'address');
    if (address) this.readPlaceholders(address.value);
  }

  private readGroup(entry: Entry): void {
    this.define('group', 'groups', entry, 'select');
    for (const key of ['hosts', 'select'])
      for (const node of this.texts(this.child(entry, key))) this.readSelector(node);
    for (const node of this.texts(this.child(entry, 'children'))) this.readGroupName(node);
  }

  private readGroupName(node: Node): void {
    const text = scalarText(node) ?? '';
    const at = text.startsWith('@') ? 1 : 0;
    this.add('group', node, at, text.slice(at));
  }

  private readEntry(entry: Entry, section: Section): void {
    const { noun, key, outlineKey } = section;
    if (outlineKey !== undefined) this.define(noun, key, entry, outlineKey);
    const value = this.source.plain(entry.value);
    this.readPlaces(entry.value, value, schemasAt(entryJsonSchema(section), [], value), section);
  }

  /** The names in a value where its schemas say that there are any, and the labels in its texts. */
  private readPlaces(
    node: Node | null,
    value: unknown,
    schemas: readonly JsonSchema[],
    section: Section,
  ): void {
    const below = (inner: Node | null, at: string | number) => {
      const found = (value as Record<PropertyKey, unknown>)[at];
      this.readPlaces(inner, found, schemasBelow(schemas, at, found), section);
    };
    for (const { key, value: inner } of this.source.entries(node)) below(inner, key);
    for (const [index, item] of this.source.items(node).entries()) below(item, index);
    if (!node || typeof value === 'boolean' || scalarText(node) === undefined) return;
    const source = valueSourceOf(schemas);
    if (source === 'selector') this.readSelector(node);
    else if (source === 'group') this.readGroupName(node);
    else if (source === 'host' || this.isRenamed(source)) this.add(source!, node, 0, scalarText(node)!);
    else if (section.placeholders) this.readPlaceholders(node);
  }

  private isRenamed(noun: EntryNoun | undefined): boolean {
    return this.known.some((section) => section.noun === noun && section.outlineKey !== undefined);
  }

  private readJumps(ssh: Entry): void {
    for (const node of this.texts(this.child(ssh, 'proxyJump'))) {
      let offset = 0;
      for (const part of (scalarText(node) ?? '').split(',')) {
        const name = part.trim();
        if (name !== '' && name !== 'none') this.add('host', node, offset + part.indexOf(name), name);
        offset += part.length + 1;
      }
    }
  }

  private readSelector(node: Node): void {
    let terms: Term[];
    try {
      terms = parseSelector(scalarText(node) ?? '');
    } catch {
      return; // Half-typed: its problem is shown elsewhere.
    }
    for (const term of terms) {
      const content = term.text.replace(/^!\s*/, '');
      const offset = term.offset + term.text.length - content.length;
      if (term.kind === 'word') this.add('word', node, offset, content);
      else if (term.kind === 'group') this.add('group', node, offset + 1, term.name);
      else if (term.kind === 'label') this.add('label', node, offset, term.label);
    }
  }

  private readPlaceholders(value: Node | null): void {
    for (const { node, text } of stringNodes(this.source, value)) {
      for (const word of placeholdersIn(text)) {
        if (!word.startsWith('label.')) continue;
        const label = word.slice('label.'.length);
        this.add('label', node, text.indexOf(`{${word}}`) + 1 + 'label.'.length, label);
      }
    }
  }

  private readImports(value: Node | null): void {
    for (const item of this.source.items(value)) {
      for (const { key, value: path } of this.source.entries(item)) {
        const text = scalarText(path);
        const [start, end] = path?.range ?? [0, 0];
        if (text !== undefined) this.part.imports.push({ kind: key, path: text, start, end });
      }
    }
  }

  private child(entry: Entry, key: string): Entry | undefined {
    return child(this.source, entry, key);
  }

  private texts(entry: Entry | undefined): Node[] {
    if (!entry) return [];
    const nodes = scalarText(entry.value) === undefined ? this.source.items(entry.value) : [entry.value];
    return nodes.filter((node) => node !== null && scalarText(node) !== undefined) as Node[];
  }

  /** A name that is written otherwise than it reads (escapes, folded lines) is left out: it has no place of its own. */
  private add(kind: NameKind, node: Node, offset: number, text: string, isDefinition = false): void {
    if (text === '' || !isScalar(node)) return;
    const [from, to] = node.range ?? [0, 0];
    const written = this.source.text.slice(from, to);
    const read = scalarText(node);
    const quote = written === read ? 0 : written.slice(1, -1) === read ? 1 : undefined;
    if (quote === undefined) return;
    const start = from + quote + offset;
    const isPlain = quote === 0 && text === written;
    this.part.occurrences.push({ kind, isDefinition, text, isPlain, start, end: start + text.length });
  }
}
