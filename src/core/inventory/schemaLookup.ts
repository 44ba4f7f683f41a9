import { isMap, isPair, isScalar, isSeq, type Node } from 'yaml';
import { compactHostSet, expandHostPattern } from './hostSet';
import type { Inventory } from './model';
import type { JsonSchema, ValueSource } from './schema';
import { keysOf, schemasAt, valuesOf, type Path } from './schemaPath';
import { resolveSelectors } from './selector';
import { parseYaml, scalarText, type YamlSource } from './yamlSource';

/** What completion and hover draw from. */
export interface LookupContext {
  schema: JsonSchema;
  /** Names to offer; the last good inventory will do. */
  inventory?: Pick<Inventory, 'hosts' | 'groups'>;
}

export interface Completion {
  label: string;
  kind: 'key' | 'value' | 'host' | 'group' | 'label' | 'placeholder';
  description?: string;
  insertText: string;
  /** What it replaces, as offsets into the text. */
  start: number;
  end: number;
}

export interface Hover {
  /** Markdown. */
  text: string;
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

/** What may be typed at `offset`, in half-typed text too. */
export function completionsAt(text: string, offset: number, context: LookupContext): Completion[] {
  const source = parseYaml(text.slice(0, offset) + cursor + text.slice(offset), '');
  const place = findPlace(source, ({ value }) => typeof value === 'string' && value.includes(cursor));
  if (!place) return [];
  const schemas = schemasAt(context.schema, place.path, valueOf(source));
  const before = text.slice(0, offset);
  if (place.isKey) return keyCompletions(schemas, place.siblings, before);
  const values = valueCompletions(schemas, before, context);
  // On a line of its own a lone word may become the first key of a mapping.
  const startsLine = /(^|\n)[ \t]*(- +)?[\w-]*$/.test(before);
  return startsLine ? [...keyCompletions(schemas, [], before), ...values] : values;
}

/** What is known about the word at `offset`. */
export function hoverAt(text: string, offset: number, context: LookupContext): Hover | undefined {
  const source = parseYaml(text, '');
  const place = findPlace(source, ({ range }) => !!range && range[0] <= offset && offset < range[1]);
  if (!place) return undefined;
  const [start, end] = place.node.range!;
  const word = scalarText(place.node) ?? '';
  const path = place.isKey ? [...place.path, word] : place.path;
  const schemas = schemasAt(context.schema, path, valueOf(source));
  const lines = [...describeValue(schemas, word, place), ...describeSelection(schemas, word, place, context)];
  return lines.length > 0 ? { text: lines.join('\n\n'), start, end } : undefined;
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
      description,
      insertText: `${key}: `,
      start,
      end,
    }));
}

function valueCompletions(
  schemas: readonly JsonSchema[],
  before: string,
  { inventory }: LookupContext,
): Completion[] {
  const end = before.length;
  const wordStart = end - typedLength(before, /[^\s,[\]{}"':]*$/);
  const fixed = [
    ...valuesOf(schemas),
    ...schemas.flatMap(({ examples, description }) =>
      (examples ?? []).map((value) => ({ value, description })),
    ),
  ].map(({ value, description }): Completion => {
    const label = String(value);
    return { label, kind: 'value', description, insertText: label, start: wordStart, end };
  });
  const sources = new Set(schemas.map((schema) => schema['x-muster']));
  const placeholders =
    sources.has('placeholders') || /\{[\w.]*$/.test(before) ? placeholdersFor(before, inventory) : [];
  const nameStart = end - typedLength(before, /[^\s,!("'{[][^\s,!("'{]*$/);
  const typed = before.slice(nameStart).toLowerCase();
  const names = [...sources].flatMap((from) => (from && inventory ? namesFor[from](inventory) : []));
  const distinct = new Map([...fixed, ...placeholders].map((completion) => [completion.label, completion]));
  for (const name of names) {
    if (distinct.size >= maxNames) break;
    if (!name.label.toLowerCase().startsWith(typed) || distinct.has(name.label)) continue;
    distinct.set(name.label, { ...name, insertText: name.label, start: nameStart, end });
  }
  return [...distinct.values()];
}

type Name = Pick<Completion, 'label' | 'kind' | 'description'>;
type Names = Pick<Inventory, 'hosts' | 'groups'>;

const countOf = (count: number) => `${count} ${count === 1 ? 'host' : 'hosts'}`;

function hostNames({ hosts }: Names): Name[] {
  return [...hosts.values()].map(({ name, address }) => ({
    label: name,
    kind: 'host',
    description: address,
  }));
}

function groupNames({ groups }: Names, prefix = ''): Name[] {
  return [...groups.values()].map(({ name, hosts }) => ({
    label: prefix + name,
    kind: 'group',
    description: countOf(hosts.length),
  }));
}

function labelNames({ hosts }: Names): Name[] {
  const counts = new Map<string, number>();
  for (const { labels } of hosts.values()) {
    for (const [label, value] of Object.entries(labels)) {
      const pair = `${label}=${value}`;
      counts.set(pair, (counts.get(pair) ?? 0) + 1);
    }
  }
  return [...counts].map(([label, count]) => ({ label, kind: 'label', description: countOf(count) }));
}

const namesFor: Record<ValueSource, (names: Names) => Name[]> = {
  selector: (names) => [...groupNames(names, '@'), ...labelNames(names), ...hostNames(names)],
  host: hostNames,
  group: groupNames,
  placeholders: () => [],
};

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
  const shown = fallback === undefined ? undefined : `Default: \`${JSON.stringify(fallback)}\``;
  return shown !== undefined && place.isKey ? [description, shown] : [description];
}

/** For what names hosts: how many, and which. */
function describeSelection(
  schemas: readonly JsonSchema[],
  word: string,
  place: Place,
  { inventory }: LookupContext,
): string[] {
  if (place.isKey)
    return place.path.length === 1 && place.path[0] === 'hosts' ? describeNames(expanded(word)) : [];
  const source = schemas.map((schema) => schema['x-muster']).find((found) => found !== undefined);
  if (!inventory || source === undefined || source === 'placeholders') return [];
  const { hosts, problem } = resolveSelectors(inventory, [source === 'group' ? `@${word}` : word]);
  if (!problem) return describeNames(hosts.map(({ name }) => name));
  // A jump may be an ssh_config alias or an address, which is no mistake.
  if (source === 'host') return [];
  return [problem.message + (problem.suggestion ? ` (did you mean “${problem.suggestion}”?)` : '')];
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
  return [`${countOf(names.length)}: \`${set.length > 300 ? `${set.slice(0, 300)}…` : set}\``];
}
