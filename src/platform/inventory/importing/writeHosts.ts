import { t } from '../../l10n/l10n';
import { type DocumentNames, readingNames } from '../yaml/documentNames';
import type { DocumentSection, TextSpan } from '../yaml/documentSections';
import { compactHostSet, splitHostSet } from '../selection/hostSet';
import { NameSearch } from '../selection/nameSearch';
import { finishBreathing, type Steps } from '../steps';
import {
  adding,
  additions,
  changed,
  type EntryEditor,
  EntryUpdates,
  type NewEntry,
  type TextChange,
} from './editDocument';
import { type HostImport, hostValue, type ImportedHost, namesOf, type RefusedLine } from './importedHosts';

/** Hosts and groups that the inventory has beside the document's own, such as imported ones. */
export interface TakenNames {
  hosts: { has(name: string): boolean };
  groups: { has(name: string): boolean };
}

export interface WritePlan {
  added: ImportedHost[];
  /** Hosts that have an entry of their own in the document: to be skipped or updated. */
  conflicts: ImportedHost[];
  /** Hosts whose names a range, an import or a group has: never changed. */
  kept: { host: ImportedHost; reason: string; isHost: boolean }[];
}

export interface WrittenHosts {
  text: string;
  added: number;
  updated: number;
  skipped: number;
  groups: number;
  refused: RefusedLine[];
  /** Where the first added entry stands in `text`. */
  at: number;
}

/** What of an import is new to a document, and what is there already. */
export async function planWriting(
  text: string,
  { hosts }: HostImport,
  taken: TakenNames,
): Promise<WritePlan> {
  const names = await finishBreathing(readingNames(text, []));
  const search = new NameSearch([{ file: '', names }], taken);
  const entries = new Set(names.symbols.filter(({ section }) => section === 'hosts').map(({ name }) => name));
  const plan: WritePlan = { added: [], conflicts: [], kept: [] };
  for (const host of hosts) {
    if (entries.has(host.name)) plan.conflicts.push(host);
    else {
      const there = namesOf(host.name).find((name) => search.has('host', name) || search.has('group', name));
      if (there === undefined) plan.added.push(host);
      else {
        const isHost = search.has('host', there);
        plan.kept.push({ host, reason: reasonFor(there, search, taken), isHost });
      }
    }
  }
  return plan;
}

function reasonFor(name: string, search: NameSearch, taken: TakenNames): string {
  if (search.has('group', name) && !search.has('host', name)) return t('a group has the name “{0}”', name);
  const [entry] = search.find({ kind: 'host', text: name }, ({ isDefinition }) => isDefinition);
  if (entry) return t('“{0}” is one of the hosts of the entry “{1}”', name, entry.occurrence.text);
  return taken.hosts.has(name)
    ? t('“{0}” is imported from another file', name)
    : t('“{0}” is there already', name);
}

/**
 * Writes hosts and groups into the text of a `muster.yaml`: new entries below the others, and into entries that are
 * there what the import says of them, if `update` is set. Everything else stays as it is, comments included.
 * @throws MusterError INVENTORY when the document is too broken to be added to
 */
export async function writeHosts(
  text: string,
  source: HostImport,
  plan: WritePlan,
  { update, taken }: { update: boolean; taken: TakenNames },
): Promise<WrittenHosts> {
  const names = await finishBreathing(readingNames(text, []));
  const refused = [
    ...source.refused,
    ...plan.kept.map(({ host, reason }) => ({ line: host.line, text: host.name, reason })),
  ];
  const conflicts = update ? plan.conflicts : [];
  const { changes, updated } = await finishBreathing(updating(text, names, conflicts, refused));
  let result = changed(text, changes);
  const entries = plan.added.map((host): NewEntry => ({ key: host.name, value: hostValue(host) }));
  let at = 0;
  if (entries.length > 0) {
    const addition = await finishBreathing(adding(result, 'hosts', entries));
    at = addition.start;
    result = changed(result, [addition]);
  }
  const kept = plan.kept.filter(({ isHost }) => isHost).map(({ host }) => host);
  const present = new Set([...plan.added, ...plan.conflicts, ...kept].map(({ name }) => name));
  const groups = await writeGroups(result, source, present, taken, refused);
  refused.sort((a, b) => a.line - b.line);
  return {
    text: groups.text,
    added: plan.added.length,
    updated,
    skipped: plan.conflicts.length - updated,
    groups: groups.count,
    refused,
    at: entries.length > 0 ? firstLineFrom(groups.text, at) : 0,
  };
}

