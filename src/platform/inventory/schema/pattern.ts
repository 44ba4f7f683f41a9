import { RE2JS } from 're2js';
import { z } from 'zod';
import { t } from '../../l10n/l10n';
import type { Host } from '../model';
import { escapedHost, resolvePlaceholders } from '../yaml/placeholders';

/** A compiled regular expression; matching takes time linear in the text. */
export interface Pattern {
  readonly source: string;
  /** Whether it matches anywhere in the text. */
  test: (text: string) => boolean;
}

function compile(source: string): Pattern {
  const compiled = RE2JS.compile(source);
  return { source, test: (text) => compiled.test(text) };
}

/** Compiled at load; the syntax is RE2's (https://github.com/google/re2/wiki/Syntax). */
export const patternSchema = z
  .string()
  .transform((source, context): Pattern => {
    try {
      return compile(source);
    } catch (error) {
      context.addIssue({
        code: 'custom',
        message: t('no RE2 regular expression: {0}', (error as Error).message),
      });
      return z.NEVER;
    }
  })
  .meta({ format: 'regex' });

/** The pattern with the values of the host in place of its placeholders, each standing for itself. */
export function patternFor(host: Host, pattern: Pattern): Pattern {
  if (!pattern.source.includes('{')) return pattern;
  const source = resolvePlaceholders(
    pattern.source,
    escapedHost(host, (text) => RE2JS.quote(text)),
  );
  return source === pattern.source ? pattern : compile(source);
}
