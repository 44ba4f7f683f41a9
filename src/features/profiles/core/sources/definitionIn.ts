import { qualifiedName } from './bareName';

/** Where a text seems to define a function. */
export interface Definition {
  /** Counts from 1. */
  line: number;
  /** How much speaks for it; below `surely` it may be a call or a declaration. */
  weight: number;
}

/** From here on it is a definition. */
export const surely = 10;
/** Lines that parameters, and what stands between them and the body, go on for. */
const mostLines = 12;
/** Characters of a line; those of generated code are longer. */
const longestLine = 1000;

/**
 * The best guess at where a function is defined, by its name: the same in the class or the namespace of its name first.
 * Without a parser of the language; undefined where it is not named.
 */
export function definitionIn(text: string, name: string): Definition | undefined {
  const parts = qualifiedName(name);
  const bare = parts.pop()!;
  const named = new RegExp(`(?<![.\\w$~])${spaced(bare)}\\s*(?:\\[[^\\]]*\\]|<[^>]*>)?\\s*\\(`, 'g');
  const word = /^operator/.test(bare) ? 'operator' : bare;
  if (!text.includes(word)) return undefined;
  const lines = text.split('\n');
  let scope: string | undefined;
  let best: Definition | undefined;
  for (const [index, line] of lines.entries()) {
    if (line.length > longestLine) continue;
    scope =
      /^\s*(?:[\w<>, ]+\s)?(?:class|struct|union|interface|impl|trait|enum)\s+(?:\w+::)*(\w+)[^;]*$/.exec(
        line,
      )?.[1] ?? scope;
    if (!line.includes(word) || /^\s*(?:\/\/|\*|#\s*define|#(?!\s*\w+\s*\())/.test(line)) continue;
    for (const { 0: match, index: at } of line.matchAll(named)) {
      const before = line.slice(0, at);
      const after = [line.slice(at + match.length), ...lines.slice(index + 1, index + mostLines)].join('\n');
      const weight = weightOf(before, after) + qualifierWeight(before, parts, scope);
      if (weight > (best?.weight ?? -Infinity)) best = { line: index + 1, weight };
    }
  }
  return best;
}

/** `operator<<` may be written with spaces. */
function spaced(bare: string): string {
  const escape = (text: string) => text.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&');
  const symbol = /^operator(.+)$/.exec(bare)?.[1];
  if (symbol === undefined) return escape(bare);
  const characters = symbol
    .trim()
    .split(/\s+/)
    .map((words) => (/\w/.test(words) ? escape(words) : [...words].map(escape).join('\\s*')));
  return `operator\\s*${characters.join('\\s+')}`;
}

/** A definition has a body after its parameters, or says that it is one. */
function weightOf(before: string, after: string): number {
  if (/\b(?:def|func|function|fn|sub|fun)\s+(?:\([^)]*\)\s*)?(?:[\w:<>~*&]*::)?$/.test(before)) return surely;
  const isCall = /(?:\breturn\b|\bnew\b|\bcase\b|[=(,!?+]|&&|\|\||->|\.)\s*(?:\w+::)*$/.test(
    before.replace(/operator\S*$/, ''),
  );
  if (isCall) return 0;
  const end = endOfParameters(after);
  const head = end < 0 ? undefined : /^[^;{}]*(?=\{)/.exec(after.slice(end))?.[0];
  if (head !== undefined && isSignature(head)) return surely;
  return /[;,]\s*$/.test(after.split('\n', 1)[0]!) ? 1 : 2;
}

/** What may stand between parameters and the body; on lines of their own only what cannot begin a statement. */
function isSignature(head: string): boolean {
  if (/^\s*(?:[),.|?+]|-(?!>)|&&\s*\w|=)/.test(head)) return false;
  let depth = 0;
  for (const character of head) {
    if (character === '(') depth++;
    else if (character === ')' && --depth < 0) return false;
  }
  return head
    .split('\n')
    .slice(1)
    .every((line) =>
      /^\s*(?:$|const\b|noexcept\b|override\b|final\b|throws?\b|requires\b|where\b|->|:|,)/.test(line),
    );
}

function endOfParameters(after: string): number {
  let depth = 1;
  for (let at = 0; at < after.length; at++) {
    if (after[at] === '(') depth++;
    else if (after[at] === ')' && --depth === 0) return at + 1;
  }
  return -1;
}

/** The class or the namespace before the name, in a receiver, or around it. */
function qualifierWeight(before: string, qualifiers: readonly string[], scope: string | undefined): number {
  const last = qualifiers.at(-1);
  const written = /((?:[\w~]+\s*(?:<[^()]*>)?\s*::\s*)+)$/.exec(before)?.[1];
  const names =
    written
      ?.replace(/<[^()]*>/g, '')
      .split('::')
      .map((one) => one.trim())
      .filter(Boolean) ?? [];
  if (names.length > 0) {
    const matching = names.filter((one) => qualifiers.includes(one)).length;
    return names.at(-1) === last ? 2 + matching : matching - 4;
  }
  if (last === undefined) return 0;
  return new RegExp(`[(*&\\s]${last.replace(/[^\w]/g, '\\$&')}(?:\\[[^\\]]*\\])?\\)`).test(before) ||
    scope === last
    ? 2
    : 0;
}
