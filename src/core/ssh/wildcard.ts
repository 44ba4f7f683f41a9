/**
 * Whether `text` matches a pattern of OpenSSH: `*` is any run of characters, `?` one character.
 * Takes at most pattern length × text length steps, whatever the pattern.
 */
export function matchesWildcard(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let starText = 0;
  while (t < text.length) {
    if (pattern[p] === '*') {
      star = p++;
      starText = t;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t])) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++starText;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}

/** Whether one of the patterns matches and none with a leading `!` does, as in OpenSSH's pattern lists. */
export function matchesPatternList(patterns: readonly string[], text: string): boolean {
  let matches = false;
  for (const pattern of patterns) {
    const negated = pattern.startsWith('!');
    if (!matchesWildcard(negated ? pattern.slice(1) : pattern, text)) continue;
    if (negated) return false;
    matches = true;
  }
  return matches;
}
