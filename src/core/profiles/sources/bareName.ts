/**
 * The name of a function without what is around it: `main.(*Server).handle.func1` and `acme::Server<int>::handle(char) const`
 * are both `handle`, `com.acme.Foo$Bar.run_[j]` is `run`.
 */
export function bareName(name: string): string {
  const plain = withoutBrackets(name.replace(/_\[[\w]\]$/, ''))
    .replace(/(?:\.func\d+|\.gowrap\d+|-fm|\.lambda\$\d+)+(?:\.\d+)*$/g, '')
    .replace(/\s+(?:const|volatile|noexcept|&&?)$/g, '')
    .trim();
  const last =
    plain
      .split(/::|[.#/\s]/)
      .filter((part) => part !== '')
      .at(-1) ?? plain;
  return /^lambda\$(\w+)\$\d+$/.exec(last)?.[1] ?? last;
}

/** Parameters, templates and receivers hold names of their own. */
function withoutBrackets(name: string): string {
  let depth = 0;
  let plain = '';
  for (const character of name.replace(/operator(?:<<|>>|<=>|[<>]=?|\(\)|->)/g, 'operator')) {
    if ('(<[{'.includes(character)) depth++;
    else if (')>]}'.includes(character)) depth = Math.max(0, depth - 1);
    else if (depth === 0) plain += character;
  }
  return plain.trim() === '' ? name : plain;
}
