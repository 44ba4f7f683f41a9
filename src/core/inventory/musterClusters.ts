import { dirname } from 'node:path';
import { t } from '../l10n';
import { readChangeRules } from './musterChangeRules';
import { clusterSchema } from './clusterSchema';
import type { ClusterDraft } from './fragment';
import { nameProblem } from './hostName';
import { child, locate, references } from './located';
import { validate } from './validation';
import type { Entry, YamlSource } from './yamlSource';

const defaultTimeoutMs = 5_000;

/** Reads one cluster of the section `etcd`; undefined, and problems, if it is unsound. */
export function readCluster(source: YamlSource, entry: Entry): ClusterDraft | undefined {
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
