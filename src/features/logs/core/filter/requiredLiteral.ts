/**
 * A text that every match of the expression holds, for looking for it first; undefined if none is certain. Reads what
 * stands plainly outside of groups, classes and alternatives.
 */
export function requiredLiteral(pattern: string): string | undefined {
  let best = '';
  let run = '';
  const end = () => {
    if (run.length > best.length) best = run;
    run = '';
  };
  let depth = 0;
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at]!;
    if (character === '\\') {
      const next = pattern[++at];
      if (next === undefined || next === 'Q') return undefined;
      // `\.` is a point; `\d`, `\b`, `\x41` and `\pL` are something else.
      if (depth === 0 && !/[A-Za-z0-9]/.test(next)) run += next;
      else {
        end();
        if (depth === 0 && /[pPx]/.test(next)) return best || undefined;
      }
    } else if (character === '[') {
      end();
      at = classEnd(pattern, at);
    } else if (character === '(') {
      end();
      // Flags change what the letters mean.
      if (/^\(\?[a-zA-Z]/.test(pattern.slice(at)) && !/^\(\?P?</.test(pattern.slice(at))) return undefined;
      depth++;
    } else if (character === ')') depth--;
    else if (depth > 0) continue;
    else if (character === '|') return undefined;
    else if ('*?{'.includes(character)) {
      // What it may leave out is not certain.
      run = withoutLast(run);
      end();
      if (character === '{') at = Math.max(at, pattern.indexOf('}', at));
    } else if ('+.^$'.includes(character)) end();
    else run += character;
  }
  end();
  return best.length > 1 ? best : undefined;
}

function withoutLast(run: string): string {
  return [...run].slice(0, -1).join('');
}

function classEnd(pattern: string, at: number): number {
  at++;
  if (pattern[at] === '^') at++;
  if (pattern[at] === ']') at++;
  for (; at < pattern.length && pattern[at] !== ']'; at++) {
    if (pattern[at] === '\\') at++;
    else if (pattern.startsWith('[:', at)) at = Math.max(at, pattern.indexOf(':]', at) + 1);
  }
  return at;
}
