import path from 'node:path';
import { MusterError } from '../../errors/errors';
import { t } from '../../l10n/l10n';
import type { NameOccurrence } from './documentNames';
import { nameProblem } from '../hostName';
import { expandHostPattern } from '../selection/hostSet';
import type { SourceRange } from '../model';
import { isHostPattern, isPattern } from '../selection/namePattern';
import { type FoundName, isOfHosts, type NamedThing, type NameSearch } from '../selection/nameSearch';

/** Text to be replaced in a file, as offsets. */
export interface NameEdit {
  file: string;
  start: number;
  end: number;
  text: string;
}

/** Where hosts and groups come from that no document of the search defines. */
export interface ImportedSources {
  hosts: ReadonlyMap<string, { source: SourceRange }>;
  groups: ReadonlyMap<string, { source: SourceRange }>;
}

/**
 * What may be renamed at an occurrence.
 * @throws MusterError USAGE with the reason why it cannot be renamed
 */
export function assertRenamable(
  search: NameSearch,
  { thing, occurrence }: { thing: NamedThing; occurrence: NameOccurrence },
  imported: ImportedSources,
): void {
  const { kind, text } = thing;
  if (kind === 'label') throw refusal(t('labels are not renamed: edit them where hosts have them'));
  if (isPattern(text) && !occurrence.isDefinition)
    throw refusal(t('“{0}” stands for several hosts: rename one of them where it is defined', text));
  const definitions = search.find(thing, ({ isDefinition }) => isDefinition);
  if (definitions.length === 0) {
    const source = isOfHosts(kind) ? imported[`${kind}s`].get(text)?.source : undefined;
    if (source)
      throw refusal(
        t(
          '“{0}” comes from {1}, line {2}, which is imported: rename it there',
          text,
          path.basename(source.file),
          source.line,
        ),
      );
    throw refusal(t('nothing here defines “{0}”', text));
  }
  const range = definitions.find((definition) => definition.occurrence.text !== text);
  if (range)
    throw refusal(
      t(
        '“{0}” is one of the hosts that “{1}” names: rename that, or give it an entry of its own',
        text,
        range.occurrence.text,
      ),
    );
}

/**
 * The edits that give a host, a group or an entry of another section another name wherever it stands. A range of hosts (`web-[01:20]`) may
 * become another of the same size.
 * @throws MusterError USAGE with the reason why it cannot be renamed so
 */
export function renameEdits(search: NameSearch, thing: NamedThing, newName: string): NameEdit[] {
  const name = newName.trim();
  const names = renamed(thing, name);
  refuseTaken(search, thing, names);
  return search.find(thing).flatMap((found) => {
    const text = newTextOf(search, thing, name, names, found);
    return text === undefined ? [] : [editOf(found, text)];
  });
}

/** The new name of every old one. */
function renamed({ kind, text }: NamedThing, newName: string): Map<string, string> {
  if (newName === '') throw refusal(t('a name must not be empty'));
  if (!isOfHosts(kind)) return new Map([[text, newName]]);
  const [from, to] = kind === 'host' ? [namesOf(text), namesOf(newName)] : [[text], [newName]];
  if (from.length !== to.length)
    throw refusal(
      from.length === 1
        ? t('“{0}” stands for {1} hosts, “{2}” for one', newName, to.length, text)
        : t(
            '“{0}” stands for {1} hosts: its new name must, too, and “{2}” stands for {3}',
            text,
            from.length,
            newName,
            to.length,
          ),
    );
  for (const name of to) {
    const fault = nameProblem(name) ?? (name.endsWith(':') ? t('“{0}” ends with a colon', name) : undefined);
    if (fault !== undefined) throw refusal(fault);
  }
  return new Map(from.map((name, index) => [name, to[index]!]));
}

function namesOf(text: string): string[] {
  try {
    return isHostPattern(text) ? expandHostPattern(text) : [text];
  } catch (error) {
    throw refusal(error instanceof Error ? error.message : String(error));
  }
}

function refuseTaken(
  search: NameSearch,
  { kind, text }: NamedThing,
  names: ReadonlyMap<string, string>,
): void {
  if (!isOfHosts(kind)) {
    const [newName] = names.values();
    const taken = search.find({ kind, text: newName! }, ({ isDefinition }) => isDefinition);
    if (newName !== text && taken.length > 0)
      throw refusal(t('there is a {0} “{1}” already', t(kind), newName));
    return;
  }
  for (const name of names.values()) {
    for (const other of ['host', 'group'] as const) {
      // Elsewhere one word means either.
      if (search.has(other, name) && !(other === kind && names.has(name)))
        throw refusal(t('there is a {0} “{1}” already', t(other), name));
    }
  }
}

/** What comes into the place of an occurrence; undefined where a glob goes on to match what it matches. */
function newTextOf(
  search: NameSearch,
  thing: NamedThing,
  newName: string,
  names: ReadonlyMap<string, string>,
  { file, occurrence }: FoundName,
): string | undefined {
  const { text } = occurrence;
  if (text === thing.text) return newName;
  if (names.has(text)) return names.get(text);
  const listed = search.pattern(text)?.names;
  if (!listed) return undefined;
  const shown = [...names.keys()].find((name) => listed.has(name));
  throw refusal(t('“{0}” in {1} lists “{2}”: change that first', text, path.basename(file), shown));
}

/** Quotes what YAML would not read as the text it is. */
function editOf({ file, occurrence: { start, end, text, isPlain } }: FoundName, name: string): NameEdit {
  const letters = /^[\p{L}\p{N}_][\p{L}\p{N}_.:-]*$/u;
  const isSafe = letters.test(isPattern(text) ? name.replace(/[[\]]/g, '') : name) && !/^null$/i.test(name);
  return { file, start, end, text: isPlain && !isSafe ? JSON.stringify(name) : name };
}

function refusal(message: string): MusterError {
  return new MusterError('USAGE', message, { phase: 'inventory' });
}
