import { z } from 'zod';
import { text } from '../l10n';
import type { ValueSource } from './valueSource';

const nonEmpty = z.string().min(1, { error: text('must not be empty') });

/** One text or a list of them; `source` says what to offer for each. */
export function oneOrMore(description: string, source?: ValueSource) {
  const offered = source && { 'x-muster': source };
  const item = source ? nonEmpty.meta({ 'x-muster': source }) : nonEmpty;
  return z
    .union([item, z.array(item)], { error: text('expected text or a list of texts') })
    .transform((value): string[] => (Array.isArray(value) ? value : [value]))
    .meta({ description, ...offered });
}
