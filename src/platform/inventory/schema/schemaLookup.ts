import { isMap, isPair, isScalar, isSeq, type Node } from 'yaml';
import { t } from '../../l10n/l10n';
import { excerptAt } from '../yaml/documentSections';
import { compactHostSet, expandHostPattern } from '../selection/hostSet';
import type { Host, Inventory } from '../model';
import type { JsonSchema } from './jsonSchema';
import type { EntryNoun, ValueSource } from '../yaml/valueSource';
import { inventoryJsonSchema } from './schema';
import { keysOf, schemasAt, valuesOf, valueSourceOf, type Path } from './schemaPath';
import { type EntrySummary, outerSections, type Sections } from '../section';
import { labelSelector } from '../selection/labelSelector';
import { resolveSelectors } from '../selection/selector';
import { parseYaml, scalarText, type YamlSource } from '../yaml/yamlSource';

/** What completion and hover draw from. */
export interface LookupContext {
  sections: Sections;
  /** Names to offer; the last good inventory will do. */
  inventory?: Names;
}

export interface Completion {
  label: string;
  kind: 'key' | 'value' | 'host' | 'group' | 'label' | 'placeholder' | EntryNoun;
  description?: string;
  insertText: string;
  /** What it replaces, as offsets into the text. */
  start: number;
  end: number;
}

export interface Hover {
  /** What the schema says, as Markdown; empty if it says nothing. */
  text: string;
  /** What the place selects or what is wrong with it, as plain text. */
  facts: string[];
  start: number;
  end: number;
}

/** Names offered at once. */
const maxNames = 500;

/** Private-use character that stands for the cursor: the parser takes it for a letter. */
const cursor = '\uE000';

/** Where a scalar stands in the document. */
interface Place {
  path: Path;
  isKey: boolean;
  node: Node;
  /** Keys beside it. */
  siblings: readonly string[];
}

export interface Completions {
  items: Completion[];
  /** More names fit than are listed: what is typed next may bring others. */
  isIncomplete: boolean;
}

/** What may be typed at `offset`, in half-typed text too. */
export function completionsAt(whole: string, wholeOffset: number, context: LookupContext): Completions {
  const { text, delta } = excerptAt(whole, wholeOffset);
  const offset = wholeOffset - delta;
  const before = text.slice(0, offset);
  const source = parseYaml(before + cursor + text.slice(offset), '');
  const place = findPlace(source, ({ value }) => typeof value === 'string' && value.includes(cursor));
  if (!place) return { items: [], isIncomplete: false };
  const items = itemsAt(
    place,
    schemasAt(inventoryJsonSchema(context.sections), place.path, valueOf(source)),
    before,
    context,
  );
  const shown = items.slice(0, maxNames);
  return {
    items: shown.map((item) => ({ ...item, start: item.start + delta, end: item.end + delta })),
    isIncomplete: shown.length < items.length,
  };
}

function itemsAt(
  place: Place,
  schemas: readonly JsonSchema[],
  before: string,
  context: LookupContext,
): Completion[] {
  const labels = context.inventory ? labelCompletions(place, before, context.inventory) : [];
  if (place.isKey) return [...keyCompletions(schemas, place.siblings, before), ...labels];
  const values = [...valueCompletions(schemas, place, before, context), ...labels];
  // On a line of its own a lone word may become the first key of a mapping.
  const startsLine = /(^|\n)[ \t]*(- +)?[\w-]*$/.test(before);
  return startsLine ? [...keyCompletions(schemas, [], before), ...values] : values;
}

