import { MusterError } from '../../errors/errors';
import { t, text } from '../../l10n/l10n';
import { quotedWord, shellQuote } from '../../text/shellQuote';
import type { Host } from '../model';
import { escapedHost, placeholderValue, resolvePlaceholders } from '../yaml/placeholders';
import type { UnsafePlace } from './shellCommands';
import { shellPlaceholders, type ShellPlaceholder } from './shellPlaces';

const places: Record<UnsafePlace, string> = {
  singleQuotes: text('{0} is in single quotes'),
  doubleQuotes: text('{0} is in double quotes'),
  backticks: text('{0} is in backticks'),
  hereDocument: text('{0} is in a here-document'),
  comment: text('{0} is in a comment'),
  expansion: text('{0} is in an expansion, ${…}'),
  backslash: text('{0} stands behind a backslash'),
  arithmetic: text('{0} is in arithmetic, ((…))'),
  test: text('{0} is in [[…]]'),
  evaluation: text('{0} is given to a command of the shell that evaluates its words again'),
  program: text('{0} is in the program text of an interpreter, or may be a part of it'),
  stored: text('{0} is in a command line that evaluates variables, as $((…)) does'),
  variable: text('{0} is the value of a variable that has a meaning to the shell or to programs'),
  subscript: text('{0} is in brackets, […]'),
  glob: text('{0} is in parentheses that belong to a pattern'),
  redirection: text('{0} stands next to a redirection sign'),
  case: text('{0} stands behind a “case” in $(…), where Muster cannot tell what is quoted'),
};

/** A placeholder of a command line that cannot be filled in, and why. */
export interface MisplacedPlaceholder extends ShellPlaceholder {
  readonly message: string;
}

/**
 * The placeholders of a command line that stand where their values could become a part of the command: values are put
 * in as quoted words, and these are words only outside of quotes.
 */
export function misplacedPlaceholders(line: string): MisplacedPlaceholder[] {
  return shellPlaceholders(line).flatMap((found) =>
    found.place === undefined
      ? []
      : [{ ...found, message: `${t(places[found.place], `{${found.word}}`)}: ${advice(found.place)}` }],
  );
}

const inQuotes = text(
  'its value is put in as a quoted word, and could become a part of the command there; write x={…} at the beginning of the command and "$x" here, or end the quotes before it',
);
const evaluated = text(
  'a shell may run commands that its value holds; use it as a plain word, for example in [ … = … ]',
);
const advices: Partial<Record<UnsafePlace, string>> = {
  singleQuotes: inQuotes,
  doubleQuotes: inQuotes,
  arithmetic: evaluated,
  test: evaluated,
  evaluation: evaluated,
  stored: text(
    'a shell may run commands that its value holds, if a variable takes it; calculate with numbers alone, or in awk or expr',
  ),
  variable: evaluated,
  subscript: evaluated,
  glob: evaluated,
  program: text(
    'its value could become a part of that program; give it as an argument after the program, sh -c \'… "$1" …\' sh {…}, or in an environment variable, env x={…} sh -c \'… "$x" …\'',
  ),
  redirection: text(
    'a number there is a file descriptor; put a blank between, and name files after > or <, not after >& or <&',
  ),
};

function advice(place: UnsafePlace): string {
  return t(
    advices[place] ??
      text(
        'its value is put in as a quoted word, and could become a part of the command there; use it as a word of its own outside of it',
      ),
  );
}

/** Why the values of a host cannot be put in place of a command line's placeholders, or undefined. */
export function unfitValue(placeholders: readonly ShellPlaceholder[], host: Host): string | undefined {
  for (const { word, beginsWord } of placeholders) {
    const value = placeholderValue(word, host) ?? '';
    if (/[\0-\x08\x0a-\x1f\x7f]/.test(value))
      return t('the value of {0} holds a control character', `{${word}}`);
    if (beginsWord && /^-/.test(value) && !/^-\d+(?:[.:]\d+)*$/.test(value))
      return t('the value of {0} begins with “-”, so that a command may take it for an option', `{${word}}`);
  }
  return undefined;
}

/**
 * A command line with the values of the host put in as single words: a label is data, and never becomes shell syntax.
 * @throws MusterError INVENTORY for a placeholder without a value, or where its value would not stay a word
 */
export function resolveShellLine(line: string, host: Host): string {
  const refuse = (message: string, hint?: string) =>
    new MusterError('INVENTORY', message, { host: host.name, phase: 'inventory', ...(hint && { hint }) });
  const [misplaced] = misplacedPlaceholders(line);
  if (misplaced) throw refuse(misplaced.message);
  const unfit = unfitValue(shellPlaceholders(line), host);
  if (unfit !== undefined) throw refuse(unfit, t(unfitAdvice));
  return resolvePlaceholders(line, escapedHost(host, wordOf));
}

/** What to do about a value that does not fit. */
export const unfitAdvice = text(
  'Change the label, or write “--” before the placeholder where the command knows it.',
);

/** Quoted where it could be an assignment, too. */
function wordOf(value: string): string {
  return value.includes('=') ? quotedWord(value) : shellQuote(value);
}
