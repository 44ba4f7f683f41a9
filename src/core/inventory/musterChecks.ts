import { z } from 'zod';
import type { Probe } from '../checks/probe';
import { t } from '../l10n';
import type { CheckDraft } from './fragment';
import { child, locate, references } from './located';
import type { SourceRange } from './model';
import { placeholdersIn, unknownPlaceholders } from './placeholders';
import { checkShape } from './schema';
import { suggest } from './suggest';
import { typedAs } from './typedEntry';
import { validate } from './validation';
import { stringNodes, type Entry, type YamlSource } from './yamlSource';

const commonSchema = z.object(checkShape);
const commonKeys = ['type', ...Object.keys(checkShape)];

/** Reads one check with the schema of its type; undefined, and problems, if it is unsound. */
export function readCheck(
  source: YamlSource,
  entry: Entry,
  probes: readonly Probe[],
  defaultTimeoutMs: number,
): CheckDraft | undefined {
  const probe = typedAs(source, entry, probes, 'check');
  if (!probe) return undefined;
  const located = locate(source, entry);
  const all = located.value as Record<string, unknown>;
  const own = Object.fromEntries(Object.entries(all).filter(([key]) => !commonKeys.includes(key)));
  const common = validate(source, commonSchema, located);
  const settings = validate(source, probe.settings, { ...located, value: own }, commonKeys);
  const labels = labelsUsed(source, entry, commonKeys);
  if (!common || !settings || !labels) return undefined;
  const [cluster] = probe.type === 'etcd' ? references(source, child(source, entry, 'cluster')) : [];
  return {
    name: entry.key,
    type: probe.type,
    on: common.on && references(source, child(source, entry, 'on')),
    timeoutMs: common.timeout ?? defaultTimeoutMs,
    settings,
    input: own,
    labels,
    ...(cluster && { cluster }),
    source: located.fallback,
  };
}

/** The labels that an entry's texts speak of, by where; undefined if they hold an unknown placeholder. */
export function labelsUsed(
  source: YamlSource,
  entry: Entry,
  commonKeys: readonly string[],
): Map<string, SourceRange> | undefined {
  const labels = new Map<string, SourceRange>();
  const texts = source
    .entries(entry.value)
    .filter(({ key }) => !commonKeys.includes(key))
    .flatMap(({ value }) => stringNodes(source, value));
  let sound = true;
  for (const { node, text } of texts) {
    const unknown = unknownPlaceholders(text);
    for (const word of placeholdersIn(text)) {
      const range = source.rangeWithin(node, text.indexOf(`{${word}}`), word.length + 2);
      if (unknown.includes(word)) {
        sound = false;
        reportPlaceholder(source, word, range);
      } else if (word.startsWith('label.')) labels.set(word.slice('label.'.length), range);
    }
  }
  return sound ? labels : undefined;
}

function reportPlaceholder(source: YamlSource, word: string, range: SourceRange): void {
  const near = suggest(word, ['name', 'address', 'port']);
  const message = t(
    'unknown placeholder {0}: there are {name}, {address}, {port} and {label.X}; {1} is the plain text {0}',
    `{${word}}`,
    `{{${word}}}`,
  );
  source.add('error', message, range, near && `{${near}}`);
}
