import { t } from '../../l10n/l10n';
import { compilePattern, type NamePattern } from './namePattern';

/** One condition of a selector; `offset` is where it starts in the selector's text. */
export type Term = { readonly negated: boolean; readonly offset: number; readonly text: string } & (
  | { readonly kind: 'all' }
  | { readonly kind: 'word'; readonly pattern: NamePattern }
  | { readonly kind: 'group'; readonly name: string; readonly pattern: NamePattern }
  | {
      readonly kind: 'label';
      readonly label: string;
      readonly values: readonly NamePattern[];
      readonly equal: boolean;
    }
);

/** A selector that cannot be read; `offset` counts from 0 into its text. */
export class SelectorSyntaxError extends Error {
  override readonly name = 'SelectorSyntaxError';
  constructor(
    message: string,
    readonly offset: number,
  ) {
    super(message);
  }
}

const longestSelector = 65_536;

/** Reads `web-*,role=db,!@canary` into its terms, all of which a host must meet. @throws SelectorSyntaxError */
export function parseSelector(selector: string): Term[] {
  if (selector.length > longestSelector)
    throw new SelectorSyntaxError(t('the selector is too long'), longestSelector);
  return splitTerms(selector).map(({ text, offset }) => parseTerm(text, offset));
}

/** Splits at commas outside brackets and parentheses. */
function splitTerms(selector: string): { text: string; offset: number }[] {
  const terms: { text: string; offset: number }[] = [];
  const open: { closer: string; offset: number }[] = [];
  let start = 0;
  for (let index = 0; index <= selector.length; index++) {
    const char = selector[index];
    if (char === '[' || char === '(') open.push({ closer: char === '[' ? ']' : ')', offset: index });
    else if (char === ']' || char === ')') {
      if (open.pop()?.closer !== char) throw new SelectorSyntaxError(t('“{0}” closes nothing', char), index);
    } else if (char === undefined || (char === ',' && open.length === 0)) {
      terms.push(trimmed(selector.slice(start, index), start));
      start = index + 1;
    }
  }
  const unclosed = open.at(-1);
  if (unclosed)
    throw new SelectorSyntaxError(t('“{0}” is never closed', selector[unclosed.offset]), unclosed.offset);
  return terms;
}

function trimmed(text: string, offset: number): { text: string; offset: number } {
  const start = text.length - text.trimStart().length;
  return { text: text.trim(), offset: offset + start };
}

// Patterns with classes of Unicode are where they are used: most commands select all hosts, and each takes its time to compile.

function parseTerm(source: string, start: number): Term {
  const negated = source.startsWith('!');
  const { text, offset } = negated ? trimmed(source.slice(1), start + 1) : { text: source, offset: start };
  const base = { negated, offset: start, text: source };
  if (text === '')
    throw new SelectorSyntaxError(negated ? t('nothing follows “!”') : t('an empty term'), start);
  if (text === '*' || text === 'all' || text === '@all') return { ...base, kind: 'all' };

  const [, member, list] = /^([\p{L}\p{N}_][\p{L}\p{N}_./-]*)\s+in\s*\((.*)\)$/su.exec(text) ?? [];
  if (member !== undefined && list !== undefined) {
    const listOffset = offset + text.indexOf('(') + 1;
    const values = list.split(/,(?![^[\]]*\])/).map((value) => compileAt(value.trim(), listOffset));
    return { ...base, kind: 'label', label: member, values, equal: true };
  }
  const [, label, operator, value] =
    /^([\p{L}\p{N}_][\p{L}\p{N}_./-]*)\s*(!=|==?)\s*(.*)$/su.exec(text) ?? [];
  if (label !== undefined && value !== undefined) {
    const valueOffset = offset + text.length - value.length;
    return {
      ...base,
      kind: 'label',
      label,
      values: [compileAt(value, valueOffset)],
      equal: operator !== '!=',
    };
  }
  if (text.startsWith('@')) {
    const name = text.slice(1);
    checkWord(name, offset + 1);
    return { ...base, kind: 'group', name, pattern: compileAt(name, offset + 1) };
  }
  checkWord(text, offset);
  return { ...base, kind: 'word', pattern: compileAt(text, offset) };
}

function checkWord(text: string, offset: number): void {
  const isWord = (word: string) => /^[\p{L}\p{N}_.:*?[\]-][\p{L}\p{N}_.:*?[\],!^-]*$/u.test(word);
  if (isWord(text)) return;
  const bad = [...text].findIndex((_, index, all) => !isWord(all.slice(0, index + 1).join('')));
  const char = [...text][bad];
  throw new SelectorSyntaxError(
    char === undefined ? t('a name is missing') : t('unexpected “{0}”', char),
    offset + Math.max(bad, 0),
  );
}

function compileAt(text: string, offset: number): NamePattern {
  if (text === '') throw new SelectorSyntaxError(t('a value is missing'), offset);
  try {
    return compilePattern(text);
  } catch (error) {
    throw new SelectorSyntaxError(error instanceof Error ? error.message : String(error), offset);
  }
}
