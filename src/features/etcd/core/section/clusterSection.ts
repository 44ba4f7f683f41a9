import { dirname } from 'node:path';
import type { NamedEntry, Reference } from '../../../../platform/inventory/fragment';
import { nameProblem } from '../../../../platform/inventory/hostName';
import { toJsonSchema } from '../../../../platform/inventory/schema/jsonSchema';
import { child, locate, references } from '../../../../platform/inventory/yaml/located';
import type { Section } from '../../../../platform/inventory/section';
import { validate } from '../../../../platform/inventory/validation';
import type { Entry, YamlSource } from '../../../../platform/inventory/yaml/yamlSource';
import { t, text } from '../../../../platform/l10n/l10n';
import { readChangeRules, type RuleDraft } from '../rules/readChangeRules';
import { type ClusterEntry, clusterEntries } from './clusterEntry';
import { clusterSchema } from './clusterSchema';

export interface ClusterDraft extends NamedEntry {
  settings: ClusterEntry;
  /** Where it names the host that leads to it. */
  through?: Reference;
  rules: RuleDraft[];
}

const defaultTimeoutMs = 5_000;

/** The section `etcd`: clusters. */
export const clusterSection: Section<ClusterDraft, ClusterEntry> = {
  ...clusterEntries,
  noun: text('cluster'),
  description: 'etcd clusters by name.',
  duplicate: text('duplicate cluster “{0}”: the first is in {1}'),
  standsAlone: true,
  schema: () => toJsonSchema(clusterSchema),
  read: readCluster,
  assemble: ({ settings, through }, scope) => (!through || scope.namesHost(through) ? settings : undefined),
  summary: ({ endpoints }) => ({ detail: endpoints.join(', '), facts: endpoints }),
};

function readCluster(source: YamlSource, entry: Entry): ClusterDraft | undefined {
  const range = source.rangeOf(entry.keyNode);
  const fault = nameProblem(entry.key);
  if (fault !== undefined) source.add('error', fault, range);
  const password = child(source, entry, 'password');
  if (password) {
    const advice = t(
      'a password is never written here: Muster asks for it, and the editor keeps it in its secret storage',
    );
    source.add('error', advice, source.rangeOf(password.keyNode));
    return undefined;
  }
  const located = locate(source, entry);
  const settings = validate(source, clusterSchema, { ...located, value: withoutRules(located.value) });
  const prefix = settings?.prefix ?? '';
  const rules = readChangeRules(source, child(source, entry, 'onChange'), prefix);
  if (!settings || fault !== undefined) return undefined;
  const { separator = '/', readOnly = false, timeout = defaultTimeoutMs, ...rest } = settings;
  const [through] = references(source, child(source, entry, 'through'));
  return {
    ...{ name: entry.key, source: range },
    settings: {
      ...rest,
      ...{ name: entry.key, prefix, separator, readOnly, protected: settings.protected ?? false },
      ...{ timeoutMs: timeout, directory: dirname(source.file), source: range },
    },
    ...(through && { through }),
    rules,
  };
}

/** Rules are read one by one: a mistake in one takes away neither the others nor the cluster. */
function withoutRules(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== 'onChange'));
}
