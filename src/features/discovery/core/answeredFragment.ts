import type { MusterError } from '../../../platform/errors/errors';
import { emptyFragment, type Fragment } from '../../../platform/inventory/fragment';
import type { Origin } from '../../../platform/inventory/model';
import { problemOf } from '../../../platform/inventory/yaml/problemReport';
import { t } from '../../../platform/l10n/l10n';
import { type Discovery, registryText } from './discovery';

/** How a source answered, and what with: `found` is its last good answer, undefined if there is none. */
export interface SourceState {
  readonly found?: Fragment;
  /** When that was last known to be right, in milliseconds since the epoch. */
  readonly answeredAt?: number;
  /** Why it is not known to be right any more, or why there is none. */
  readonly error?: MusterError;
}

/** The state of a source as a part of the inventory. That it does not answer is a problem where it is written. */
export function answeredFragment(discovery: Discovery, { found, answeredAt, error }: SourceState): Fragment {
  const { name: group, registry, source } = discovery;
  const from = registryText(registry);
  const origin: Origin = {
    from,
    state: error ? (found ? 'stale' : 'unknown') : found ? 'current' : 'waiting',
    ...(answeredAt !== undefined && { answeredAt }),
    ...(error && { reason: error.message }),
  };
  const none = { ...emptyFragment(source.file), files: [] };
  const { problems, ...rest } = found ?? none;
  return {
    ...rest,
    problems: [...problems, ...failures(discovery, from, !!found, error)],
    found: { group, origin },
  };
}

/** The same where nothing may be connected to. */
export function restrictedFragment({ name: group, registry, source }: Discovery): Fragment {
  const origin: Origin = { from: registryText(registry), state: 'restricted' };
  return { ...emptyFragment(source.file), files: [], found: { group, origin } };
}

function failures(
  { name, source }: Discovery,
  from: string,
  isKnown: boolean,
  error: MusterError | undefined,
) {
  if (!error) return [];
  const why = [error.message, error.hint].filter(Boolean).join('. ');
  const message = isKnown
    ? t('“{0}”: {1} does not answer, and its hosts are those of its last answer: {2}', name, from, why)
    : t('“{0}”: {1} does not answer, and its hosts are unknown: {2}', name, from, why);
  return [problemOf('warning', message, source)];
}
