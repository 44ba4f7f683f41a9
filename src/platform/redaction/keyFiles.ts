import { each, type Finder, matches } from './spans';

const privateKey =
  /-----BEGIN [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----|$)/g;
/** The private part of a key of PuTTY, also where the text was cut before its end. */
const puttyKey = /Private-Lines:[ \t]{0,8}\d{1,4}\s{0,8}((?:(?!Private-(?:MAC|Hash))[\s\S])+)/g;
const end = /-----END [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g;
const base64 = /[\w+/=]/;

/** The lines of Base64 before the end of a key whose beginning was cut off. */
const tail: Finder = function* (text) {
  let past = 0;
  for (const { index } of each(end, text)) {
    let start = index;
    for (let before = lineBreakBefore(text, start); before !== undefined;) {
      start = before;
      while (start > past && base64.test(text[start - 1]!)) start--;
      // The letter of a written line break is one of Base64 too.
      if (text[start - 1] === '\\' && text[start] === 'n') start++;
      before = start === before ? undefined : lineBreakBefore(text, start);
    }
    if (start < index) yield [start, index];
    past = index;
  }
};

/** Where the line break that ends at `at` begins, also one that is written `\n`. */
function lineBreakBefore(text: string, at: number): number | undefined {
  const written = /(?:\r?\n|(?:\\r)?\\n)$/.exec(text.slice(Math.max(0, at - 4), at));
  return written ? at - written[0].length : undefined;
}

/** Private keys in the formats of files. */
export const keyFiles: readonly Finder[] = [matches(privateKey), matches(puttyKey), tail];
