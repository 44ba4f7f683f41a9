import { z } from 'zod';
import type { Probe } from '../checks/probe';
import type { CheckDraft } from './fragment';
import { labelProblem } from './hostName';
import { child, locate, references } from './located';
import { placeholdersUsed } from './placeholdersUsed';
import { checkShape } from './schema';
import { typedAs } from './typedEntry';
import { validate } from './validation';
import type { Entry, YamlSource } from './yamlSource';

const commonSchema = z.object(checkShape);
const commonKeys = ['type', ...Object.keys(checkShape)];

/** Reads one check with the schema of its type; undefined, and problems, if it is unsound. */
export function readCheck(
  source: YamlSource,
  entry: Entry,
  probes: readonly Probe[],
  defaultTimeoutMs: number,
): CheckDraft | undefined {
  const fault = labelProblem(entry.key);
  if (fault !== undefined) source.add('error', fault, source.rangeOf(entry.keyNode));
  const probe = typedAs(source, entry, probes, 'check');
  if (!probe || fault !== undefined) return undefined;
  const located = locate(source, entry);
  const all = located.value as Record<string, unknown>;
  const own = Object.fromEntries(Object.entries(all).filter(([key]) => !commonKeys.includes(key)));
  const common = validate(source, commonSchema, located);
  const settings = validate(source, probe.settings, { ...located, value: own }, commonKeys);
  const used = placeholdersUsed(source, entry, commonKeys, probe.commandLines);
  if (!common || !settings || !used) return undefined;
  const [cluster] = probe.type === 'etcd' ? references(source, child(source, entry, 'cluster')) : [];
  return {
    name: entry.key,
    type: probe.type,
    on: common.on && references(source, child(source, entry, 'on')),
    timeoutMs: common.timeout ?? defaultTimeoutMs,
    settings,
    input: own,
    ...used,
    ...(cluster && { cluster }),
    source: located.fallback,
  };
}
