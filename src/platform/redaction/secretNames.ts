/** Names of headers whose values log somebody in. Each repetition is bounded: the name may be anybody's. */
const credentialHeader = new RegExp(
  `^(?:${[
    '(?:proxy-)?authori[sz]ation|(?:set-)?cookie2?|token',
    'x-[a-z\\d-]{0,64}(?:key|token|secret|auth|session|password|signature)[a-z\\d-]{0,64}',
    '(?:[a-z\\d]{1,32}-){1,6}(?:token|secret|password)',
    '(?:[a-z\\d]{1,32}[-_]){0,6}(?:api|access|auth|subscription)[-_]?(?:key|token)',
  ].join('|')})$`,
  'i',
);

/** Whether the value of a header logs somebody in. */
export function isCredentialHeader(name: string): boolean {
  return name.length <= 200 && credentialHeader.test(name);
}

/** Names of parameters of a query whose values are secrets. */
const secretParameter =
  /token|secret|passw|pwd|(?:api|access|account|subscription)[-_]?key|signature|credential|jwt|^(?:sig|sign|sas|pass|auth|psk|pin|otp|assertion|bearer)$/i;
/** Names that also stand for a status, a field to sort by or a number. */
const ambiguousParameter = /session|^(?:key|code)$/i;
/** A value with a digit that is longer than a status or a number of a list, or that is longer than a word. */
const looksIssued = /^(?=[^\d]*\d)\S{6}|^\S{20}/;

/** Whether the value of a parameter in a URL is a secret. */
export function isSecretParameter(name: string, value: string): boolean {
  return secretParameter.test(name) || (ambiguousParameter.test(name) && looksIssued.test(value));
}

/** How sure a name is that its value is a secret, or neither. */
export type KeyKind = 'password' | 'token' | undefined;

const passwordKey = /(?:password|passwd|passphrase|requirepass|masterauth|bindpw|(?<=[_.-])(?:pwd|pass))s?$/i;
const tokenKey =
  /(?:token|secret|credentials?|authorization|(?:api|access|account|auth|private|secret|shared|signing|encryption|master|client|subscription)[_.-]?key)$/i;
// Apart, as V8 takes milliseconds to compile other scripts where upper and lower case are the same.
const passwordWord = /(?:密码|密碼|口令|パスワード)[sS]?$/;
const tokenWord = /(?:密钥|密鑰|令牌)$/;
/** Variables that hold secrets say so anywhere in their names. */
const secretVariable =
  /^[A-Z\d_]*(?:PASSWORD|PASSWD|_PWD|SSHPASS|TOKEN|SECRET|(?:API|ACCESS)_?KEY)[A-Z\d_]*$/;

/** What the name of a setting, a variable or a key of an object says of its value. */
export function keyKind(name: string): KeyKind {
  if (passwordKey.test(name) || passwordWord.test(name)) return 'password';
  return [tokenKey, secretVariable, tokenWord].some((token) => token.test(name)) ? 'token' : undefined;
}
