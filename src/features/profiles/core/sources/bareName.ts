import { mangledName } from './mangledName';

/** The symbols that operators of C++ are called by; longer ones first. */
const symbols = [
  ...[
    '()',
    '[]',
    '<<=',
    '>>=',
    '<=>',
    '->*',
    '->',
    '<<',
    '>>',
    '<=',
    '>=',
    '==',
    '!=',
    '&&',
    '||',
    '++',
    '--',
  ],
  ...[
    '+=',
    '-=',
    '*=',
    '/=',
    '%=',
    '^=',
    '&=',
    '|=',
    '+',
    '-',
    '*',
    '/',
    '%',
    '^',
    '&',
    '|',
    '~',
    '!',
    '=',
    '<',
    '>',
    ',',
  ],
];
const escaped = symbols.map((symbol) => symbol.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&')).join('|');
/** `operator==`, `operator new[]`, `operator bool`, before their parameters. */
const operator = new RegExp(
  `^(.*(?:^|[^\\w$]))operator(?:\\s*(${escaped})|\\s+((?:new|delete)(?:\\[\\])?|[^(]+?))\\s*(?:<[^(]*>)?\\(.*$`,
  's',
);
/** What a lambda is called by; it goes by the function that it is in. */
const lambda = /::(?:\{lambda|<lambda|'lambda|\$_\d).*$/s;

/**
 * The names that a function is qualified with and its own, outermost first: `acme::Server<int>::handle(char) const` is
 * acme, Server, handle; symbols as compilers of C++ write them as well.
 */
export function qualifiedName(name: string): string[] {
  const mangled = mangledName(name);
  if (mangled) return mangled;
  // The type of a receiver in Go is in brackets, as parameters do.
  const plain = name.replace(lambda, '').replace(/\.\(\*?(\w+)(?:\[[^\]]*\])?\)\./, '.$1.');
  const [, before, symbol, words] = operator.exec(plain) ?? [];
  if (before !== undefined) return [...partsOf(withoutBrackets(before)), `operator${symbol ?? ` ${words}`}`];
  const parts = partsOf(
    withoutBrackets(plain.replace(/_\[[\w]\]$/, ''))
      .replace(/(?:\.func\d+|\.gowrap\d+|-fm|\.lambda\$\d+)+(?:\.\d+)*$/g, '')
      .replace(/(?:\s+(?:const|volatile|noexcept|&&?))+$/g, '')
      .trim(),
  );
  return parts.length > 0 ? parts : [name];
}

/**
 * The name of a function without what is around it: `main.(*Server).handle.func1` and `acme::Server<int>::handle(char) const`
 * are both `handle`, `com.acme.Foo$Bar.run_[j]` is `run`.
 */
export function bareName(name: string): string {
  const last = qualifiedName(name).at(-1)!;
  return /^lambda\$(\w+)\$\d+$/.exec(last)?.[1] ?? last;
}

/** Of the type that a function returns only its own name is left. */
const partsOf = (plain: string) =>
  (plain.split(/\s/).at(-1) ?? '').split(/::|[.#/]/).filter((part) => part !== '');

/** Parameters, templates and receivers hold names of their own. */
function withoutBrackets(name: string): string {
  let depth = 0;
  let plain = '';
  for (const character of name.replaceAll('->', '')) {
    if ('(<[{'.includes(character)) depth++;
    else if (')>]}'.includes(character)) depth = Math.max(0, depth - 1);
    else if (depth === 0) plain += character;
  }
  return plain.trim() === '' ? name : plain;
}
