const secretWord =
  '(?:pass(?:word|wd|phrase)?|pwd|secret|token|api[-_]?key|access[-_]?key|private[-_]?key|credentials?)';

const patterns = [
  // PGPASSWORD=x, db_password: x, "token": "x"
  new RegExp(`${secretWord}["']?\\s*[=:]\\s*["']?[^\\s"'$]`, 'i'),
  // --token x, --password=x, -password x
  new RegExp(`(?:^|\\s)--?[\\w-]*${secretWord}(?:[\\s=]+)["']?[^\\s"'$-]`, 'i'),
  // Authorization: Bearer x
  /\b(?:bearer|basic)\s+[\w+/=.~-]{8,}/i,
  // https://user:password@host
  /\b[a-z][a-z\d+.-]*:\/\/[^\s/:@]+:[^\s/@$]+@/i,
  // mysql -pPASSWORD, sshpass -p x, curl -u user:x
  /\bmysql\w*\s(?:.*\s)?-p\S/,
  /\bsshpass\s+-p/,
  /\bcurl\s(?:.*\s)?(?:-u|--user)[\s=]*[^\s:]+:\S/,
  // Well-known forms of keys
  /\b(?:AKIA[A-Z\d]{16}|gh[pousr]_\w{20,}|xox[abpr]-[\w-]{10,}|sk-[\w-]{20,}|eyJ[\w-]{10,}\.[\w-]{10,})/,
  /-----BEGIN [A-Z ]*PRIVATE KEY/,
];

/** Whether a command line looks as if a secret were written in it; `$VARIABLES` are none. */
export function holdsSecret(command: string): boolean {
  return patterns.some((pattern) => pattern.test(command));
}
