import { randomBytes } from 'node:crypto';
import type { BecomeMethod, BecomeSettings, Host } from '../../inventory/model';
import { shellQuote } from '../../text/shellQuote';

/** How one command becomes another user. */
export interface Becoming {
  readonly user: string;
  readonly method: BecomeMethod;
  /** Whether a password is sent where the host wants one. */
  readonly mayAsk: boolean;
  /** Whose password it is. */
  readonly declaredBy: string | undefined;
}

/** What is said for this command, then what the inventory says for the host. */
export function becomingOf({ become }: Pick<Host, 'become'>, request: BecomeSettings = {}): Becoming {
  const { user = 'root', method = 'sudo', password = 'ask' } = { ...become, ...defined(request) };
  // doas and run0 ask at a terminal, or a service of the desktop.
  const takesPassword = method === 'sudo' || method === 'su';
  return { user, method, mayAsk: takesPassword && password === 'ask', declaredBy: become?.declaredBy };
}

function defined(settings: BecomeSettings): BecomeSettings {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

/** Texts that nobody else can know, by which its output is told from that of what asks for the password. */
export interface BecomeMarks {
  /** What the question for the password begins with. */
  readonly mark: string;
  /** All of the question. */
  readonly prompt: string;
  /** Is written to standard error when the command begins as the other user. */
  readonly begun: string;
}

export function newMarks(method: BecomeMethod): BecomeMarks {
  const random = (name: string) => `[muster ${name} ${randomBytes(16).toString('hex')}]`;
  const mark = random('password');
  // `su` takes no prompt: its own follows the mark directly.
  return { mark, prompt: method === 'su' ? `${mark}Password: ` : mark, begun: random('begun') };
}

/** Messages are English, by which they are known; the locale of the command itself is as it was. */
const outer = 'exec env LC_ALL=C "$@" "$LC_ALL"';
/** The mark of the beginning comes in two halves: sudo repeats all words of a command that it does not allow. */
const inner =
  '[ "$LC_ALL" != C ] || LC_ALL=$4; [ -n "$LC_ALL" ] || unset LC_ALL; printf %s%s "$1" "$2" >&2; exec sh -c "$3"';

/** What is put around a command, as sudo repeats it. */
export const wrapping = /\[ "\$LC_ALL" != C \].* sh \[muster begun \w+ \w+\] /g;

/** The line for the login shell, whichever that is, that runs `command` with sh as the other user. */
export function becomeCommand(
  command: string | undefined,
  { method, user, mayAsk }: Becoming,
  { mark, prompt, begun }: BecomeMarks,
): string {
  const middle = begun.length / 2;
  const run = ['sh', begun.slice(0, middle), begun.slice(middle), command ?? 'exec sh'];
  const shell = ['sh', '-c', inner, ...run];
  const words: Record<BecomeMethod, readonly string[]> = {
    sudo: ['sudo', '-H', ...(mayAsk ? ['-S', '-p', prompt] : ['-n']), '-u', user, '--', ...shell],
    doas: ['doas', '-n', '-u', user, '--', ...shell],
    su: ['su', '-s', '/bin/sh', '-c', inner, '--', user, ...run],
    run0: ['run0', '--no-ask-password', `--user=${user}`, '--', ...shell],
  };
  const before = method === 'su' ? `printf %s ${shellQuote(mark)} >&2; ` : '';
  return ['sh', '-c', before + outer, 'sh', ...words[method]].map(shellQuote).join(' ');
}