function firstLineFrom(text: string, at: number): number {
  return at + (/^\s*/.exec(text.slice(at))?.[0].length ?? 0);
}

function* updating(
  text: string,
  names: DocumentNames,
  hosts: readonly ImportedHost[],
  refused: RefusedLine[],
): Steps<{ changes: TextChange[]; updated: number }> {
  const section = names.sections.find(({ key }) => key === 'hosts');
  if (!section) return { changes: [], updated: 0 };
  const spans = spansByName(names, section);
  const updates = new EntryUpdates(text, section);
  for (const host of hosts) updates.add(host.name, spans.get(host.name), (entry) => layOver(entry, host));
  const { changes, updated, broken } = yield* updates.changing();
  const unchanged = new Set(broken);
  for (const { name, line } of hosts)
    if (unchanged.has(name))
      refused.push({ line, text: name, reason: t('the entry “{0}” is broken or has an alias', name) });
  return { changes, updated };
}

function layOver(entry: EntryEditor, host: ImportedHost): void {
  const { address, labels, ssh } = hostValue(host) ?? {};
  if (address !== undefined) entry.set(['address'], address);
  for (const [label, value] of Object.entries(labels ?? {})) entry.set(['labels', label], value);
  for (const [key, value] of Object.entries(ssh ?? {})) entry.set(['ssh', key], value);
}

/** The lines of every entry of a section, by its key. */
function spansByName(names: DocumentNames, { key, entries = [] }: DocumentSection): Map<string, TextSpan> {
  const spans = new Map<string, TextSpan>();
  let index = 0;
  for (const { section, name, start } of names.symbols) {
    if (section !== key) continue;
    while (index < entries.length && entries[index]!.end <= start) index++;
    const span = entries[index];
    if (span && span.start <= start) spans.set(name, span);
  }
  return spans;
}

/** New groups, and members that groups of the document lack. */
async function writeGroups(
  text: string,
  source: HostImport,
  present: ReadonlySet<string>,
  taken: TakenNames,
  refused: RefusedLine[],
): Promise<{ text: string; count: number }> {
  const names = await finishBreathing(readingNames(text, []));
  const section = names.sections.find(({ key }) => key === 'groups');
  const spans = section ? spansByName(names, section) : new Map<string, TextSpan>();
  const there = new Set(
    names.symbols.filter((symbol) => symbol.section === 'groups').map(({ name }) => name),
  );
  const updates = section && new EntryUpdates(text, section);
  const fresh: NewEntry[] = [];
  for (const [group, members] of source.groups) {
    const wanted = members.filter((name) => present.has(name));
    if (wanted.length === 0) continue;
    if (there.has(group)) {
      const span = spans.get(group);
      const named = namedIn(names, group);
      const lacking = wanted.filter((name) => !named.has(name));
      if (lacking.length > 0)
        updates?.add(group, span, (entry) => entry.add(['hosts'], [folded(lacking)].flat()));
    } else if (taken.groups.has(group) || taken.hosts.has(group) || present.has(group)) {
      refused.push({ line: 1, text: group, reason: t('the name of the group “{0}” is taken', group) });
    } else fresh.push({ key: group, value: { hosts: folded(wanted) } });
  }
  const { changes = [], updated = 0 } = updates ? await finishBreathing(updates.changing()) : {};
  const extended = changed(text, changes);
  return {
    text: fresh.length > 0 ? changed(extended, [additions(extended, 'groups', fresh)]) : extended,
    count: updated + fresh.length,
  };
}

/** The hosts that a group names one by one or by ranges. */
function namedIn(names: DocumentNames, group: string): Set<string> {
  const symbol = names.symbols.find(({ section, name }) => section === 'groups' && name === group);
  if (!symbol) return new Set();
  const written = names.occurrences.filter(
    ({ kind, start }) => kind === 'word' && symbol.start <= start && start < symbol.end,
  );
  return new Set(written.flatMap(({ text }) => soundNames(text)));
}

function soundNames(name: string): string[] {
  try {
    return namesOf(name);
  } catch {
    return [name];
  }
}

/** One pattern or several; within one a comma would mean AND. */
function folded(names: readonly string[]): string | string[] {
  const patterns = splitHostSet(compactHostSet(names));
  return patterns.length === 1 ? patterns[0]! : patterns;
}
