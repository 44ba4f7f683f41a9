import { t } from '../../../../platform/l10n/l10n';
const named = '{name}';
const longest = 1000;

/** Whether the pattern says which host a key is about. */
export function namesHost(pattern: string): boolean {
  return pattern.includes(named);
}

/** What is wrong with a pattern of keys, or undefined. */
export function keyPatternProblem(pattern: string): string | undefined {
  if (pattern.length > longest) return t('a pattern has {0} characters at most', longest);
  const rest = pattern.replace(named, '');
  if (namesHost(rest)) return t('a key names one host: write {0} once', '{name}');
  if (/[{}]/.test(rest)) return t('braces stand for the name of a host only: {0}', '{name}');
  return undefined;
}
