import { RE2JS } from 're2js';
import { namesHost } from './keyPatternProblem';

/** A key that a pattern matches. */
export interface KeyMatch {
  /** What stands in the place of `{name}`; undefined for patterns without it. */
  name: string | undefined;
}

export interface KeyPlace {
  /** What the keys of the cluster begin with. */
  prefix: string;
  separator: string;
}

/**
 * Compiles a pattern for what follows the prefix of a key: `*` and `?` stop at the separator, `**` matches anything,
 * `{name}` a part between separators, and a pattern that ends with the separator all keys below. Linear in time,
 * whatever a key holds.
 */
export function compileKeyPattern(
  pattern: string,
  { prefix, separator }: KeyPlace,
): (key: Buffer) => KeyMatch | undefined {
  const whole = pattern.endsWith(separator) ? `${pattern}**` : pattern;
  const part = `[^${[...separator].map(codeOf).join('')}]`;
  const source = whole
    .split(/(\*{2,}|\*|\?|\{name\})/)
    .map((piece, index) => {
      if (index % 2 === 0) return RE2JS.quote(piece);
      if (namesHost(piece)) return `(${part}+)`;
      return piece === '*' ? `${part}*` : piece === '?' ? part : '.*';
    })
    .join('');
  const expression = RE2JS.compile(source, RE2JS.DOTALL);
  const start = Buffer.from(prefix);
  const hasName = namesHost(pattern);
  return (key) => {
    if (!key.subarray(0, start.length).equals(start)) return undefined;
    const matcher = expression.matcher(key.toString('utf8', start.length));
    if (!matcher.matches()) return undefined;
    return { name: hasName ? (matcher.group(1) ?? undefined) : undefined };
  };
}

function codeOf(character: string): string {
  return `\\x{${character.codePointAt(0)!.toString(16)}}`;
}
