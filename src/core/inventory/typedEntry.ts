import { child } from './located';
import { suggest } from './suggest';
import { reportUnknownKey } from './validation';
import { scalarText, type Entry, type YamlSource } from './yamlSource';
import { t } from '../l10n';

/** What the `type` of an entry means among `candidates`; undefined, and a problem, if it means none. */
export function typedAs<Candidate extends { readonly type: string }>(
  source: YamlSource,
  entry: Entry,
  candidates: readonly Candidate[],
  noun: 'check' | 'profiler',
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
    const fixes = noun === 'check' ? [{ kind: 'setType', check: entry.key, types } as const] : undefined;
    source.add('error', message, source.rangeOf(entry.keyNode), undefined, fixes);
  }
  return undefined;
}
