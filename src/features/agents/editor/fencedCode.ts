/** Longest command that a person is asked to confirm: all of it is shown. */
export const longestCommand = 4_000;

/** A block that shows the text as it is: its fence is longer than any within. */
export function fencedCode(text: string, language = 'sh'): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

/** Whether a person who reads the text sees all that it does: no control, direction or invisible character. */
export function isPlain(text: string): boolean {
  return !/(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/u.test(text);
}
