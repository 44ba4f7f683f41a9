import type { LogOrigin } from '../logs/logSource';
import type { LogDraft } from './fragment';
import { nameProblem } from './hostName';
import { child, locate, references } from './located';
import { logSchema } from './logSchema';
import { placeholdersUsed } from './placeholdersUsed';
import { validate } from './validation';
import type { Entry, YamlSource } from './yamlSource';

/** What may hold no placeholders. */
const otherKeys = ['on', 'format', 'multiline', 'fields'];

/** Reads one source of the section `logs`; undefined, and problems, if it is unsound. */
export function readLog(source: YamlSource, entry: Entry): LogDraft | undefined {
  const range = source.rangeOf(entry.keyNode);
  const fault = nameProblem(entry.key);
  if (fault !== undefined) source.add('error', fault, range);
  const settings = validate(source, logSchema, locate(source, entry));
  const used = placeholdersUsed(source, entry, otherKeys, ['command']);
  if (!settings || !used || fault !== undefined) return undefined;
  const { path, unit, command, format = 'auto', multiline, fields } = settings;
  const origin: LogOrigin =
    path !== undefined
      ? { kind: 'file', path }
      : command !== undefined
        ? { kind: 'command', command }
        : { kind: 'journal', ...(unit !== '*' && { unit }) };
  return {
    ...{ name: entry.key, origin, format, ...used, source: range },
    ...(multiline !== undefined && { multiline }),
    ...(fields && { fields }),
    on: references(source, child(source, entry, 'on')),
  };
}