/** What is known about the word at `offset`. */
export function hoverAt(whole: string, wholeOffset: number, context: LookupContext): Hover | undefined {
  const { text, delta } = excerptAt(whole, wholeOffset);
  const offset = wholeOffset - delta;
  const source = parseYaml(text, '');
  const place = findPlace(source, ({ range }) => !!range && range[0] <= offset && offset < range[1]);
  if (!place) return undefined;
  const [start, end] = place.node.range!;
  const word = scalarText(place.node) ?? '';
  const path = place.isKey ? [...place.path, word] : place.path;
  const schemas = schemasAt(inventoryJsonSchema(context.sections), path, valueOf(source));
  const explanation = describeValue(schemas, word, place).join('\n\n');
  const facts = describeSelection(schemas, word, place, context);
  if (explanation === '' && facts.length === 0) return undefined;
  return { text: explanation, facts, start: start + delta, end: end + delta };
}

function valueOf(source: YamlSource): unknown {
  try {
    return source.plain(source.root);
  } catch {
    return undefined; // Without bound: the schema alone must do.
  }
}

type AnyScalar = { value: unknown; range?: readonly [number, number, number] | null };

function findPlace(source: YamlSource, isIt: (scalar: AnyScalar) => boolean): Place | undefined {
  const search = (node: unknown, path: Path): Place | undefined => {
    if (isScalar(node)) return isIt(node) ? { path, isKey: false, node, siblings: [] } : undefined;
    if (isSeq(node)) return firstOf(node.items, (item, index) => search(item, [...path, index]));
    if (!isMap(node)) return undefined;
    const keys = node.items.map(({ key }) => (isScalar(key) ? String(key.value) : ''));
    return firstOf(node.items, (pair, index) => {
      if (!isPair(pair)) return undefined;
      if (isScalar(pair.key) && isIt(pair.key)) return { path, isKey: true, node: pair.key, siblings: keys };
      return search(pair.value, [...path, keys[index]!]);
    });
  };
  return search(source.root, []);
}

