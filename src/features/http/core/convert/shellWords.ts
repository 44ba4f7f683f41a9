import { MusterError } from '../../../../platform/errors/errors';
import { t } from '../../../../platform/l10n/l10n';

const escapes: Readonly<Record<string, string>> = {
  ...{ n: '\n', r: '\r', t: '\t', a: '\x07', b: '\b', e: '\x1b', E: '\x1b', f: '\f', v: '\v' },
};

/** Blanks, a continued line, a comment, or a piece of a word: in `''`, `""` or `$''`, escaped, or as it is. */
const piece =
  /(?<blank>(?:[ \t\r\n]|\\\r?\n)+)|'(?<single>[^']*)'|"(?<double>(?:[^"\\]|\\[^])*)"|\$'(?<ansi>(?:[^'\\]|\\[^])*)'|\\(?<escaped>[^])|(?<plain>[^\s'"\\$`;|&<>()]+|\$(?![\w({'"]))/y;

/** The words of one simple command of sh, as browsers copy them. @throws MusterError USAGE for what a shell would work out */
export function shellWords(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  const text = line.trim();
  piece.lastIndex = 0;
  while (piece.lastIndex < text.length) {
    const at = piece.lastIndex;
    const found = piece.exec(text)?.groups;
    if (!found || /[$`]/.test(unescapedOf(found.double ?? '')))
      throw new MusterError(
        'USAGE',
        t('what stands at {0} of the command is for a shell to work out', at + 1),
      );
    if (found.blank !== undefined) {
      if (word !== undefined) words.push(word);
      word = undefined;
      continue;
    }
    const { single, double, ansi, escaped, plain } = found;
    word =
      (word ?? '') +
      (single ??
        double?.replace(/\\(?:\r?\n|([$`"\\]))/g, '$1') ??
        (ansi === undefined ? (escaped ?? plain ?? '') : unescaped(ansi)));
  }
  if (word !== undefined) words.push(word);
  return words;
}

function unescapedOf(text: string): string {
  return text.replace(/\\[^]/g, '');
}

/** What `$'…'` stands for. */
function unescaped(text: string): string {
  return text.replace(
    /\\(?:x([\da-f]{1,2})|u([\da-f]{1,4})|U([\da-f]{1,6})|([0-7]{1,3})|([^]))/gi,
    (_, hex?: string, short?: string, long?: string, octal?: string, other?: string) => {
      const digits = hex ?? short ?? long;
      const code =
        digits !== undefined ? parseInt(digits, 16) : octal !== undefined ? parseInt(octal, 8) : undefined;
      if (code !== undefined) return code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
      return escapes[other!] ?? other!;
    },
  );
}
