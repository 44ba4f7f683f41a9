import type { Logger } from './host';

/** What stands in the place of a secret. */
export const hidden = '•••';

/** Names of parameters and variables whose values are secrets. */
const secretName =
  /token|secret|passw|pwd|api[-_]?key|access[-_]?key|signature|credential|session|jwt|^(?:key|sig|code|pass|auth)$/i;

/** Names of headers whose values log somebody in. */
const credentialHeader =
  '(?:proxy-)?authori[sz]ation|(?:set-)?cookie2?|x-[a-z\\d-]*(?:key|token|secret|auth|session)[a-z\\d-]*|(?:api|access|auth)[-_]?(?:key|token)|private-token';
const credentialHeaderName = new RegExp(`^(?:${credentialHeader})$`, 'i');

const rules: readonly [RegExp, (...found: string[]) => string][] = [
  // https://user:password@host, with one slash where it was taken for a path; a user alone may be a token, but for SSH.
  [
    /(?<![a-z\d+.-])([a-z][a-z\d+.-]+:\/\/?)([^\s/?#"'<>]*)@/gi,
    (_, scheme, user) =>
      /^(?:ssh|sftp):/i.test(scheme)
        ? `${scheme}${user.replace(/:.*/, `:${hidden}`)}@`
        : `${scheme}${hidden}@`,
  ],
  // https://user:pass/word@host, which is no URL: a slash in the password, where a port would be
  [
    /(?<![a-z\d+.-])([a-z][a-z\d+.-]+:\/\/?)[^\s/?#"'<>@:]+:(?!\d{1,5}[/?#])[^\s/?#"'<>@]*[/?#][^\s"'<>]{0,2000}@/gi,
    (_, scheme) => `${scheme}${hidden}@`,
  ],
  // ?access_token=…, also behind a #
  [
    /([?&;#])([\w.%~[\]-]{1,100})=([^&\s"'<>#;]+)/g,
    (whole, mark, name) => (secretName.test(decoded(name)) ? `${mark}${name}=${hidden}` : whole),
  ],
  // Authorization: Bearer …, as a header, in JSON, or of curl
  [
    new RegExp(`\\b(${credentialHeader})(["']?[ \\t]*[:=][ \\t]*["']?)[^"'\\r\\n]+`, 'gi'),
    (_, name, mark) => `${name}${mark}${hidden}`,
  ],
  [
    /\b(bearer|basic|negotiate)[ \t]+(?=[\w+/.~-]*(?:[\d=+/_]|\.\w))[\w+/=.~-]{6,}/gi,
    (_, scheme) => `${scheme} ${hidden}`,
  ],
  // --proxy-auth user:password, sshpass -p …, PGPASSWORD=…
  [
    /(--?(?:proxy-(?:auth|user)|password|passwd|token|secret|api-key)(?:=|[ \t]+))[^\s"'$]+/gi,
    (_, option) => `${option}${hidden}`,
  ],
  [/(\bsshpass[ \t]+-p[ \t]*)\S+/g, (_, option) => `${option}${hidden}`],
  [
    /(\b[A-Z\d_]{0,64}(?:PASSWORD|PASSWD|TOKEN|SECRET|API_?KEY)[A-Z\d_]{0,64}=)[^\s"'$&]+/g,
    (_, name) => `${name}${hidden}`,
  ],
  // Well-known forms of keys
  [
    /\b(?:AKIA[A-Z\d]{16}|gh[pousr]_\w{20,}|xox[abpr]-[\w-]{10,}|eyJ[\w-]{10,2000}\.[\w-]{10,}(?:\.[\w-]+)?)/g,
    () => hidden,
  ],
];

/**
 * The text without what logs somebody in: users and passwords in URLs, tokens in their query strings, headers with
 * credentials, and keys of well-known forms. Whatever is shown, kept, logged or told passes here; what a host printed
 * does not, as it is what was asked for.
 */
export function withoutCredentials(text: string): string {
  // Nearly nothing has any of these.
  if (!/[:=]|(?:bearer|basic|negotiate) |sshpass|--|AKIA|gh[pousr]_|xox/i.test(text)) return text;
  return rules.reduce((cleaned, [expression, replace]) => cleaned.replace(expression, replace), text);
}

/** The same for every text in a value. */
export function valueWithoutCredentials<Value>(value: Value): Value {
  if (typeof value === 'string') return withoutCredentials(value) as Value;
  if (Array.isArray(value)) return value.map(valueWithoutCredentials) as Value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, valueWithoutCredentials(one)]),
  ) as Value;
}

/** Whether the value of a header logs somebody in. */
export function isCredentialHeader(name: string): boolean {
  return credentialHeaderName.test(name);
}

/** The secrets in a request that the answer might repeat, whatever is around them. */
export function secretsOf(url: URL, headers: ReadonlyMap<string, string>): string[] {
  const secrets = [url.username, url.password].map(decoded);
  for (const [name, value] of url.searchParams) if (secretName.test(name)) secrets.push(value);
  for (const [name, value] of headers)
    if (isCredentialHeader(name)) secrets.push(value, ...value.split(/[\s;,]+/).flatMap(withoutName));
  return secrets;
}

/** A part of a header, and of `sid=…` the value; the name of a scheme is no secret. */
function withoutName(part: string): string[] {
  if (/^(?:bearer|basic|digest|negotiate|token|apikey)$/i.test(part)) return [];
  return [part, part.slice(part.indexOf('=') + 1)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** UTF-16 units below which a secret is not looked for: it would turn up in every text. */
const shortest = 4;

/** Takes known secrets out of text, and what `withoutCredentials` does. */
export class Redactor {
  private readonly forms = new Set<string>();

  constructor(secrets: readonly string[] = []) {
    for (const secret of secrets) if (secret.length >= shortest) this.add(secret);
  }

  /** Remembers a secret in the forms in which it may turn up in a message. */
  add(secret: string): void {
    if (secret === '') return;
    this.forms.add(secret);
    this.forms.add(JSON.stringify(secret).slice(1, -1));
    this.forms.add(encodeURIComponent(secret));
    this.forms.add(Buffer.from(secret).toString('base64'));
  }

  redact(text: string): string {
    // The longest first: one secret may be part of another.
    const forms = [...this.forms].sort((a, b) => b.length - a.length);
    return forms.reduce((redacted, form) => redacted.replaceAll(form, hidden), withoutCredentials(text));
  }
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
