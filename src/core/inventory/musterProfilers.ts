import { dirname } from 'node:path';
import { profilers } from '../profiles/capture/profilers';
import type { ProfilerDraft } from './fragment';
import { nameProblem } from './hostName';
import { child, locate, references } from './located';
import { placeholdersUsed } from './placeholdersUsed';
import { profilerCommonSchema } from './profilerSchema';
import { typedAs } from './typedEntry';
import { validate } from './validation';
import type { Entry, YamlSource } from './yamlSource';
import { t } from '../l10n';

const secretKeys = ['password', 'secret', 'token'];

/** Reads one profiler with the schema of its type; undefined, and problems, if it is unsound. */
export function readProfiler(source: YamlSource, entry: Entry): ProfilerDraft | undefined {
  const range = source.rangeOf(entry.keyNode);
  const fault = nameProblem(entry.key);
  if (fault !== undefined) source.add('error', fault, range);
  const profiler = typedAs(source, entry, profilers, 'profiler');
  if (!profiler) return undefined;
  const auth = child(source, entry, 'auth');
  const secret = auth && source.entries(auth.value).find(({ key }) => secretKeys.includes(key));
  if (secret) {
    const advice = t(
      'a password is never written here: Muster asks for it, and the editor keeps it in its secret storage',
    );
    source.add('error', advice, source.rangeOf(secret.keyNode));
    return undefined;
  }
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
    profiler: {
      ...{ name: entry.key, type: profiler.type, settings: settings },
      ...(kind !== undefined && { kind }),
      ...(duration !== undefined && { durationMs: duration }),
      ...(rate !== undefined && { rate }),
      ...{ directory: dirname(source.file), source: range },
    },
    ...(common.on && { on: references(source, child(source, entry, 'on')) }),
    ...used,
  };
}
