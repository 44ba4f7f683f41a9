/** Operators by their codes (Itanium C++ ABI, 5.1.3). */
const operators: Readonly<Record<string, string>> = {
  ...{
    nw: ' new',
    na: ' new[]',
    dl: ' delete',
    da: ' delete[]',
    ps: '+',
    ng: '-',
    ad: '&',
    de: '*',
    co: '~',
  },
  ...{ pl: '+', mi: '-', ml: '*', dv: '/', rm: '%', an: '&', or: '|', eo: '^', aS: '=', pL: '+=', mI: '-=' },
  ...{ mL: '*=', dV: '/=', rM: '%=', aN: '&=', oR: '|=', eO: '^=', ls: '<<', rs: '>>', lS: '<<=', rS: '>>=' },
  ...{ eq: '==', ne: '!=', lt: '<', gt: '>', le: '<=', ge: '>=', ss: '<=>', nt: '!', aa: '&&', oo: '||' },
  ...{
    cvb: ' bool',
    cvc: ' char',
    cvi: ' int',
    cvl: ' long',
    cvm: ' unsigned long',
    cvf: ' float',
    cvd: ' double',
  },
  ...{ pp: '++', mm: '--', cm: ',', pm: '->*', pt: '->', cl: '()', ix: '[]' },
};
/** Types and values that a name is followed by, each skipped as a whole: nothing in them ends what they are in. */
const skipped = /^(?:S[0-9A-Z]*_|S[a-z]|T[0-9A-Z]*_|Dv\d+_|D[a-z]|A\d*_|L[a-z]n?\d*E|[KPROVrga-z_])/;

/**
 * The names of a symbol of C++ or of Rust as its compiler writes it, outermost first: `_ZN4acme4PoolIiE3getEv` is
 * acme, Pool, get. What is local to a function, such as a lambda, goes by the function. undefined for other names.
 */
export function mangledName(symbol: string): string[] | undefined {
  const text = /^_?_Z(\w+)/.exec(symbol)?.[1];
  if (text === undefined) return undefined;
  const names: string[] = [];
  let at = 0;
  // Within a function: its own name comes first.
  while (text[at] === 'Z') at++;
  const isNested = text[at] === 'N';
  if (isNested) at++;
  while (at < text.length && text[at] !== 'E') {
    const rest = text.slice(at);
    const length = /^B?(\d{1,4})/.exec(rest);
    const code = operators[rest.slice(0, 3)] === undefined ? rest.slice(0, 2) : rest.slice(0, 3);
    if (length) {
      at += length[0].length + Number(length[1]);
      const name = text.slice(at - Number(length[1]), at);
      if (rest[0] !== 'B' && !/^_GLOBAL__N|^h[0-9a-f]{16}$/.test(name)) names.push(name);
    } else if (rest[0] === 'I') at += argumentsLength(rest);
    else if (/^[CD][0-5]/.test(rest) && names.length > 0) {
      names.push(`${rest[0] === 'D' ? '~' : ''}${names.at(-1)!}`);
      at += 2;
    } else if (/^Ul|^Ut/.test(rest)) break;
    else if (operators[code] !== undefined) {
      names.push(`operator${operators[code]}`);
      at += code.length;
    } else if (code === 'St') {
      names.push('std');
      at += 2;
    } else {
      const other = /^S[0-9A-Z]*_|^S[a-z]/.exec(rest)?.[0] ?? rest[0]!;
      if (!/^[SLKVrRO]/.test(other)) break;
      at += other.length;
    }
    // Outside of N…E a name is followed by the types of parameters.
    if (!isNested && names.some((name) => name !== 'std')) break;
  }
  return names.length > 0 ? names : undefined;
}

/** How long the arguments of a template are, from `I` to its `E`. */
function argumentsLength(text: string): number {
  let depth = 0;
  for (let at = 0; at < text.length;) {
    const rest = text.slice(at);
    const length = /^\d{1,4}/.exec(rest)?.[0];
    if (length !== undefined) at += length.length + Number(length);
    else if (rest[0] === 'E') {
      at++;
      if (--depth === 0) return at;
    } else if (/^[NIFXJ]/.test(rest)) {
      depth++;
      at++;
    } else at += skipped.exec(rest)?.[0].length ?? 1;
  }
  return text.length;
}
