import { homedir, hostname, userInfo } from 'node:os';
import path from 'node:path';

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

export function expandTokens(
  text: string,
  { alias, host, port = 22, user = localUser() }: TokenValues,
): string {
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

/** A path with `~`, `${VARIABLE}` and tokens expanded. */
export function expandPath(text: string, values: TokenValues): string {
  const expanded = expandTokens(text, values).replace(
    /\$\{(\w+)\}/g,
    (_, name: string) => process.env[name] ?? '',
  );
  return /^~(?=$|[/\\])/.test(expanded) ? path.join(homedir(), expanded.slice(1)) : expanded;
}
