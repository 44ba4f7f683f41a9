import type { Node } from 'yaml';
import { z } from 'zod';
import type { Probe } from '../checks/probe';
import { emptyFragment, type Fragment, type ImportDraft, type Reference } from './fragment';
import { expandHostPattern } from './hostSet';
import { addressProblem, nameProblem } from './hostName';
import type { SshSettings } from './model';
import { isHostPattern } from './namePattern';
import { placeholdersIn, resolvePlaceholders, unknownPlaceholders } from './placeholders';
import {
  checkShape,
  defaultsShape,
  extensionPrefix,
  groupSchema,
  hostSchema,
  importSchema,
  rootSchema,
} from './schema';
import { mergeSsh, withResolvedPaths } from './sshDefaults';
import { suggest } from './suggest';
import { reportUnknownKey, validate, type Located } from './validation';
import { scalarText, stringNodes, type Entry, type YamlSource } from './yamlSource';

const defaultTimeoutMs = 800;

/** What the rest of the file falls back to. */
interface Defaults {
  ssh: SshSettings;
  timeoutMs: number;
}

/** Reads one `muster.yaml`, each entry by itself, so that a bad one does not hide the others. */
export function readMusterFile(source: YamlSource, probes: readonly Probe[]): Fragment {
  const fragment = { ...emptyFragment(source.file), problems: source.problems };
  const sections = readSections(source);
  const section = (name: string) => entriesOf(source, sections.get(name), name);

  const defaults = readDefaults(source, section('defaults'), fragment);
  const schemas = checkSchemas(probes);
  for (const entry of section('hosts'))
    attempt(source, entry, () => readHost(source, entry, defaults, fragment));
  for (const entry of section('groups')) attempt(source, entry, () => readGroup(source, entry, fragment));
  for (const entry of section('checks'))
    attempt(source, entry, () => readCheck(source, entry, schemas, defaults, fragment));
  for (const entry of importEntries(source, sections.get('imports')))
    attempt(source, entry, () => readImport(source, entry, fragment));
  return fragment;
}

/** Only values without bound throw: the entry is lost, the others are not. */
function attempt(source: YamlSource, entry: Entry, read: () => void): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    source.add('error', `${entry.key}: ${error.message}`, source.rangeOf(entry.keyNode));
  }
}

function readSections(source: YamlSource): Map<string, Entry> {
  const root = source.root;
  if (
    root &&
    scalarText(root) === undefined &&
    source.entries(root).length === 0 &&
    source.items(root).length === 0
  ) {
    return new Map();
  }
  if (root && source.entries(root).length === 0) {
    source.add(
      'error',
      'expected a mapping with the keys defaults, hosts, groups, checks, imports',
      source.rangeOf(root),
    );
  }
  const known = Object.keys(rootSchema.shape);
  const sections = new Map<string, Entry>();
  for (const entry of source.entries(root)) {
    if (known.includes(entry.key)) sections.set(entry.key, entry);
    else if (!entry.key.startsWith(extensionPrefix)) {
      reportUnknownKey(source, entry.key, source.rangeOf(entry.keyNode), known);
    }
  }
  return sections;
}

const nouns: Record<string, string> = { hosts: 'host', groups: 'group', checks: 'check' };

function entriesOf(source: YamlSource, section: Entry | undefined, name: string): Entry[] {
  if (!section) return [];
  const entries = source.entries(section.value, nouns[name]);
  if (entries.length === 0 && !isEmptyMapping(source, section.value)) {
    source.add('error', `“${name}” holds a mapping`, source.rangeOf(section.value ?? section.keyNode));
  }
  return entries;
}

function isEmptyMapping(source: YamlSource, node: Node | null): boolean {
  const value = source.plain(node);
  return value === null || (typeof value === 'object' && !Array.isArray(value));
}

function locate(source: YamlSource, { keyNode, value }: Entry): Located {
  return { node: value, value: source.plain(value), fallback: source.rangeOf(keyNode) };
}

