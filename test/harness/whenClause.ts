/** What a clause says about one key: that it is set, or how it compares with a value. */
export interface Condition {
  key: string;
  operator?: string;
  value?: string;
}

const token =
  /\s*(&&|\|\||==|!=|=~|!|\(|\)|[<>]=?|'[^']*'|\/(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\[])+\/\w*|[\w.:-]+)/y;
const comparison = /^(?:==|!=|=~|[<>]=?|in)$/;

/**
 * The conditions of a `when` clause of VS Code.
 * @throws Error where it is not a clause
 */
export function conditionsOf(clause: string): Condition[] {
  const tokens = tokensOf(clause);
  const conditions: Condition[] = [];
  const expect = (isExpected: boolean) => {
    if (!isExpected) throw new Error(`“${clause}” is not a clause before “${tokens.join(' ')}”`);
  };
  const takeIf = (text: string) => tokens[0] === text && tokens.shift() !== undefined;
  const either = () => {
    do both();
    while (takeIf('||'));
  };
  const both = () => {
    do one();
    while (takeIf('&&'));
  };
  const one = () => {
    if (takeIf('!')) return one();
    if (takeIf('(')) {
      either();
      return expect(takeIf(')'));
    }
    const key = tokens.shift();
    expect(key !== undefined && /^[\w.]+$/.test(key));
    const operator = comparison.test(tokens[0] ?? '') ? tokens.shift() : undefined;
    const value = operator && tokens.shift();
    expect(operator === undefined || (value !== undefined && /[\w/']$/.test(value)));
    conditions.push({ key: key!, operator, value });
  };
  either();
  expect(tokens.length === 0);
  return conditions;
}

function tokensOf(clause: string): string[] {
  const tokens: string[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < clause.length) {
    const at = token.lastIndex;
    const [, text] = token.exec(clause) ?? [];
    if (text === undefined) throw new Error(`“${clause.slice(at)}” is not a part of a clause`);
    tokens.push(text);
  }
  return tokens;
}
