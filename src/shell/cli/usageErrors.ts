import { t } from './l10n';

/** What commander says about a command line, for it tells by its text only; the first that matches. */
const wordings: readonly (readonly [RegExp, (...words: string[]) => string])[] = [
  [/^error: unknown command '(.*)'$/, (word) => t("error: unknown command '{0}'", word)],
  [/^error: unknown option '(.*)'$/, (word) => t("error: unknown option '{0}'", word)],
  [/^error: missing required argument '(.*)'$/, (name) => t("error: missing required argument '{0}'", name)],
  [/^error: option '(.*)' argument missing$/, (option) => t("error: option '{0}' argument missing", option)],
  [
    /^error: option '(.*)' cannot be used with option '(.*)'$/,
    (one, other) => t("error: option '{0}' cannot be used with option '{1}'", one, other),
  ],
  [
    /^error: too many arguments for 'ssh'/,
    () => t('error: the command for the host comes after --, as in muster ssh web-01 -- uptime'),
  ],
  [
    /^error: too many arguments for '(.*)'\. Expected (\d+) arguments? but got (\d+)\.$/,
    (command, expected, given) =>
      t("error: too many arguments for '{0}': {1} expected, {2} given", command, expected, given),
  ],
  [/^\(Did you mean (?:one of )?(.*)\?\)$/, (words) => t('(Did you mean {0}?)', words)],
];

/** An error of commander in the language of who reads it. */
export function usageError(text: string): string {
  return text.split('\n').map(translated).join('\n');
}

function translated(line: string): string {
  for (const [pattern, words] of wordings) {
    const match = pattern.exec(line);
    if (match) return words(...match.slice(1));
  }
  return line;
}