function readDefaults(source: YamlSource, entries: readonly Entry[], fragment: Fragment): Defaults {
  const known = Object.keys(defaultsShape);
  for (const { key, keyNode } of entries) {
    if (!known.includes(key)) reportUnknownKey(source, key, source.rangeOf(keyNode), known);
  }
  const read = <T>(name: string, schema: z.ZodType<T>): T | undefined => {
    const entry = entries.find(({ key }) => key === name);
    return entry && validate(source, schema, locate(source, entry));
  };
  const { ssh, timeout, concurrency } = defaultsShape;
  fragment.defaultSsh = withResolvedPaths(read('ssh', ssh) ?? {}, source.file);
  fragment.concurrency = read('concurrency', concurrency);
  return { ssh: fragment.defaultSsh, timeoutMs: read('timeout', timeout) ?? defaultTimeoutMs };
}

function readHost(source: YamlSource, entry: Entry, defaults: Defaults, fragment: Fragment): void {
  const names = hostNames(source, entry);
  if (!names) return;
  const settings = validate(source, hostSchema, locate(source, entry));
  const addressNode = child(source, entry, 'address')?.value ?? null;
  const labels = labelsOf(source, entry);
  const own = withResolvedPaths(settings?.ssh ?? {}, source.file);
  const range = source.rangeOf(entry.keyNode);
  let reported = settings === undefined;
  for (const name of names) {
    const text = settings?.address ?? '{name}';
    const problem = addressFault(text, name, labels) ?? jumpFault(name, own);
    if (problem || settings === undefined) fragment.unsoundHosts.push(name);
    else {
      const address = resolvePlaceholders(text, { name, labels });
      const ssh = mergeSsh(name, defaults.ssh, own);
      fragment.hosts.push({ name, address, labels, ssh, variables: {}, source: range });
    }
    // One fault of the entry, not one for each name it stands for.
    if (problem && !reported) source.add('error', problem, addressNode ? source.rangeOf(addressNode) : range);
    reported ||= problem !== undefined;
  }
}

function hostNames(source: YamlSource, { key, keyNode }: Entry): string[] | undefined {
  try {
    const names = isHostPattern(key) ? expandHostPattern(key) : [key];
    const fault = names.map(nameProblem).find((problem) => problem !== undefined);
    if (fault === undefined) return names;
    const isGlob = /[*?]/.test(key);
    source.add(
      'error',
      isGlob ? `“${key}” is a glob: hosts are named, or listed by a range such as web-[01:20]` : fault,
      source.rangeOf(keyNode),
    );
  } catch (error) {
    source.add('error', error instanceof Error ? error.message : String(error), source.rangeOf(keyNode));
  }
  return undefined;
}

function addressFault(text: string, name: string, labels: Record<string, string>): string | undefined {
  const [unknown] = unknownPlaceholders(text, { name, labels });
  if (unknown === undefined) return addressProblem(resolvePlaceholders(text, { name, labels }));
  return unknown.startsWith('label.')
    ? `{${unknown}}: host ${name} has no such label`
    : `unknown placeholder {${unknown}}: an address may hold {name} and {label.X}`;
}

function jumpFault(name: string, { proxyJump }: SshSettings): string | undefined {
  return proxyJump?.includes(name) ? `host ${name} jumps through itself` : undefined;
}

function child(source: YamlSource, entry: Entry, key: string): Entry | undefined {
  return source.entries(entry.value).find((candidate) => candidate.key === key);
}

/** Label values as they are written: `rack: 01` is `01`, `version: 1.10` is `1.10`. */
function labelsOf(source: YamlSource, entry: Entry): Record<string, string> {
  const labels = source.entries(child(source, entry, 'labels')?.value ?? null);
  return Object.fromEntries(labels.map(({ key, value }) => [key, scalarText(value) ?? '']));
}

/** The texts of a value that is one text or a list of them, with their places. */
function references(source: YamlSource, entry: Entry | undefined): Reference[] {
  if (!entry) return [];
  const nodes = scalarText(entry.value) === undefined ? source.items(entry.value) : [entry.value];
  return nodes.flatMap((node) => {
    const text = scalarText(node);
    if (text === undefined || !node) return [];
    const part = (offset: number, length?: number) => source.rangeWithin(node, offset, length);
    return [{ text, range: source.rangeOf(node), part }];
  });
}

