import type { Logger } from './host';

/** What stands in the place of a secret. */
export const hidden = '•••';

/** Names of parameters and variables whose values are secrets. */
const secretName =
  /token|secret|passw|pwd|(?:api|access|subscription)[-_]?key|signature|credential|session|jwt|^(?:key|sig|sign|sas|code|pass|auth|psk|pin|otp|assertion|bearer)$/i;

/** Names of headers whose values log somebody in. Each repetition is bounded: the text may be anybody's. */
const credentialHeader = [
  '(?:proxy-)?authori[sz]ation|(?:set-)?cookie2?|token',
  'x-[a-z\\d-]{0,64}(?:key|token|secret|auth|session|password|signature)[a-z\\d-]{0,64}',
  '(?:[a-z\\d]{1,32}-){1,6}(?:token|secret|password)',
  '(?:[a-z\\d]{1,32}[-_]){0,6}(?:api|access|auth|subscription)[-_]?(?:key|token)',
].join('|');
const credentialHeaderName = new RegExp(`^(?:${credentialHeader})$`, 'i');

/** A word, or what stands in quotes. */
const word = `(?:"[^"\\r\\n]*"|'[^'\\r\\n]*'|[^\\s"'$]+)`;

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
    new RegExp(
      `(?<![\\w?&;#-])(${credentialHeader})(["']?[ \\t]{0,8}[:=][ \\t]{0,8}["']?)[^"'\\r\\n]+`,
      'gi',
    ),
    (_, name, mark) => `${name}${mark}${hidden}`,
  ],
  // {"token": "…"}
  [
    /("[\w-]{0,64}(?:token|secret|passw(?:or)?d|passphrase|api_?key)"[ \t]{0,8}:[ \t]{0,8}")[^"\r\n]*/gi,
    (_, name) => `${name}${hidden}`,
  ],
  [
    /\b(bearer|basic|negotiate)[ \t]+(?=[\w+/.~-]*(?:[\d=+/_]|\.\w))[\w+/=.~-]{6,}/gi,
    (_, scheme) => `${scheme} ${hidden}`,
  ],
  // --proxy-auth user:password, sshpass -p …, PGPASSWORD=…
  [
    new RegExp(`(--?(?:proxy-(?:auth|user)|password|passwd|token|secret|api-key)(?:=|[ \\t]+))${word}`, 'gi'),
    (_, option) => `${option}${hidden}`,
  ],
  [
    /((?:--user(?:=|[ \t]+)|\bcurl[^\n|;&]{0,200}[ \t]-u[ \t]*)[^\s"':]{1,100}:)[^\s"']+/g,
    (_, user) => `${user}${hidden}`,
  ],
  [
    /(\b(?:mysql|mysqldump|mariadb)[ \t][^\n|;&]{0,200}-p)(?![ \t])[^\s"']+/g,
    (_, option) => `${option}${hidden}`,
  ],
  [/(\bredis-cli[ \t][^\n|;&]{0,200}-a[ \t]+)\S+/g, (_, option) => `${option}${hidden}`],
  [/(\bsshpass[ \t]+-p[ \t]*)\S+/g, (_, option) => `${option}${hidden}`],
  [
    new RegExp(
      `(\\b[A-Z\\d_]{0,64}(?:PASSWORD|PASSWD|_PWD|SSHPASS|TOKEN|SECRET|(?:API|ACCESS)_?KEY)[A-Z\\d_]{0,64}=)(?:"[^"\\r\\n]*"|'[^'\\r\\n]*'|[^\\s"'$&]+)`,
      'g',
    ),
    (_, name) => `${name}${hidden}`,
  ],
  // Well-known forms of keys
  [
    /(?<![\w-])(?:AKIA[A-Z\d]{16}|gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abpr]-[\w-]{10,}|npm_\w{30,}|hvs\.[\w-]{20,}|sk-ant-[\w-]{16,}|AIza[\w-]{30,}|eyJ[\w-]{10,2000}\.[\w-]{10,}(?:\.[\w-]+)?)/g,
    () => hidden,
  ],
  [
    /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g,
    () => hidden,
  ],
];

/** What one of the rules may be about; nearly no text has any of it. */
const suspicious =
  /[:=]|(?:bearer|basic|negotiate) |sshpass|--|-u |mysql|mariadb|redis-cli|AKIA|gh[pousr]_|github_pat|glpat-|xox|npm_|hvs\.|sk-ant|AIza|eyJ/i;

/**
 * The text without what logs somebody in: users and passwords in URLs, tokens in their query strings, headers with
 * credentials, and keys of well-known forms. Whatever is shown, kept, logged or told passes here; what a host printed
 * does not, as it is what was asked for.
 */
export function withoutCredentials(text: string): string {
  if (!suspicious.test(text)) return text;
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
