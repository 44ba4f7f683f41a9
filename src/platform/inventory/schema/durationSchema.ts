import { z } from 'zod';
import { t } from '../../l10n/l10n';
import { durationPattern, explainDuration, parseDuration } from './duration';

/**
 * A duration as text in the file, milliseconds once parsed, more than 0 and at most `longestMs`.
 * The default bound, 365,000 days, only keeps sums exact.
 */
export function durationSchema(longest = '365000d') {
  const longestMs = parseDuration(longest);
  return z
    .string({
      error: ({ input }) =>
        typeof input === 'number'
          ? explainDuration(String(input))
          : t('expected a duration such as 500ms or 5s'),
    })
    .regex(durationPattern, { error: ({ input }) => explainDuration(String(input)) })
    .transform((text, context) => {
      const ms = parseDuration(text);
      if (ms > 0 && ms <= longestMs) return ms;
      context.addIssue({
        code: 'custom',
        message: t('a duration here is more than 0 and at most {0}', longest),
      });
      return z.NEVER;
    })
    .meta({ examples: ['500ms', '5s', '2m', '1h', '14d'] });
}

/** A duration that becomes a timer; Node's timers overflow after 24 days. */
export const timeoutSchema = durationSchema('1d');
