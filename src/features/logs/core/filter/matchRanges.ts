import { RE2JS } from 're2js';
import type { TextPattern } from './logFilter';

/** Ranges that are told for one line. */
const mostRanges = 100;

/**
 * Tells where a pattern is in a text, as offsets in UTF-16 units.
 * @throws RE2JSException for what is not a regular expression
 */
export function matchRanges({
  text,
  regex,
  caseSensitive,
}: TextPattern): (line: string) => [number, number][] {
  const flags = caseSensitive ? 0 : RE2JS.CASE_INSENSITIVE;
  const expression = RE2JS.compile(regex ? text : RE2JS.quote(text), flags);
  return (line) => {
    const ranges: [number, number][] = [];
    const matcher = expression.matcher(line);
    while (ranges.length < mostRanges && matcher.find())
      if (matcher.end() > matcher.start()) ranges.push([matcher.start(), matcher.end()]);
    return ranges;
  };
}
