import { MusterError } from '../../../platform/errors/errors';
import { t } from '../../../platform/l10n/l10n';
import type { BecomeSettings } from '../../../platform/inventory/model';
import { shellQuote } from '../../../platform/text/shellQuote';
import { type TraceContext, traceparentOf } from '../../../platform/operation/traceContext';

/** What to run on each host. */
export interface RunRequest {
  /** Words of a command line; a single one is a shell command line as it is, several are quoted. */
  command?: readonly string[];
  /** The text of a script, sent over standard input to the interpreter that its first line names. */
  script?: string;
  env?: Readonly<Record<string, string>>;
  /** Run as root through `sudo -n`, which fails instead of asking for a password. */
  sudo?: boolean;
  /** Run as another user, with a password where the host wants one; what is left out is as the inventory says. */
  become?: BecomeSettings;
  /** Set TRACEPARENT in the command line itself, which needs a POSIX shell. */
  traceInline?: boolean;
}

/** The one command line that the login shell of the host is given. @throws MusterError USAGE */
export function remoteCommand(request: RunRequest, trace?: TraceContext): string {
  if (request.sudo && request.become)
    throw new MusterError('USAGE', t('give either sudo or become: sudo is become without a password'));
  const given =
    request.script === undefined
      ? commandOf(request.command ?? [])
      : interpreterOf(request.script).map(shellQuote).join(' ');
  const commandLine =
    request.traceInline && trace ? `export TRACEPARENT=${traceparentOf(trace)}; ${given}` : given;
  const env = Object.entries(request.env ?? {});
  for (const [name] of env) {
    if (!/^[A-Za-z_]\w*$/.test(name))
      throw new MusterError('USAGE', t('"{0}" cannot name an environment variable', name));
  }
  // The login shell may be csh or fish, so what needs a POSIX shell is given to sh.
  const prefix = [
    ...(request.sudo ? ['sudo', '-n', '--'] : []),
    ...(env.length > 0 ? ['env', ...env.map(([name, value]) => `${name}=${value}`)] : []),
  ];
  if (prefix.length === 0) return commandLine;
  return [...prefix, 'sh', '-c', commandLine].map(shellQuote).join(' ');
}

function commandOf(words: readonly string[]): string {
  const commandLine = words.length === 1 ? words[0]! : words.map(shellQuote).join(' ');
  if (commandLine.trim() === '') throw new MusterError('USAGE', t('there is no command to run'));
  if (commandLine.includes('\0')) throw new MusterError('USAGE', t('a command cannot hold a NUL byte'));
  return commandLine;
}

/** Words that start the script's interpreter reading from standard input; `sh` when no first line names one. */
function interpreterOf(script: string): string[] {
  const shebang = /^#!\s*(\S.*?)\s*$/m.exec(script.slice(0, 256).split('\n', 1)[0] ?? '');
  if (!shebang) return ['sh', '-s'];
  const [program = 'sh', ...rest] = shebang[1]!.split(/\s+/);
  const words = program.endsWith('/env') ? rest.filter((word) => word !== '-S') : [program, ...rest];
  const interpreter = words[0]?.split('/').at(-1) ?? '';
  return [...words, /^(ba|da|k|z|a)?sh$/.test(interpreter) ? '-s' : '-'];
}
