/** Where a secret is in a text. */
export type Span = readonly [start: number, end: number];

/** Finds secrets in a text, in time that grows with its length only: the text may be anybody's. */
export type Finder = (text: string) => Iterable<Span>;

/** What is in the place of a secret. */
export const hidden = '•••';

/** The matches of an expression with the flag `g` that matches no empty text; `matchAll` would copy the expression. */
export function* each(expression: RegExp, text: string): Generator<RegExpExecArray> {
  expression.lastIndex = 0;
  for (let match = expression.exec(text); match; match = expression.exec(text)) {
    const { lastIndex } = expression;
    yield match;
    expression.lastIndex = lastIndex;
  }
}

/** Finds what matches; where the expression has a group, only that group, which must be at the end of the match. */
export function matches(expression: RegExp): Finder {
  return function* (text) {
    for (const match of each(expression, text)) {
      const end = match.index + match[0].length;
      const secret = match[1] ?? match[0];
      if (secret !== '') yield [end - secret.length, end];
    }
  };
}

/** Where a sticky expression matches something from there on. */
export function exact(expression: RegExp, text: string, from: number): Span | undefined {
  expression.lastIndex = from;
  const match = expression.exec(text);
  return match && match[0] !== '' ? [from, from + match[0].length] : undefined;
}

export const isBlank = (char: string | undefined) => char === ' ' || char === '\t';
export const isQuote = (char: string | undefined) => char === '"' || char === "'";

/** The text with each span, or what overlapping spans cover together, replaced. */
export function withoutSpans(text: string, spans: readonly Span[]): string {
  if (spans.length === 0) return text;
  const parts: string[] = [];
  let kept = 0;
  for (const [start, end] of [...spans].sort(([one], [other]) => one - other)) {
    if (start >= kept) parts.push(text.slice(kept, start), hidden);
    kept = Math.max(kept, end);
  }
  return parts.join('') + text.slice(kept);
}
