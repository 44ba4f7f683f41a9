import { dirname } from 'node:path';
import type { Targets } from '../../../../platform/inventory/fragment';
import { nameProblem } from '../../../../platform/inventory/hostName';
import { toJsonSchema } from '../../../../platform/inventory/schema/jsonSchema';
import { child, locate, references } from '../../../../platform/inventory/yaml/located';
import { refuseSecret } from '../../../../platform/inventory/yaml/refuseSecret';
import { placeholdersUsed } from '../../../../platform/inventory/yaml/placeholdersUsed';
import type { Section } from '../../../../platform/inventory/section';
import { typedAs, typedEntrySchema } from '../../../../platform/inventory/typedEntry';
import { validate } from '../../../../platform/inventory/validation';
import type { Entry, YamlSource } from '../../../../platform/inventory/yaml/yamlSource';
import { t, text } from '../../../../platform/l10n/l10n';
import { type ProfilerEntry, profilerEntries } from './profilerEntry';
import { profilers } from './profilers';
import { profilerCommonSchema } from './profilerSchema';

type ProfilerDraft = Omit<ProfilerEntry, 'hosts'> & Targets;

/** The section `profilers`: what to capture from which hosts. */
export const profilerSection: Section<ProfilerDraft, ProfilerEntry> = {
  ...profilerEntries,
  noun: text('profiler'),
  description: 'Profilers by name: what to capture from which hosts.',
  duplicate: text('duplicate profiler “{0}”: the first is in {1}'),
  placeholders: true,
  schema: () => ({
    description: 'A profiler: its type says which settings it has.',
    anyOf: profilers.map((profiler) =>
      typedEntrySchema(profiler, toJsonSchema(profilerCommonSchema(profiler)).properties),
    ),
  }),
  read: readProfiler,
  assemble({ on, labels, commandLines, ...profiler }, scope) {
    const hosts = scope.hostsOf(t('profiler “{0}”', profiler.name), { on, labels, commandLines });
    return hosts && { ...profiler, hosts };
  },
};

/** Reads one profiler with the schema of its type. */
function readProfiler(source: YamlSource, entry: Entry): ProfilerDraft | undefined {
  const range = source.rangeOf(entry.keyNode);
  const fault = nameProblem(entry.key);
  if (fault !== undefined) source.add('error', fault, range);
  const profiler = typedAs(source, entry, profilers, profilerSection);
  if (!profiler) return undefined;
  if (refuseSecret(source, entry)) return undefined;
  const located = locate(source, entry);
  const all = located.value as Record<string, unknown>;
  const commonSchema = profilerCommonSchema(profiler);
  const commonKeys = ['type', 'on', 'kind', 'duration', 'rate'].filter(
    (key) => key !== 'rate' || profiler.rate,
  );
  const pick = (isCommon: boolean) =>
    Object.fromEntries(
      Object.entries(all).filter(([key]) => key !== 'type' && commonKeys.includes(key) === isCommon),
    );
  const common = validate(source, commonSchema, { ...located, value: pick(true) });
  const settings = validate(source, profiler.settings, { ...located, value: pick(false) }, commonKeys);
  const used = placeholdersUsed(source, entry, commonKeys, profiler.commandLines);
  if (!common || !settings || !used || fault !== undefined) return undefined;
  const { kind, duration, rate } = common;
  return {
    ...{ name: entry.key, type: profiler.type, settings },
    ...(kind !== undefined && { kind }),
    ...(duration !== undefined && { durationMs: duration }),
    ...(rate !== undefined && { rate }),
    ...{ directory: dirname(source.file), source: range },
    on: common.on && references(source, child(source, entry, 'on')),
    ...used,
  };
}
