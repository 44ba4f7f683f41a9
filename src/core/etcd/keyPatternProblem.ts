const named = '{name}';
const longest = 1000;

/** Whether the pattern says which host a key is about. */
export function namesHost(pattern: string): boolean {
  return pattern.includes(named);
}

/** What is wrong with a pattern of keys, or undefined. */
export function keyPatternProblem(pattern: string): string | undefined {
  if (pattern.length > longest) return `a pattern has ${longest} characters at most`;
  const rest = pattern.replace(named, '');
  if (namesHost(rest)) return 'a key names one host: write {name} once';
  if (/[{}]/.test(rest)) return 'braces stand for the name of a host only: {name}';
  return undefined;
}
