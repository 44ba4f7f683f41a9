import type { z } from 'zod';
import { t, text } from '../l10n/l10n';
import { emptyFragment, type Fragment, type ImportDraft } from './fragment';
import { expandHostPattern } from './selection/hostSet';
import { child, locate, references } from './yaml/located';
import { addressProblem, asciiAddress, nameProblem } from './hostName';
import type { BecomeSettings, Problem, SourceRange, SshSettings, TransportName } from './model';
import { isHostPattern } from './selection/namePattern';
import { resolvePlaceholders, unknownPlaceholders } from './yaml/placeholders';
import {
  defaultsShape,
  extensionPrefix,
  groupSchema,
  hostSchema,
  importSchema,
  topKeys,
} from './schema/schema';
import { outerSections, type Sections } from './section';
import { mergeSsh, withResolvedPaths } from './sshConfig/sshDefaults';
import type { Steps } from './steps';
import { suggest } from './selection/suggest';
import { reportUnknownKey, validate } from './validation';
import { scalarText, type Entry, type YamlSource } from './yaml/yamlSource';

const defaultTimeoutMs = 800;

/** What the rest of the file falls back to. */
interface Defaults {
  ssh: SshSettings;
  transport: TransportName | undefined;
  become: BecomeSettings | undefined;
  timeoutMs: number;
}

/** Reads one `muster.yaml`, each entry by itself, so that a bad one does not hide the others; yields between hosts. */
export function* readingMusterFile(source: YamlSource, sections: Sections): Steps<Fragment> {
  const fragment = { ...emptyFragment(source.file), problems: source.problems };
  const written = readSections(source, topKeys(sections));
  const section = (name: string, noun?: string) => entriesOf(source, written.get(name), noun);

  const defaults = readDefaults(source, section('defaults'), fragment);
  for (const entry of section('hosts', text('host'))) {
    attempt(source, entry, () => readHost(source, entry, defaults, fragment));
    yield;
  }
  for (const entry of section('groups', text('group')))
    attempt(source, entry, () => readGroup(source, entry, fragment));
  for (const one of outerSections(sections)) {
    const entries = section(one.key, one.noun);
    const read = (entry: Entry) => attempt(source, entry, () => one.read(source, entry, defaults));
    fragment.sections.set(one.key, {
      drafts: entries.flatMap((entry) => read(entry) ?? []),
      names: new Set(entries.map(({ key }) => key)),
    });
  }
  for (const entry of importEntries(source, written.get('imports')))
    attempt(source, entry, () => readImport(source, entry, fragment));
  return fragment;
}

/** Only values without bound throw: the entry is lost, the others are not. */
function attempt<T>(source: YamlSource, entry: Entry, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    source.add('error', `${entry.key}: ${error.message}`, source.rangeOf(entry.keyNode));
    return undefined;
  }
}

function readSections(source: YamlSource, known: readonly string[]): Map<string, Entry> {
  const { root } = source;
  const entries = source.entries(root);
  const sections = new Map<string, Entry>();
  if (!['mapping', 'empty'].includes(source.kindOf(root))) {
    const message = t('expected a mapping with the keys {0}', known.join(', '));
    source.refuse(message, source.rangeOf(root));
  } else if (entries.length > 0 && !entries.some(({ key }) => isOurs(key, known))) {
    source.refuse(
      t('this is not an inventory: it has none of the keys {0}', known.join(', ')),
      source.rangeOf(entries[0]!.keyNode),
    );
    return sections;
  }
  for (const entry of entries) {
    if (known.includes(entry.key)) sections.set(entry.key, entry);
    else if (!entry.key.startsWith(extensionPrefix)) {
      reportUnknownKey(source, entry.key, source.rangeOf(entry.keyNode), known);
    }
  }
  return sections;
}

/** Whether a key at the top is one of an inventory, or was probably meant to be one. */
function isOurs(key: string, known: readonly string[]): boolean {
  return known.includes(key) || key.startsWith(extensionPrefix) || suggest(key, known) !== undefined;
}

function entriesOf(source: YamlSource, section: Entry | undefined, noun?: string): readonly Entry[] {
  if (!section || !isOfKind(source, section, 'mapping')) return [];
  return source.entries(section.value, noun);
}

/** Whether a section holds what it should, or nothing; a problem if not. */
function isOfKind(source: YamlSource, { key, keyNode, value }: Entry, kind: 'mapping' | 'list'): boolean {
  if ([kind, 'empty'].includes(source.kindOf(value))) return true;
  source.add(
    'error',
    kind === 'mapping' ? t('“{0}” holds a mapping', key) : t('“{0}” holds a list', key),
    source.rangeOf(value ?? keyNode),
  );
  return false;
}

