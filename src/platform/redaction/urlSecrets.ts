import { isSecretParameter } from './secretNames';
import { each, type Finder } from './spans';

const scheme = /(?<![a-z\d+.-])([a-z][a-z\d+.-]{0,30}):\/\/?/gi;
const authority = /[^\s/?#"'<>]*/y;
const word = /[^\s"'<>]*/y;
const parameter = /[?&;#]([\w.%~[\]-]{1,100})=([^&\s"'<>#;]+)/g;

/** Schemes whose user alone is often a token. */
const tokenIsUser = /^(?:(?:[a-z\d]{1,20}\+)?https?|wss?|nats|rediss?)$/i;
/** What follows the `@` of an image. */
const isDigest = /^(?:sha\d{1,3}|blake3):/i;

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
      const colon = user.indexOf(':');
      if (isDigest.test(host.slice(at + 1, at + 12))) continue;
      if (/^(?:ssh|sftp)$/i.test(match[1]!)) {
        if (colon >= 0) yield [start + colon + 1, start + at];
      } else if (colon >= 0 || tokenIsUser.test(match[1]!)) yield [start, start + at];
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

/** A part of a word that may have a user, a password and a host. */
const segment = /[^\s"'<>“”‘’«»`/]+/g;
/** What is written before an address or a package, not before a password. */
const noUser =
  /^(?:mailto|e-?mail|mail|sips?|xmpp|acct|ssh|sftp|scp|npm|workspace|jsr|from|to|cc|by|author|owner|maintainer)$/i;
/** A time, a line of a file or a port, a namespace, a path of Windows, a query behind a port. */
const noPassword = /^(?:[\d:.]*$|\d{1,5}[:?#]|[:\\])/;

/** Passwords of `user:password@host` without a scheme, as in the address of a host; one with a slash stays. */
export const bareUserInfo: Finder = function* (text) {
  for (const { index, 0: part } of each(segment, text)) {
    const lastAt = part.lastIndexOf('@');
    if (lastAt < 0 || !/^[\p{L}\p{N}_[]/u.test(part.slice(lastAt + 1, lastAt + 3))) continue;
    if (isDigest.test(part.slice(lastAt + 1, lastAt + 12))) continue;
    for (let start = 0, colon = part.indexOf(':'); colon >= 0 && colon < lastAt;) {
      // With an `@` before the colon, that is one of a port or a path.
      const at = part.indexOf('@', start);
      if (at < colon) {
        start = part.indexOf(',', colon) + 1;
        if (start === 0) break;
        colon = part.indexOf(':', start);
        continue;
      }
      const user = /[\p{L}\p{N}_.+%-]*$/u.exec(part.slice(Math.max(0, colon - 64), colon))![0];
      const password = part.slice(colon + 1, lastAt);
      if (user !== '' && !noUser.test(user) && !noPassword.test(password))
        yield [index + colon + 1, index + lastAt];
      break;
    }
  }
};

/** Parameters of a query, also behind a `#`: `?access_token=…`. */
export const parameters: Finder = function* (text) {
  for (const { index, 0: whole, 1: name, 2: value } of each(parameter, text))
    if (isSecretParameter(decoded(name!), decoded(value!)))
      yield [index + whole.length - value!.length, index + whole.length];
};

export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
