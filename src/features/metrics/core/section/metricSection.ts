import { dirname } from 'node:path';
import { z } from 'zod';
import type { Targets } from '../../../../platform/inventory/fragment';
import { nameProblem } from '../../../../platform/inventory/hostName';
import { durationSchema } from '../../../../platform/inventory/schema/durationSchema';
import { toJsonSchema } from '../../../../platform/inventory/schema/jsonSchema';
import { someHosts } from '../../../../platform/inventory/schema/oneOrMore';
import type { Section } from '../../../../platform/inventory/section';
import { typedAs, typedEntrySchema } from '../../../../platform/inventory/typedEntry';
import { validate } from '../../../../platform/inventory/validation';
import { child, locate, references } from '../../../../platform/inventory/yaml/located';
import { refuseSecret } from '../../../../platform/inventory/yaml/refuseSecret';
import { placeholdersUsed } from '../../../../platform/inventory/yaml/placeholdersUsed';
import type { Entry, YamlSource } from '../../../../platform/inventory/yaml/yamlSource';
import { t, text } from '../../../../platform/l10n/l10n';
import { metricSources } from '../sources/sources';
import { metricEntries, type MetricEntry } from './metricEntry';

type MetricDraft = Omit<MetricEntry, 'hosts'> & Targets;

const defaultIntervalMs = 5_000;
const shortestIntervalMs = 1_000;

/** What every source of metrics has beside the settings of its type. */
const commonShape = {
  on: someHosts(text('Hosts that have it. Default: every host.')).optional(),
  interval: durationSchema('1h')
    .refine((ms) => ms >= shortestIntervalMs, text('at least 1s'))
    .optional()
    .meta({ description: text('Time between two readings where it is followed. Default: 5s.') }),
  become: z
    .boolean()
    .optional()
    .meta({
      description: text(
        'true: read as another user, as “become” of the host or its group says, by types that run commands or read files. Default: false.',
      ),
    }),
};
const commonSchema = z.strictObject(commonShape);
const commonKeys = ['type', ...Object.keys(commonShape)];

/** The section `metrics`: what numbers to read from which hosts. */
export const metricSection: Section<MetricDraft, MetricEntry> = {
  ...metricEntries,
  noun: text('metric source'),
  description: text('Sources of metrics by name: pages, services and the kernel of hosts.'),
  duplicate: text('duplicate source of metrics “{0}”: the first is in {1}'),
  placeholders: true,
  outlineKey: 'type',
  schema: () => ({
    description: 'A source of metrics: its type says which settings it has.',
    anyOf: metricSources.map((source) => typedEntrySchema(source, toJsonSchema(commonSchema).properties)),
  }),
  read: readMetricSource,
  assemble({ on, labels, commandLines, ...source }, scope) {
    const hosts = scope.hostsOf(t('source of metrics “{0}”', source.name), { on, labels, commandLines });
    return hosts && { ...source, hosts };
  },
  summary: ({ type, hosts }) => ({ detail: type, facts: { hosts } }),
};

/** Reads one source with the schema of its type. */
function readMetricSource(source: YamlSource, entry: Entry): MetricDraft | undefined {
  const range = source.rangeOf(entry.keyNode);
  const fault = nameProblem(entry.key);
  if (fault !== undefined) source.add('error', fault, range);
  const found = typedAs(source, entry, metricSources, metricSection);
  if (!found) return undefined;
  if (refuseSecret(source, entry)) return undefined;
  const located = locate(source, entry);
  const all = Object.entries(located.value as Record<string, unknown>);
  const pick = (isCommon: boolean) =>
    Object.fromEntries(all.filter(([key]) => key !== 'type' && commonKeys.includes(key) === isCommon));
  const common = validate(source, commonSchema, { ...located, value: pick(true) });
  const settings = validate(source, found.settings, { ...located, value: pick(false) }, commonKeys);
  const used = placeholdersUsed(source, entry, commonKeys, found.commandLines);
  if (!common || !settings || !used || fault !== undefined) return undefined;
  return {
    ...{ name: entry.key, type: found.type, settings: settings },
    intervalMs: common.interval ?? defaultIntervalMs,
    ...(common.become && { become: {} }),
    ...{ directory: dirname(source.file), source: range },
    on: common.on && references(source, child(source, entry, 'on')),
    ...used,
  };
}