function readDefaults(source: YamlSource, entries: readonly Entry[], fragment: Fragment): Defaults {
  const known = Object.keys(defaultsShape);
  for (const { key, keyNode } of entries) {
    if (!known.includes(key)) reportUnknownKey(source, key, source.rangeOf(keyNode), known);
  }
  const read = <T>(name: string, schema: z.ZodType<T>): T | undefined => {
    const entry = entries.find(({ key }) => key === name);
    return entry && attempt(source, entry, () => validate(source, schema, locate(source, entry)));
  };
  const { ssh, transport, become, timeout, concurrency } = defaultsShape;
  fragment.defaultSsh = withResolvedPaths(read('ssh', ssh) ?? {}, source.file);
  fragment.concurrency = read('concurrency', concurrency);
  return {
    ssh: fragment.defaultSsh,
    transport: read('transport', transport),
    become: read('become', become),
    timeoutMs: read('timeout', timeout) ?? defaultTimeoutMs,
  };
}

function readHost(source: YamlSource, entry: Entry, defaults: Defaults, fragment: Fragment): void {
  const names = hostNames(source, entry);
  if (!names) return;
  const settings = validate(source, hostSchema, locate(source, entry));
  const addressNode = child(source, entry, 'address')?.value ?? null;
  const labels = labelsOf(source, entry);
  const own = withResolvedPaths(settings?.ssh ?? {}, source.file);
  const range = source.rangeOf(entry.keyNode);
  const transport = settings?.transport ?? defaults.transport;
  const text = settings?.address ?? (transport === 'local' ? 'localhost' : '{name}');
  let reported = settings === undefined;
  for (const name of names) {
    const problem = addressFault(text, name, labels) ?? jumpFault(name, own);
    if (problem || settings === undefined) fragment.unsoundHosts.push(name);
    else {
      const address = resolvePlaceholders(text, { name, labels });
      const ssh = mergeSsh(name, defaults.ssh, own);
      fragment.hosts.push({
        ...{ name, address, labels, ssh, variables: {}, source: range },
        ...(transport && { transport }),
        ...(settings?.become && { become: { ...settings.become, declaredBy: `host ${entry.key}` } }),
        ...(defaults.become && { defaultBecome: defaults.become }),
      });
    }
    // One fault of the entry, not one for each name it stands for.
    if (problem && !reported) {
      const [suggestion, fixes] = names.length === 1 && addressNode ? addressFixes(entry.key, text) : [];
      source.add('error', problem, addressNode ? source.rangeOf(addressNode) : range, suggestion, fixes);
    }
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
      isGlob ? t('“{0}” is a glob: hosts are named, or listed by a range such as web-[01:20]', key) : fault,
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
    ? t('{0}: host {1} has no such label', `{${unknown}}`, name)
    : t('unknown placeholder {0}: an address may hold {name} and {label.X}', `{${unknown}}`);
}

/** The host in a URL, the address in ASCII, or address and port apart. */
function addressFixes(host: string, text: string): [suggestion?: string, fixes?: Problem['fixes']] {
  const [, inUrl] = /^[a-z][a-z0-9+.-]*:\/\/(?:[^@/]*@)?([^:/?#[\]]+)/i.exec(text) ?? [];
  if (inUrl !== undefined && addressProblem(inUrl) === undefined) return [inUrl];
  const ascii = asciiAddress(text);
  if (ascii !== undefined && addressProblem(ascii) === undefined) return [ascii];
  const [, address, port] = /^(.*[^:]|\[.*\]):(\d{1,5})$/.exec(text) ?? [];
  const plain = address?.replace(/^\[(.*)\]$/, '$1');
  if (plain === undefined || addressProblem(plain) !== undefined) return [];
  return [undefined, [{ kind: 'movePort', host, address: plain, port: Number(port) }]];
}

function jumpFault(name: string, { proxyJump }: SshSettings): string | undefined {
  return proxyJump?.includes(name) ? t('host {0} jumps through itself', name) : undefined;
}

/** Label values as they are written: `rack: 01` is `01`, `version: 1.10` is `1.10`. */
export function labelsOf(source: YamlSource, entry: Entry): Record<string, string> {
  const labels = source.entries(child(source, entry, 'labels')?.value ?? null);
  return Object.fromEntries(labels.map(({ key, value }) => [key, scalarText(value) ?? '']));
}

function readGroup(source: YamlSource, entry: Entry, fragment: Fragment): void {
  const range = source.rangeOf(entry.keyNode);
  const fault = nameProblem(entry.key);
  if (fault !== undefined) source.add('error', fault, range);
  const settings = validate(source, groupSchema, locate(source, entry));
  const hosts = references(source, child(source, entry, 'hosts'));
  const select = references(source, child(source, entry, 'select'));
  const children = references(source, child(source, entry, 'children'));
  const readOnly = readOnlyOf(source, entry);
  fragment.groups.push({
    ...{ name: entry.key, source: range, hosts, select, children },
    ...(readOnly && { readOnly }),
    ...(settings?.become && { become: settings.become }),
    ...(settings === undefined && { unsound: true }),
  });
}

/** Where the group is made read-only. What is neither true nor false is a mistake on the safe side, such as `yes`. */
function readOnlyOf(source: YamlSource, entry: Entry): SourceRange | undefined {
  const readOnly = child(source, entry, 'readOnly');
  if (!readOnly || source.plain(readOnly.value) === false) return undefined;
  return source.rangeOf(readOnly.keyNode);
}

function importEntries(source: YamlSource, section: Entry | undefined): Entry[] {
  if (!section || !isOfKind(source, section, 'list')) return [];
  const items = source.items(section.value);
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
