import { dirname } from 'node:path';
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
    const advice =
      'a password is never written here: Muster asks for it, and the editor keeps it in its secret storage';
    source.add('error', advice, source.rangeOf(password.keyNode));
    return undefined;
  }
  const settings = validate(source, clusterSchema, locate(source, entry));
  if (!settings || fault !== undefined) return undefined;
  const { prefix = '', separator = '/', readOnly = false, timeout = defaultTimeoutMs, ...rest } = settings;
  const [through] = references(source, child(source, entry, 'through'));
  return {
    settings: {
      ...rest,
      ...{ name: entry.key, prefix, separator, readOnly, protected: settings.protected ?? false },
      ...{ timeoutMs: timeout, directory: dirname(source.file), source: range },
    },
    ...(through && { through }),
  };
}
