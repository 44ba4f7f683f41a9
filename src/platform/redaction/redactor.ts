import type { Logger } from '../host/host';
import { isCredentialHeader, isSecretParameter } from './secretNames';
import { hidden } from './spans';
import { decoded } from './urlSecrets';
import { credentialsIn, withoutCredentials } from './withoutCredentials';

/** UTF-16 units below which a secret is not looked for: it would turn up in every text. */
const shortest = 4;
/** What `printable` ends a text with that it has cut. */
const cut = '…';

/** Takes secrets out of text that their owners have made known, and what `withoutCredentials` takes out. */
export class Redactor {
  private forms: string[] = [];

  constructor(secrets: readonly string[] = []) {
    for (const secret of secrets) if (secret.length >= shortest) this.add(secret);
  }

  /** Remembers a secret in the forms in which it may turn up in a message. */
  add(secret: string): void {
    if (secret === '') return;
    // The longest first: one secret may be part of another.
    this.forms = [...new Set([...this.forms, ...formsOf(secret)])].sort((a, b) => b.length - a.length);
  }

  redact(text: string): string {
    return this.redactKnown(withoutCredentials(text));
  }

  /** Only what was made known: of what people asked for, nothing is hidden for looking like a secret. */
  redactKnown(text: string): string {
    const redacted = this.forms.reduce((known, form) => known.replaceAll(form, hidden), text);
    return redacted.includes(cut) ? redacted.split(cut).map(this.withoutBeginning).join(cut) : redacted;
  }

  /** A quote may have been cut within a secret. */
  private readonly withoutBeginning = (text: string, index: number, parts: readonly string[]): string => {
    if (index === parts.length - 1) return text;
    const begun = Math.max(...this.forms.map((form) => overlap(text, form)));
    return begun < 2 ? text : text.slice(0, -begun) + hidden;
  };
}

/** UTF-16 units at the end of `text` with which `form` begins. */
function overlap(text: string, form: string): number {
  let length = Math.min(text.length, form.length - 1);
  while (length > 0 && !text.endsWith(form.slice(0, length))) length--;
  return length;
}

function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    bytes.toString('base64'),
    ...[0, 1, 2].map((offset) => insideBase64(bytes, offset)).filter((form) => form.length >= 2 * shortest),
  ];
}

/** The part of Base64 that the bytes alone decide, where so many bytes more than a multiple of three are before them. */
function insideBase64(bytes: Buffer, offset: number): string {
  const whole = Buffer.concat([Buffer.alloc(offset), bytes])
    .toString('base64')
    .replace(/=+$/, '');
  return whole.slice(
    offset === 0 ? 0 : offset + 1,
    whole.length - ((bytes.length + offset) % 3 === 0 ? 0 : 1),
  );
}

/** The secrets in a request that the answer might repeat, whatever is around them. */
export function secretsOf(url: URL, headers: ReadonlyMap<string, string>, body = ''): string[] {
  const secrets = [url.username, url.password].map(decoded);
  for (const [name, value] of url.searchParams) if (isSecretParameter(name, value)) secrets.push(value);
  for (const [name, value] of headers)
    if (isCredentialHeader(name)) secrets.push(value, ...value.split(/[\s;,]+/).flatMap(withoutName));
  for (const found of credentialsIn(body)) {
    const texts = found.match(/"(?:[^"\\]|\\.)+"/g)?.map((text) => text.slice(1, -1)) ?? [];
    for (const secret of [found, ...texts])
      secrets.push(secret, decoded(secret.replaceAll('+', ' ')), secret.replace(/\\(.)/g, '$1'));
  }
  return secrets;
}

/** A part of a header, and of `sid=…` the value; the name of a scheme is not a secret. */
function withoutName(part: string): string[] {
  if (/^(?:bearer|basic|digest|negotiate|token|apikey)$/i.test(part)) return [];
  return [part, part.slice(part.indexOf('=') + 1)];
}

/** A logger without the secrets that `redactor` knows. */
export function redactingLogger(logger: Logger, redactor: Redactor): Logger {
  return {
    debug: (message) => logger.debug(redactor.redact(message)),
    info: (message) => logger.info(redactor.redact(message)),
    warn: (message) => logger.warn(redactor.redact(message)),
    error: (message) => logger.error(redactor.redact(message)),
  };
}
