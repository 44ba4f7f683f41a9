import type { NamedEntry, Targets } from '../../../platform/inventory/fragment';
import { nameProblem } from '../../../platform/inventory/hostName';
import { toJsonSchema } from '../../../platform/inventory/schema/jsonSchema';
import { child, locate, references } from '../../../platform/inventory/yaml/located';
import { placeholdersUsed } from '../../../platform/inventory/yaml/placeholdersUsed';
import type { Section } from '../../../platform/inventory/section';
import { validate } from '../../../platform/inventory/validation';
import type { Entry, YamlSource } from '../../../platform/inventory/yaml/yamlSource';
import { t, text } from '../../../platform/l10n/l10n';
import { type InventoryLog, inventoryLogs } from './inventoryLog';
import { logSchema } from './logSchema';
import type { LogOrigin } from './logSource';

type LogDraft = NamedEntry & Omit<InventoryLog, 'hosts'> & Targets;

/** What may hold no placeholders. */
const otherKeys = ['on', 'become', 'format', 'multiline', 'fields'];

/** The section `logs`: what to follow on which hosts. */
export const logSection: Section<LogDraft, InventoryLog> = {
  ...inventoryLogs,
  noun: text('source'),
  description: text('Logs by name: files, units of the journal and commands to follow.'),
  duplicate: text('duplicate source of logs “{0}”: the first is in {1}'),
  placeholders: true,
  schema: () => toJsonSchema(logSchema),
  read: readLog,
  assemble({ on, labels, commandLines, ...log }, scope) {
    const hosts = scope.hostsOf(t('log “{0}”', log.name), { on, labels, commandLines });
    return hosts && { ...log, hosts };
  },
};

function readLog(source: YamlSource, entry: Entry): LogDraft | undefined {
  const range = source.rangeOf(entry.keyNode);
  const fault = nameProblem(entry.key);
  if (fault !== undefined) source.add('error', fault, range);
  const settings = validate(source, logSchema, locate(source, entry));
  const used = placeholdersUsed(source, entry, otherKeys, ['command']);
  if (!settings || !used || fault !== undefined) return undefined;
  const { path, unit, command, become, format = 'auto', multiline, fields } = settings;
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
    ...(become && { become: {} }),
    on: references(source, child(source, entry, 'on')),
  };
}
