import { isScalar, type Node } from 'yaml';
import { type DocumentSection, splitSections, type TextSpan } from './documentSections';
import { child } from './located';
import { placeholdersIn } from './placeholders';
import { parseSelector, type Term } from './selectorSyntax';
import type { Steps } from './steps';
import { type Entry, parseYaml, scalarText, stringNodes, type YamlSource } from './yamlSource';

/** `word` is a name in a selector: a host, or a group where no host has the name. */
export type NameKind = 'host' | 'group' | 'check' | 'label' | 'word';

/** A name, or a pattern of names, where it stands in a text. */
export interface NameOccurrence extends TextSpan {
  kind: NameKind;
  isDefinition: boolean;
  /** A name, a range or a glob. */
  text: string;
  /** It is all of an unquoted scalar, so that another name in its place may need quotes. */
  isPlain: boolean;
}

/** A host, group, check, import or default with the lines that describe it. */
export interface DocumentSymbolEntry extends TextSpan {
  section: string;
  name: string;
  nameStart: number;
  nameEnd: number;
  /** The address of a host, the type of a check, the selector of a group. */
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
export function* readingNames(text: string, previous?: DocumentNames): Steps<DocumentNames> {
  const sections = splitSections(text);
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
      part ??= readPart(section, content);
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

function readPart(section: DocumentSection, content: string): PartNames {
  const part: PartNames = { occurrences: [], symbols: [], imports: [] };
  const source = parseYaml(content, '');
  const reader = new PartReader(source, part);
  try {
    if (section.entries) reader.readSection(section.key, source.root);
    else for (const { key, value } of source.entries(source.root)) reader.readSection(key, value);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // Without bound: its problem is shown elsewhere.
  }
  return part;
}

const sectionKinds: Record<string, NameKind> = { hosts: 'host', groups: 'group', checks: 'check' };

class PartReader {
  constructor(
    private readonly source: YamlSource,
    private readonly part: PartNames,
  ) {}

  readSection(section: string, value: Node | null): void {
    if (section === 'imports') return this.readImports(value);
    if (section === 'etcd') return this.readClusters(value);
    if (section === 'profilers' || section === 'logs') {
      for (const entry of this.source.entries(value)) this.readCheck(entry);
      return;
    }
    const kind = sectionKinds[section];
    for (const entry of this.source.entries(value)) {
      if (kind) this.define(kind, section, entry);
      if (section === 'defaults' && entry.key === 'ssh') this.readJumps(entry);
    }
  }

  private define(kind: NameKind, section: string, entry: Entry): void {
    const { keyNode, value } = entry;
    this.add(kind, keyNode, 0, entry.key, true);
    const [nameStart, nameEnd] = keyNode.range ?? [0, 0];
    const detail = kind === 'host' ? 'address' : kind === 'check' ? 'type' : 'select';
    this.part.symbols.push({
      ...{ section, name: entry.key, nameStart, nameEnd, start: nameStart },
      end: Math.max(nameEnd, value?.range?.[1] ?? 0),
      detail: scalarText(this.child(entry, detail)?.value ?? null) ?? '',
    });
    if (kind === 'host') this.readHost(entry);
    else if (kind === 'group') this.readGroup(entry);
    else this.readCheck(entry);
  }

  private readHost(entry: Entry): void {
    const labels = this.child(entry, 'labels');
    for (const { key, keyNode } of this.source.entries(labels?.value ?? null))
      this.add('label', keyNode, 0, key, true);
    const ssh = this.child(entry, 'ssh');
    if (ssh) this.readJumps(ssh);
    const address = this.child(entry, 'address');
    if (address) this.readPlaceholders(address.value);
  }

  private readGroup(entry: Entry): void {
    for (const key of ['hosts', 'select'])
      for (const node of this.texts(this.child(entry, key))) this.readSelector(node);
    for (const node of this.texts(this.child(entry, 'children'))) {
      const text = scalarText(node) ?? '';
      const at = text.startsWith('@') ? 1 : 0;
      this.add('group', node, at, text.slice(at));
    }
  }

  private readCheck(entry: Entry): void {
    for (const node of this.texts(this.child(entry, 'on'))) this.readSelector(node);
    for (const { key, value } of this.source.entries(entry.value))
      if (key !== 'on') this.readPlaceholders(value);
  }

  private readClusters(value: Node | null): void {
    for (const cluster of this.source.entries(value)) {
      for (const node of this.texts(this.child(cluster, 'through')))
        this.add('host', node, 0, scalarText(node) ?? '');
      const rules = this.child(cluster, 'onChange')?.value ?? null;
      for (const rule of this.source.entries(rules)) {
        for (const node of this.texts(this.child(rule, 'on'))) this.readSelector(node);
        for (const node of this.texts(this.child(rule, 'check')))
          this.add('check', node, 0, scalarText(node) ?? '');
      }
    }
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
