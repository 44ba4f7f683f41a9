import { homedir, hostname, userInfo } from 'node:os';
import path from 'node:path';
import { MusterError } from '../errors';
import { t } from '../l10n';
import { printable } from '../printable';

/** What OpenSSH's `%` tokens stand for, see ssh_config(5), "TOKENS". */
export interface TokenValues {
  /** The name given, `%n`. */
  alias: string;
  /** The name or address connected to, `%h`. */
  host: string;
  port?: number;
  /** The remote user, `%r`. */
  user?: string;
}

/** The user that runs Muster; some environments have none. */
export function localUser(): string {
  try {
    return userInfo().username;
  } catch {
    return process.env.USER ?? process.env.USERNAME ?? '';
  }
}

function expandTokens(text: string, { alias, host, port = 22, user = localUser() }: TokenValues): string {
  const values: Record<string, () => string> = {
    '%': () => '%',
    n: () => alias,
    h: () => host,
    p: () => String(port),
    r: () => user,
    u: localUser,
    d: homedir,
    l: hostname,
    L: () => hostname().split('.')[0]!,
    i: () => String(process.getuid?.() ?? ''),
  };
  return text.replace(/%(.)/g, (token, letter: string) => values[letter]?.() ?? token);
}

/**
 * A command line with its tokens expanded.
 * @throws MusterError INVENTORY when a name would mean something else to a shell, as OpenSSH refuses since 9.6
 */
export function expandCommand(command: string, values: TokenValues): string {
  for (const name of [values.alias, values.host, values.user ?? '']) {
    if (!/^-|[\s'"`$\\;&<>|(){}]/.test(name)) continue;
    throw new MusterError('INVENTORY', t('not fit for a command line: {0}', printable(name)), {
      phase: 'connect',
      hint: t('Host and user names in commands may hold no spaces, quotes or other signs of the shell.'),
    });
  }
  return expandTokens(command, values);
}

/** A path with `~`, `${VARIABLE}` and tokens expanded. */
export function expandPath(text: string, values: TokenValues): string {
  const expanded = expandTokens(text, values).replace(
    /\$\{(\w+)\}/g,
    (_, name: string) => process.env[name] ?? '',
  );
  return /^~(?=$|[/\\])/.test(expanded) ? path.join(homedir(), expanded.slice(1)) : expanded;
}
