import type { z } from 'zod';
import { type JsonSchema, toJsonSchema } from './schema/jsonSchema';
import { child } from './yaml/located';
import type { Section } from './section';
import { suggest } from './selection/suggest';
import { reportUnknownKey } from './validation';
import { scalarText, type Entry, type YamlSource } from './yaml/yamlSource';
import { t } from '../l10n/l10n';

/** A kind of entry, which its `type` tells from the others of its section. */
interface EntryKind {
  readonly type: string;
  readonly description: string;
  readonly settings: z.ZodType;
}

/** What the `type` of an entry means among `candidates`; undefined, and a problem, if it means none. */
export function typedAs<Candidate extends EntryKind>(
  source: YamlSource,
  entry: Entry,
  candidates: readonly Candidate[],
  { key: section, noun }: Pick<Section, 'key' | 'noun'>,
): Candidate | undefined {
  const typeNode = child(source, entry, 'type')?.value ?? null;
  const type = scalarText(typeNode);
  const found = candidates.find((candidate) => candidate.type === type);
  if (found) return found;
  const types = candidates.map((candidate) => candidate.type);
  if (type !== undefined) {
    source.add(
      'error',
      t('unknown type “{0}”: {1}', type, types.join(', ')),
      source.rangeOf(typeNode),
      suggest(type, types),
    );
    return undefined;
  }
  const misspelt = source
    .entries(entry.value)
    .find(({ key }) => suggest(key, ['type']) !== undefined && key !== 'type');
  if (misspelt) reportUnknownKey(source, misspelt.key, source.rangeOf(misspelt.keyNode), ['type']);
  else {
    const message = t('a {0} needs a type: {1}', t(noun), types.join(', '));
    const fix = { kind: 'setType', section, name: entry.key, types } as const;
    source.add('error', message, source.rangeOf(entry.keyNode), undefined, [fix]);
  }
  return undefined;
}

/** The schema of an entry of one kind, which has settings of its own beside the common ones. */
export function typedEntrySchema(
  { type, description, settings }: EntryKind,
  common: JsonSchema['properties'],
): JsonSchema {
  const own = toJsonSchema(settings);
  return {
    type: 'object',
    description,
    properties: { type: { const: type, description }, ...common, ...own.properties },
    required: ['type', ...(own.required ?? [])],
    additionalProperties: false,
  };
}
