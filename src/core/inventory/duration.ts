import { z } from 'zod';

const unitMs: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const pattern = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)$/;

/** `250ms`, `5s`, `2m`, `1h` or `14d` in whole milliseconds. @throws RangeError saying what is wrong */
export function parseDuration(text: string): number {
  const [, amount, unit] = pattern.exec(text) ?? [];
  if (amount === undefined || unit === undefined) throw new RangeError(explain(text));
  return Math.round(Number(amount) * unitMs[unit]!);
}

function explain(text: string): string {
  const wanted = 'write a number and a unit, as in 250ms, 5s, 2m, 1h or 14d';
  if (/^\d+(\.\d+)?$/.test(text)) return `“${text}” has no unit: write ${text}ms or ${text}s`;
  return `“${text.slice(0, 40)}” is not a duration: ${wanted}`;
}

/**
 * A duration as text in the file, milliseconds once parsed, more than 0 and at most `longestMs`.
 * The default bound, 365,000 days, only keeps sums exact.
 */
export function durationSchema(longest = '365000d') {
  const longestMs = parseDuration(longest);
  return z
    .string({
      error: ({ input }) =>
        typeof input === 'number' ? explain(String(input)) : 'expected a duration such as 500ms or 5s',
    })
    .regex(pattern, { error: ({ input }) => explain(String(input)) })
    .transform((text, context) => {
      const ms = parseDuration(text);
      if (ms > 0 && ms <= longestMs) return ms;
      context.addIssue({ code: 'custom', message: `a duration here is more than 0 and at most ${longest}` });
      return z.NEVER;
    })
    .meta({ examples: ['500ms', '5s', '2m', '1h', '14d'] });
}

/** A duration that becomes a timer; Node's timers overflow after 24 days. */
export const timeoutSchema = durationSchema('1d');
