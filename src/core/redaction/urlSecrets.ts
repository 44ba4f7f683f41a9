import { isSecretParameter } from './secretNames';
import { each, type Finder } from './spans';

const scheme = /(?<![a-z\d+.-])([a-z][a-z\d+.-]{0,30}):\/\/?/gi;
const authority = /[^\s/?#"'<>]*/y;
const word = /[^\s"'<>]*/y;
const parameter = /[?&;#]([\w.%~[\]-]{1,100})=([^&\s"'<>#;]+)/g;

/** Users and passwords of URLs: `https://user:password@host`, with one slash where it was taken for a path. */
export const userInfo: Finder = function* (text) {
  let past = 0;
  /** The end of the word that was looked at last, and its last `@`. */
  let wordEnd = 0;
  let lastAt = -1;
  for (const match of each(scheme, text)) {
    const start = match.index + match[0].length;
    if (start < past) continue;
    authority.lastIndex = start;
    const host = authority.exec(text)![0];
    past = start + host.length;
    const at = host.lastIndexOf('@');
    if (at >= 0) {
      const user = host.slice(0, at);
      // A user alone may be a token, but for SSH.
      const colon = user.indexOf(':');
      const isSsh = /^(?:ssh|sftp)$/i.test(match[1]!);
      if (!isSsh) yield [start, start + at];
      else if (colon >= 0) yield [start + colon + 1, start + at];
    } else if (isNoPort(host, text[past])) {
      // `user:pass/word@host`: a slash in the password, where a port would be.
      if (start >= wordEnd) {
        word.lastIndex = start;
        wordEnd = start + word.exec(text)![0].length;
        lastAt = start + text.slice(start, wordEnd).lastIndexOf('@');
      }
      if (lastAt <= past) continue;
      yield [start, lastAt];
      past = lastAt;
    }
  }
};

/** Whether what follows the colon of an authority without a user cannot be a port. */
function isNoPort(host: string, next: string | undefined): boolean {
  const colon = host.indexOf(':');
  return colon > 0 && next !== undefined && '/?#'.includes(next) && !/^\d{1,5}$/.test(host.slice(colon + 1));
}

/** Parameters of a query, also behind a `#`: `?access_token=…`. */
export const parameters: Finder = function* (text) {
  for (const { index, 0: whole, 1: name, 2: value } of each(parameter, text))
    if (isSecretParameter(decoded(name!))) yield [index + whole.length - value!.length, index + whole.length];
};

export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
