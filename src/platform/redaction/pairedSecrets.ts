import { keyKind } from './secretNames';
import { each, type Finder } from './spans';

/** `<db:password>…</`, also in CDATA. */
const element =
  /<(?:[\w.-]{1,64}:)?([\w.-]{1,64})(?:\s[^<>]{0,256})?>\s{0,64}(?:<!\[CDATA\[)?([^<]{1,4096})(?=<\/)/g;
/** `key="Password" value="…"`, `"name": "PASSWORD", "value": "…"`, `name: PASSWORD` and `value: …` on the next line. */
const pair =
  /\b(?:key|name)["']?[ \t]{0,8}[=:][ \t]{0,8}["']?([\w.-]{1,128})["']?[\s,]{1,40}["']?value["']?[ \t]{0,8}[=:][ \t]{0,8}(?:"([^"\r\n]+)|'([^'\r\n]+)|([^\s"',;<>{[$]+))/gi;

/** Values whose names are in elements or attributes of their own. */
export const pairedSecrets: readonly Finder[] = [element, pair].map(
  (expression): Finder =>
    function* (text) {
      for (const { index, 0: whole, 1: name, 2: first, 3: second, 4: third } of each(expression, text)) {
        const value = first ?? second ?? third!;
        if (keyKind(name!) && value.trim() !== '' && !/^[${]/.test(value))
          yield [index + whole.length - value.length, index + whole.length];
      }
    },
);
