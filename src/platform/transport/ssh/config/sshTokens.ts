import { createHash } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import path from 'node:path';
import { homeFolder } from '../../../files/homeFolder';
import { MusterError } from '../../../errors/errors';
import { t } from '../../../l10n/l10n';
import { printable } from '../../../text/printable';

/** What OpenSSH's `%` tokens stand for, see ssh_config(5), "TOKENS". */
export interface TokenValues {
  /** The name given, `%n`. */
  alias: string;
  /** The name or address connected to, `%h`. */
  host: string;
  port?: number;
  /** The remote user, `%r`. */
  user?: string;
  /** `%k`, where it is not the name given. */
  hostKeyAlias?: string | undefined;
  /** The host jumped through last, `%j`. */
  jump?: string;
}

/** The user that runs Muster; some environments have none. */
export function localUser(): string {
  try {
    return userInfo().username;
  } catch {
    return process.env.USER ?? process.env.USERNAME ?? '';
  }
}

function expandTokens(
  text: string,
  { alias, host, port = 22, user = localUser(), hostKeyAlias = alias, jump = '' }: TokenValues,
): string {
  const values: Record<string, () => string> = {
    '%': () => '%',
    n: () => alias,
    h: () => host,
    p: () => String(port),
    r: () => user,
    k: () => hostKeyAlias,
    j: () => jump,
    u: localUser,
    d: homeFolder,
    l: hostname,
    L: () => hostname().split('.')[0]!,
    i: () => String(process.getuid?.() ?? ''),
    C: () => createHash('sha1').update([hostname(), host, port, user, jump].join('')).digest('hex'),
  };
  return text.replace(/%(.)/g, (token, letter: string) => values[letter]?.() ?? token);
}

/**
 * A command line with its tokens expanded.
 * @throws MusterError INVENTORY when a name would mean something else to a shell, as OpenSSH refuses since 9.6
 */
export function expandCommand(command: string, values: TokenValues): string {
  const { alias, host, user = '', hostKeyAlias = alias, jump = '' } = values;
  const names: Record<string, string> = { n: alias, h: host, r: user, k: hostKeyAlias, j: jump };
  for (const [, letter] of command.matchAll(/%(.)/g)) {
    const name = names[letter!] ?? '';
    if (!/^-|[\s'"`$\\;&<>|(){}]/.test(name)) continue;
    throw new MusterError('INVENTORY', t('not fit for a command line: {0}', printable(name)), {
      phase: 'connect',
      hint: t('Host and user names in commands may hold no spaces, quotes or other signs of the shell.'),
    });
  }
  return expandTokens(command, values);
}

/**
 * A path with `~`, `${VARIABLE}` and tokens expanded.
 * @throws MusterError INVENTORY when a variable is not set: the path would be another one
 */
export function expandPath(text: string, values: TokenValues): string {
  const expanded = expandTokens(text, values).replace(/\$\{([^}]+)\}/g, (_, name: string) => {
    const value = process.env[name];
    if (value !== undefined) return value;
    throw new MusterError('INVENTORY', t('the environment variable {0} is not set', printable(name)), {
      phase: 'connect',
      hint: t('Set it where Muster runs, or write the path without it.'),
    });
  });
  return expandHome(expanded);
}

/** A path with a leading `~` expanded. */
export function expandHome(file: string): string {
  return /^~(?=$|[/\\])/.test(file) ? path.join(homeFolder(), file.slice(1)) : file;
}
