import { MusterError } from '../../errors/errors';
import { t, text } from '../../l10n/l10n';
import { printable } from '../../text/printable';
import { type Becoming, wrapping } from './becomeCommand';

/** What a program says when it has not become the user, why that is, and what to do. */
type Known = readonly [said: RegExp, message: string, hint: string];

const wantsPassword = [
  text('{0} wants a password'),
  text('Set become.password to “ask”, or allow the user to become {1} without one.'),
] as const;
/** It asks at a terminal or a desktop, which there is none of. */
const wantsPerson = [
  text('{0} wants a password'),
  text('Muster cannot give it to {0}: allow the user to become {1} without one, or use sudo or su.'),
] as const;
const mayNot = [
  text('{0} does not allow the user to become {1}'),
  text('Allow the user to run sh as {1} (sudoers, doas.conf or PAM of the host), or log in as another user.'),
] as const;
const noUser = [
  text('the host has no user {1}'),
  text('Check become.user (--become-user): it is a user of the host.'),
] as const;
const expired = [
  text('an account on the host is locked or expired'),
  text('Have the account unlocked, or its password renewed, on the host.'),
] as const;
const wrong = [
  text('{0} refused the password'),
  text('It was sent once. It is the password of the user who logs in; of {1} with su.'),
] as const;

/** In the order of what is looked for first. */
const known: readonly Known[] = [
  [
    /^sudo: (?:sorry, you must have a tty to run sudo|no tty present and no askpass program specified)/m,
    text('{0} runs nothing without a terminal (requiretty)'),
    text('Take requiretty out of sudoers for this user: “Defaults:USER !requiretty”.'),
  ],
  [/^sudo: \d+ incorrect password attempts?$/m, ...wrong],
  [/^su: Authentication failure$/m, ...wrong],
  [/^sudo: .*\b(?:account validation failure|Account or password is expired|account expired)/im, ...expired],
  [
    /^(?:sudo|su): (?:User account has expired|Authentication token is no longer valid.*|Account locked.*)$/m,
    ...expired,
  ],
  [/^(?:sudo|su): (?:a password is required|interactive authentication is required)$/m, ...wantsPassword],
  [/^sudo: timed out reading password$/m, ...wantsPassword],
  [/^doas: (?:Authentication required|a tty is required)$/m, ...wantsPerson],
  [/^sudo: (?:unknown user:?|user .* not found)/m, ...noUser],
  [/^su: user .* does not exist/m, ...noUser],
  [/^doas: unknown user$/m, ...noUser],
  [/ is not in the sudoers file\b|^sudo: I'm sorry .* I'm afraid I can't do that$/m, ...mayNot],
  [
    /^(?:Sorry, user .* is not allowed to execute|sudo: .* may not run sudo\b|Sorry, user .* may not run sudo\b)/m,
    ...mayNot,
  ],
  [/^(?:doas: Operation not permitted|su: Permission denied)$/m, ...mayNot],
];

/** Exit status of a shell, and of `env`, that finds no such program. */
const notFound = 127;

/** Why the command did not begin as the other user, by what was said: its own words where that is not certain. */
export function becomeError(
  host: string,
  { method, user }: Becoming,
  said: string,
  exitCode: number | null,
  secret?: string,
): MusterError {
  const words = spoken(said, secret);
  const fail = (message: string, hint: string) =>
    new MusterError('BECOME_REFUSED', t(message, method, user) + (words === '' ? '' : `: ${words}`), {
      ...{ host, phase: 'become', hint: t(hint, method, user) },
    });
  if (exitCode === notFound && new RegExp(`\\b${method}\\b.*(?:not found|No such file)`).test(said))
    return fail(
      text('the host has no {0}'),
      text('Install it on the host, or name another way: become.method (--become-method).'),
    );
  const [, message, hint] = known.find(([pattern]) => pattern.test(said)) ?? [];
  if (message !== undefined && hint !== undefined) return fail(message, hint);
  return fail(
    text('{0} did not become {1}'),
    text('Try the same on the host: “{0}” as the user who logs in.'),
  );
}

/** Whether it says that the password was wrong. */
export function isPasswordRefused(said: string): boolean {
  return known.some(([pattern, message]) => message === wrong[0] && pattern.test(said));
}

export function passwordRefused(host: string, { method, user }: Becoming): MusterError {
  const [message, hint] = wrong;
  return new MusterError('BECOME_REFUSED', t(message, method, user), {
    ...{ host, phase: 'become', hint: t(hint, method, user) },
  });
}

/** The host's words as one line, without the password: whoever was given it may repeat it. */
export function spoken(said: string, secret?: string): string {
  const hide = (text: string) => (secret ? text.replaceAll(secret, '…') : text);
  const last = said.trim().split('\n').slice(-4).join(' ').replace(wrapping, '');
  // Once more when what may stand between its characters is gone.
  return printable(hide(printable(hide(last), 4_096)), 300);
}
