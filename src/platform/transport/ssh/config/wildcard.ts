/**
 * Whether `text` matches a pattern of OpenSSH: `*` is any run of characters, `?` one character.
 * Takes at most pattern length × text length steps, whatever the pattern.
 */
export function matchesWildcard(pattern: string, text: string): boolean {
  return matchesSteps(pattern, text, (step, character) => step === '?' || step === character);
}

/** As `matchesWildcard`, for a pattern of any steps: `*` is a run, all else one character that `isOne` judges. */
export function matchesSteps<Step>(
  pattern: ArrayLike<Step | '*'>,
  text: string,
  isOne: (step: Step, character: string) => boolean,
): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let starText = 0;
  while (t < text.length) {
    const step = pattern[p];
    if (p < pattern.length && step === '*') {
      star = p++;
      starText = t;
    } else if (p < pattern.length && isOne(step as Step, text[t]!)) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++starText;
    } else return false;
  }
  while (p < pattern.length && pattern[p] === '*') p++;
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
