import { z } from 'zod';
import { text } from '../../l10n/l10n';
import type { ValueSource } from '../yaml/valueSource';

const nonEmpty = z.string().min(1, { error: text('must not be empty') });

/**
 * Selectors of hosts, where their absence means every host: an empty list that a program wrote must not widen to the
 * fleet.
 */
export const someHosts = (description: string) => oneOrMore(description, 'selector', 1);

/** One text or a list of them; `source` says what to offer for each. */
export function oneOrMore(description: string, source?: ValueSource, fewest = 0) {
  const offered = source && { 'x-muster': source };
  const item = source ? nonEmpty.meta({ 'x-muster': source }) : nonEmpty;
  const list = z.array(item).min(fewest, { error: text('must not be empty') });
  return z
    .union([item, list], { error: text('expected text or a list of texts') })
    .transform((value): string[] => (Array.isArray(value) ? value : [value]))
    .meta({ description, ...offered });
}
