import { type Document, isAlias, isCollection, isMap, isSeq, parseDocument } from 'yaml';
import { MusterError } from '../../errors/errors';
import { t } from '../../l10n/l10n';
import { type DocumentSection, splitSections, type TextSpan } from '../yaml/documentSections';
import { finish, type Steps } from '../steps';

/** Text put in place of a stretch of a document. */
export interface TextChange extends TextSpan {
  text: string;
}

/** An entry to add: a key with its value, or an item of a list without a key. */
export interface NewEntry {
  key?: string;
  value: unknown;
}

const longestLine = 110;

/**
 * What adds entries to a section of a `muster.yaml`: they are put below the last entry, so that every line that is
 * there stays as it is. Only a section written in braces is written anew, its comments kept.
 * @throws MusterError INVENTORY when the document is too broken to be added to
 */
export function additions(text: string, section: string, entries: readonly NewEntry[]): TextChange {
  return finish(adding(text, section, entries));
}

/** As `additions`, yielding between entries. */
export function* adding(text: string, section: string, entries: readonly NewEntry[]): Steps<TextChange> {
  const found = splitSections(text).find(({ key }) => key === section);
  if (!found && /^\s*[{[]/.test(text)) return rewritten(text, section, entries);
  if (found && !found.entries) return rewritten(text, section, entries);
  const indent = found?.entries && found.entries.length > 0 ? found.indent : indentOf(text);
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  let written = '';
  for (const entry of entries) {
    written += shifted(entryText(entry), indent);
    yield;
  }
  const body = (found ? written : `${section}:\n${written}`).replace(/\n/g, newline);
  const at = found ? (found.entries?.at(-1)?.end ?? found.bodyStart) : endOf(text);
  const before = text.slice(0, at);
  const isOpenLine = before !== '' && !before.endsWith('\n');
  const blank = !found && before.trim() !== '' ? newline : '';
  return { start: at, end: at, text: `${isOpenLine ? newline : ''}${blank}${body}` };
}

/** The text with the changes made. */
export function changed(text: string, changes: readonly TextChange[]): string {
  return [...changes]
    .sort((a, b) => b.start - a.start)
    .reduce((result, change) => result.slice(0, change.start) + change.text + result.slice(change.end), text);
}

/** A line in braces if it is short, else lines. */
function entryText({ key, value }: NewEntry): string {
  const content = key === undefined ? [value] : { [key]: value };
  const short = documentOf(content, true);
  return short.length <= longestLine ? short : documentOf(content, false);
}

function documentOf(content: unknown, flow: boolean): string {
  const document = parseDocument('') as Document;
  const node = document.createNode(content);
  document.contents = node;
  if (flow && isCollection(node)) {
    const [item] = node.items;
    const inner = isMap(node) ? (item as { value?: unknown } | undefined)?.value : item;
    if (isCollection(inner)) inner.flow = true;
  }
  const text = document.toString({ lineWidth: 0, nullStr: '' });
  // `name: ` without a value ends with its colon.
  return text.replace(/[ \t]+$/gm, '');
}

export function shifted(text: string, indent: number): string {
  const spaces = ' '.repeat(indent);
  return text.replace(/^(?=.)/gm, spaces);
}

/** As the other sections have it. */
function indentOf(text: string): number {
  const other = splitSections(text).find(
    ({ entries, indent }) => indent > 0 && entries && entries.length > 0,
  );
  return other?.indent ?? 2;
}

/** Behind what is written, blank lines at the end left out, and before an end mark. */
function endOf(text: string): number {
  const mark = /^\.\.\.\s*$/m.exec(text);
  const content = (mark ? text.slice(0, mark.index) : text).trimEnd();
  const newline = /^\r?\n/.exec(text.slice(content.length));
  return content.length + (newline?.[0].length ?? 0);
}

function rewritten(text: string, section: string, entries: readonly NewEntry[]): TextChange {
  const document = parseDocument(text, { uniqueKeys: false });
  if (document.errors.length > 0) {
    const line = text.slice(0, document.errors[0]!.pos[0]).split('\n').length;
    throw new MusterError('INVENTORY', t('the document cannot be changed: line {0} is broken', line), {
      phase: 'inventory',
      hint: t('Mend it first; Problems shows where.'),
    });
  }
  const isList = entries.some(({ key }) => key === undefined);
  const node = document.getIn([section]);
  if (!isMap(node) && !isSeq(node)) document.setIn([section], document.createNode(isList ? [] : {}));
  const collection = document.getIn([section]);
  if (isCollection(collection) && collection.items.length === 0) collection.flow = false;
  for (const { key, value } of entries) {
    if (key === undefined) document.addIn([section], document.createNode(value));
    else document.setIn([section, key], document.createNode(value));
  }
  return { start: 0, end: text.length, text: document.toString({ lineWidth: 0 }) };
}

/** Changes of entries that are there: their other keys, their order and their comments stay. */
export class EntryUpdates {
  /** By the stretch that is written anew: the entry, or the whole section where that is written in braces. */
  private readonly spans = new Map<number, { span: TextSpan; updates: Map<string, Update> }>();

  constructor(
    private readonly text: string,
    private readonly section: DocumentSection,
  ) {}

  add(key: string, entry: TextSpan | undefined, update: Update): void {
    const span = entry ?? this.section;
    const known = this.spans.get(span.start);
    if (known) known.updates.set(key, update);
    else this.spans.set(span.start, { span, updates: new Map([[key, update]]) });
  }

  /** What comes of them, with the keys of entries that cannot be changed alone. Yields between entries. */
  *changing(): Steps<{ changes: TextChange[]; updated: number; broken: string[] }> {
    const result = { changes: [] as TextChange[], updated: 0, broken: [] as string[] };
    for (const { span, updates } of this.spans.values()) {
      try {
        const document = parseDocument(this.text.slice(span.start, span.end), { uniqueKeys: false });
        if (document.errors.length > 0) throw document.errors[0]!;
        const updated = this.update(document, updates);
        if (updated > 0) result.changes.push({ ...span, text: this.written(document, span) });
        result.updated += updated;
      } catch {
        // Broken, or with an alias of what stands elsewhere, which the library does not write alone.
        result.broken.push(...updates.keys());
      }
      yield;
    }
    return result;
  }

  /** How many entries are other than they were. */
  private update(document: Document, updates: ReadonlyMap<string, Update>): number {
    const above = this.section.entries ? [] : [this.section.key];
    let count = 0;
    for (const [key, update] of updates) {
      const keys = [...above, key];
      if (!document.hasIn(keys)) continue;
      if (isAlias(document.getIn(keys, true))) throw new TypeError(t('an alias has no entry of its own'));
      const before = JSON.stringify(document.getIn(keys));
      update(new EntryEditor(document, keys));
      if (JSON.stringify(document.getIn(keys)) !== before) count++;
    }
    return count;
  }

  private written(document: Document, { start, end }: TextSpan): string {
    const text = document.toString({ lineWidth: 0, nullStr: '' }).replace(/[ \t]+$/gm, '');
    const lines = shifted(text, this.section.entries ? this.section.indent : 0);
    const whole = this.text.includes('\r\n') ? lines.replace(/\n/g, '\r\n') : lines;
    return this.text.slice(start, end).endsWith('\n') ? whole : whole.trimEnd();
  }
}

/** The changes that update one entry; none if it is not there or cannot be changed alone. */
export function updateEntry(text: string, section: string, key: string, update: Update): TextChange[] {
  const found = splitSections(text).find((one) => one.key === section);
  if (!found) return [];
  const updates = new EntryUpdates(text, found);
  const entry = found.entries?.find(({ start, end }) => hasKey(text.slice(start, end), key));
  if (found.entries && !entry) return [];
  updates.add(key, entry, update);
  return finish(updates.changing()).changes;
}

function hasKey(content: string, key: string): boolean {
  return content.includes(key) && parseDocument(content).has(key);
}

export type Update = (entry: EntryEditor) => void;

/** Sets values below one entry. */
export class EntryEditor {
  constructor(
    private readonly document: Document,
    private readonly keys: readonly string[],
  ) {}

  set(path: readonly string[], value: unknown): void {
    for (let depth = 0; depth < path.length; depth++) {
      const at = [...this.keys, ...path.slice(0, depth)];
      if (isMap(this.document.getIn(at))) continue;
      const created = this.document.createNode({});
      created.flow = true;
      this.document.setIn(at, created);
    }
    this.document.setIn([...this.keys, ...path], this.document.createNode(value));
  }

  /** Adds texts to one that may be a single text, a list, or not there. */
  add(path: readonly string[], values: readonly string[]): void {
    const at = [...this.keys, ...path];
    const node = this.document.getIn(at);
    if (isSeq(node)) for (const value of values) node.add(this.document.createNode(value));
    else {
      const present = typeof node === 'string' ? [node] : [];
      const list = this.document.createNode([...present, ...values]);
      list.flow = true;
      this.set(path, list);
    }
  }
}
