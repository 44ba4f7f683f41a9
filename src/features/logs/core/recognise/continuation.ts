import { RE2JS } from 're2js';
import { MusterError } from '../../../../platform/errors/errors';
import { t } from '../../../../platform/l10n/l10n';

/** Whether the line at these bytes goes on with the record before it. */
export type Continues = (bytes: Buffer, start: number, end: number) => boolean;

/** Bytes of a line that an expression of the user looks at. */
const looked = 256;

const causedBy = Buffer.from('Caused by: ');

/** Indented lines, and the causes of Java's stack traces. */
function usual(bytes: Buffer, start: number, end: number): boolean {
  if (start >= end) return false;
  const first = bytes[start];
  if (first === 0x20 || first === 0x09) return true;
  return (
    first === 0x43 &&
    end - start > causedBy.length &&
    bytes.compare(causedBy, 0, causedBy.length, start, start + causedBy.length) === 0
  );
}

/** @throws MusterError USAGE for a pattern that is no expression */
export function continuation(pattern: string | undefined): Continues {
  if (pattern === undefined || pattern === '^\\s' || pattern === '^\\s+') return usual;
  const expression = compileExpression(pattern);
  return (bytes, start, end) =>
    expression.matcher(bytes.toString('utf8', start, Math.min(end, start + looked))).find();
}

/** @throws MusterError USAGE */
export function compileExpression(pattern: string, flags = 0): RE2JS {
  try {
    // What it complains of is as it was written, without what flags put before it.
    const expression = RE2JS.compile(pattern);
    return flags === 0 ? expression : RE2JS.compile(pattern, flags);
  } catch (error) {
    throw new MusterError('USAGE', t('“{0}” is not a regular expression', pattern.slice(0, 80)), {
      hint: t('Expressions are those of RE2: https://github.com/google/re2/wiki/Syntax'),
      cause: error,
    });
  }
}