function readGroup(source: YamlSource, entry: Entry, fragment: Fragment): void {
  const range = source.rangeOf(entry.keyNode);
  const fault = nameProblem(entry.key);
  if (fault !== undefined) source.add('error', fault, range);
  validate(source, groupSchema, locate(source, entry));
  const hosts = references(source, child(source, entry, 'hosts'));
  const select = references(source, child(source, entry, 'select'));
  const children = references(source, child(source, entry, 'children'));
  fragment.groups.push({ name: entry.key, source: range, hosts, select, children });
}

type CheckSchemas = ReadonlyMap<string, z.ZodType>;

function checkSchemas(probes: readonly Probe[]): CheckSchemas {
  return new Map(probes.map((probe) => [probe.type, probe.settings as z.ZodType]));
}

const commonSchema = z.object(checkShape);
const commonKeys = ['type', ...Object.keys(checkShape)];

function readCheck(
  source: YamlSource,
  entry: Entry,
  schemas: CheckSchemas,
  defaults: Defaults,
  fragment: Fragment,
): void {
  const located = locate(source, entry);
  const typeEntry = child(source, entry, 'type');
  const type = scalarText(typeEntry?.value ?? null);
  const schema = schemas.get(type ?? '');
  if (type === undefined || !schema) {
    const known = [...schemas.keys()];
    const message = type === undefined ? 'a check needs a type' : `unknown type “${type}”`;
    const range = typeEntry?.value ? source.rangeOf(typeEntry.value) : located.fallback;
    source.add(
      'error',
      `${message}: ${known.join(', ')}`,
      range,
      type === undefined ? undefined : suggest(type, known),
    );
    return;
  }
  const all = located.value as Record<string, unknown>;
  const own = Object.fromEntries(Object.entries(all).filter(([key]) => !commonKeys.includes(key)));
  const common = validate(source, commonSchema, located);
  const settings = validate(source, schema, { ...located, value: own }, commonKeys);
  const labels = checkPlaceholders(source, entry);
  if (!common || !settings || !labels) return;
  const on = common.on && references(source, child(source, entry, 'on'));
  const timeoutMs = common.timeout ?? defaults.timeoutMs;
  fragment.checks.push({
    name: entry.key,
    type,
    on,
    timeoutMs,
    settings: settings as Record<string, unknown>,
    labels,
    source: source.rangeOf(entry.keyNode),
  });
}

/** The labels that a check's texts speak of, or undefined if they hold an unknown placeholder. */
function checkPlaceholders(source: YamlSource, entry: Entry) {
  const labels = new Map<string, ReturnType<YamlSource['rangeOf']>>();
  let sound = true;
  for (const { key, value } of source.entries(entry.value)) {
    if (commonKeys.includes(key)) continue;
    for (const { node, text } of stringNodes(source, value)) {
      const unknown = unknownPlaceholders(text);
      for (const word of placeholdersIn(text)) {
        const range = source.rangeWithin(node, text.indexOf(`{${word}}`), word.length + 2);
        if (word.startsWith('label.')) labels.set(word.slice('label.'.length), range);
        if (!unknown.includes(word)) continue;
        const candidate = suggest(word, ['name', 'address', 'port']);
        source.add(
          'error',
          `unknown placeholder {${word}}: there are {name}, {address}, {port}, {label.X}; {{${word}}} is the plain text`,
          range,
          candidate && `{${candidate}}`,
        );
        sound = false;
      }
    }
  }
  return sound ? labels : undefined;
}

function importEntries(source: YamlSource, section: Entry | undefined): Entry[] {
  if (!section) return [];
  const items = source.items(section.value);
  if (
    items.length === 0 &&
    source.plain(section.value) !== null &&
    !Array.isArray(source.plain(section.value))
  ) {
    source.add('error', '“imports” holds a list', source.rangeOf(section.value ?? section.keyNode));
  }
  return items.map((value) => ({ key: 'import', keyNode: value ?? section.keyNode, value }));
}

function readImport(source: YamlSource, entry: Entry, fragment: Fragment): void {
  const settings = validate(source, importSchema, locate(source, entry));
  const [kind, path] = Object.entries(settings ?? {})[0] ?? [];
  if (kind === undefined || path === undefined) return;
  const value = child(source, entry, kind)?.value;
  fragment.imports.push({
    kind: kind as ImportDraft['kind'],
    path,
    range: source.rangeOf(value ?? entry.keyNode),
  });
}