function firstOf<T, R>(items: readonly T[], find: (item: T, index: number) => R | undefined): R | undefined {
  for (const [index, item] of items.entries()) {
    const found = find(item, index);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The length of what is typed already of a word of the given characters. */
function typedLength(before: string, characters: RegExp): number {
  return characters.exec(before)?.[0].length ?? 0;
}

function keyCompletions(
  schemas: readonly JsonSchema[],
  siblings: readonly string[],
  before: string,
): Completion[] {
  const end = before.length;
  const start = end - typedLength(before, /[\w-]*$/);
  return [...keysOf(schemas)]
    .filter(([key]) => !siblings.includes(key))
    .map(([key, { description }]) => ({
      label: key,
      kind: 'key',
      description: description && t(description),
      insertText: `${key}: `,
      start,
      end,
    }));
}

function valueCompletions(
  schemas: readonly JsonSchema[],
  place: Place,
  before: string,
  context: LookupContext,
): Completion[] {
  const { inventory } = context;
  const end = before.length;
  const wordStart = end - typedLength(before, /[^\s,[\]{}"':]*$/);
  const fixed = [
    ...valuesOf(schemas),
    ...schemas.flatMap(({ examples, description }) =>
      (examples ?? []).map((value) => ({ value, description })),
    ),
  ].map(({ value, description }): Completion => {
    const label = String(value);
    const explained = description && t(description);
    return { label, kind: 'value', description: explained, insertText: label, start: wordStart, end };
  });
  const sources = new Set(schemas.map((schema) => schema['x-muster']));
  const placeholders =
    sources.has('placeholders') || /\{[\w.]*$/.test(before) ? placeholdersFor(before, inventory) : [];
  const nameStart = end - typedLength(before, /[^\s,!("'{[][^\s,!("'{]*$/);
  const typed = before.slice(nameStart);
  const written = (scalarText(place.node) ?? '').split(cursor)[0]!;
  const names = [...sources].flatMap((from) =>
    from && inventory ? namesFrom(from, inventory, written, context.sections) : [],
  );
  const distinct = new Map([...fixed, ...placeholders].map((completion) => [completion.label, completion]));
  for (const name of names) {
    if (!name.label.toLowerCase().startsWith(typed.toLowerCase()) || distinct.has(name.label)) continue;
    distinct.set(name.label, { ...name, insertText: name.label, start: nameStart, end });
  }
  return [...distinct.values()];
}

/** The labels that other hosts have, and their values. */
function labelCompletions(place: Place, before: string, { hosts }: Names): Completion[] {
  const [section, , part, label] = place.path;
  if (section !== 'hosts' || part !== 'labels') return [];
  const end = before.length;
  const start = end - typedLength(before, /[^\s,[\]{}"':]*$/);
  const counts = new Map<string, number>();
  const note = (word: string) => counts.set(word, (counts.get(word) ?? 0) + 1);
  for (const { labels } of hosts.values()) {
    if (place.path.length === 3) Object.keys(labels).forEach(note);
    else if (Object.hasOwn(labels, String(label))) note(labels[String(label)]!);
  }
  return [...counts]
    .filter(([word]) => !place.siblings.includes(word))
    .map(([word, count]) => ({
      ...{ label: word, kind: 'label', description: countOf(count), start, end },
      insertText: place.path.length === 3 ? `${word}: ` : word,
    }));
}

type Name = Pick<Completion, 'label' | 'kind' | 'description'>;
type Names = Pick<Inventory, 'hosts' | 'groups'> & Partial<Pick<Inventory, 'section'>>;

const countOf = (count: number) => (count === 1 ? t('1 host') : t('{0} hosts', count));

function hostNames(hosts: Iterable<Host>): Name[] {
  return [...hosts].map(({ name, address }) => ({ label: name, kind: 'host', description: address }));
}

/** The groups with how many of their hosts are among `hosts`, all if undefined. */
function groupNames({ groups }: Names, prefix = '', hosts?: ReadonlySet<string>): Name[] {
  return [...groups.values()].map((group) => {
    const count = hosts ? group.hosts.filter((name) => hosts.has(name)).length : group.hosts.length;
    return { label: prefix + group.name, kind: 'group', description: countOf(count) };
  });
}

/** A label with more values is offered by its name until a value is asked for. */
const manyValues = 20;

function labelNames(hosts: Iterable<Host>, asked: string | undefined): Name[] {
  const values = new Map<string, Map<string, number>>();
  for (const { labels } of hosts) {
    for (const [label, value] of Object.entries(labels)) {
      const counts = values.get(label) ?? new Map<string, number>();
      values.set(label, counts.set(value, (counts.get(value) ?? 0) + 1));
    }
  }
  return [...values].flatMap(([label, counts]): Name[] => {
    if (counts.size > manyValues && label !== asked)
      return [{ label: `${label}=`, kind: 'label', description: t('{0} values', counts.size) }];
    return [...counts].flatMap(([value, count]): Name[] => {
      const selector = labelSelector(label, value);
      return selector === undefined ? [] : [{ label: selector, kind: 'label', description: countOf(count) }];
    });
  });
}

/** What fits after the terms written so far, with how many hosts it would leave. */
function selectorNames(inventory: Names, written: string): Name[] {
  const lastComma = written.search(/,[^,()[\]]*$/);
  const earlier = lastComma < 0 ? '' : written.slice(0, lastComma);
  const term = written.slice(lastComma + 1);
  const [, listed] = /([\p{L}\p{N}_./-]+)\s+in\s*\([^()]*$/u.exec(written) ?? [];
  if (listed !== undefined) {
    return labelNames(inventory.hosts.values(), listed)
      .filter(({ label }) => label.startsWith(`${listed}=`))
      .map((name) => ({ ...name, label: name.label.slice(listed.length + 1) }));
  }
  const selection = earlier.trim() === '' ? undefined : resolveSelectors(inventory, [earlier]);
  const hosts = selection && !selection.problem ? selection.hosts : [...inventory.hosts.values()];
  const among = hosts.length < inventory.hosts.size ? new Set(hosts.map(({ name }) => name)) : undefined;
  const [, asked, operator] = /^[\s!]*([^\s=!]+)\s*(!?=)/.exec(term) ?? [];
  if (operator === '!=') {
    const isAsked = ({ label }: Name) => label.startsWith(`${asked}=`);
    const named = labelNames(hosts, asked).filter(isAsked);
    return named.map((name) => ({ ...name, label: name.label.slice(asked!.length) }));
  }
  return [...groupNames(inventory, '@', among), ...labelNames(hosts, asked), ...hostNames(hosts)];
}

function namesFrom(source: ValueSource, names: Names, written: string, sections: Sections): Name[] {
  if (source === 'selector') return selectorNames(names, written);
  if (source === 'host') return hostNames(names.hosts.values());
  if (source === 'group') return groupNames(names);
  return entrySummaries(source, names, sections).map(({ name, detail }) => ({
    ...{ label: name, kind: source, description: detail },
  }));
}

/** The entries that a section calls `noun`. */
function entrySummaries(
  noun: EntryNoun,
  { section: entriesOf }: Names,
  sections: Sections,
): (EntrySummary & { name: string })[] {
  const section = outerSections(sections).find((one) => one.noun === noun);
  const entries = section && entriesOf?.(section).values();
  return [...(entries ?? [])].map((entry) => ({
    ...(section?.summary?.(entry) ?? { detail: '', facts: [] }),
    name: entry.name,
  }));
}

function placeholdersFor(before: string, inventory: Names | undefined): Completion[] {
  const end = before.length;
  const start = end - typedLength(before, /\{?[\w.]*$/);
  const labels = new Set([...(inventory?.hosts.values() ?? [])].flatMap((host) => Object.keys(host.labels)));
  return ['name', 'address', 'port', ...[...labels].map((label) => `label.${label}`)].map((word) => {
    const label = `{${word}}`;
    return { label, kind: 'placeholder', insertText: label, start, end };
  });
}

function describeValue(schemas: readonly JsonSchema[], word: string, place: Place): string[] {
  const chosen = place.isKey ? undefined : valuesOf(schemas).find(({ value }) => String(value) === word);
  const description = chosen?.description ?? schemas.find((schema) => schema.description)?.description;
  if (description === undefined) return [];
  const fallback = schemas.find((schema) => schema.default !== undefined)?.default;
  const shown = fallback === undefined ? undefined : t('Default: {0}', `\`${JSON.stringify(fallback)}\``);
  return shown !== undefined && place.isKey ? [t(description), shown] : [t(description)];
}

/** For what names hosts: how many, and which. */
function describeSelection(
  schemas: readonly JsonSchema[],
  word: string,
  place: Place,
  { inventory, sections }: LookupContext,
): string[] {
  if (place.isKey)
    return place.path.length === 1 && place.path[0] === 'hosts' ? describeNames(expanded(word)) : [];
  const source = valueSourceOf(schemas);
  if (!inventory || source === undefined || source === 'placeholders') return [];
  const named = entrySummaries(source, inventory, sections).find(({ name }) => name === word);
  if (named) return 'hosts' in named.facts ? describeNames(named.facts.hosts) : [...named.facts];
  if (source !== 'selector' && source !== 'host' && source !== 'group') return [];
  const { hosts, problem } = resolveSelectors(inventory, [source === 'group' ? `@${word}` : word]);
  if (!problem) return describeNames(hosts.map(({ name }) => name));
  // A jump may be an ssh_config alias or an address, which is no mistake.
  if (source === 'host') return [];
  const { message, suggestion } = problem;
  return [suggestion ? t('{0} (did you mean “{1}”?)', message, suggestion) : message];
}

function expanded(pattern: string): string[] {
  try {
    return expandHostPattern(pattern);
  } catch {
    return []; // Its problem is shown as a diagnostic.
  }
}

function describeNames(names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const set = compactHostSet(names.slice(0, 1000));
  return [`${countOf(names.length)}: ${set.length > 300 ? `${set.slice(0, 300)}…` : set}`];
}
