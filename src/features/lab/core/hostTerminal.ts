import { execFile } from 'node:child_process';
import type { ServerChannel } from 'ssh2';
import { type HostCommand, type HostShell, startHostCommand } from './hostCommand';
import type { Watchdog } from './watchdog';

export interface TerminalSize {
  columns: number;
  rows: number;
}

export interface TerminalRequest extends TerminalSize {
  term: string;
}

/** A shell in a terminal that a client has started. */
export interface HostTerminal extends HostCommand {
  resize(size: TerminalSize): void;
}

const withoutTerminals =
  'Hosts of the lab have terminals where there is the program “script” of util-linux, which is not here.\r\n';

let found: Promise<boolean> | undefined;

/** Whether this machine has what makes terminals for us: other systems' `script` takes other arguments. */
function hasScript(): Promise<boolean> {
  return (found ??= new Promise((resolve) => {
    if (process.platform !== 'linux') return resolve(false);
    execFile('script', ['--version'], (error, stdout) => resolve(!error && stdout.includes('util-linux')));
  }));
}

/** Starts a shell in a terminal and connects it to `channel`, or says there why it cannot. */
export async function startHostTerminal(
  channel: ServerChannel,
  { term, ...size }: TerminalRequest,
  shell: HostShell,
  watchdog: Watchdog,
): Promise<HostTerminal | undefined> {
  if (!(await hasScript())) {
    channel.on('error', () => {});
    channel.end(withoutTerminals, () => channel.exit(1));
    return undefined;
  }
  let latest = size;
  let device: string | undefined;
  const apply = () => {
    if (device === undefined) return;
    execFile('stty', ['-F', device, ...sizeArguments(latest)], () => {
      // The shell may have ended in the meantime.
    });
  };
  // The name of the terminal comes on descriptor 3.
  const inner = [
    `stty sane ${sizeArguments(size).join(' ')}`,
    'tty >&3',
    'exec 3>&-',
    'command -v bash >/dev/null && exec bash --noprofile --norc -i',
    'exec /bin/sh -i',
  ].join('; ');
  const env = { ...shell.env, TERM: term, PS1: `${shell.env['MUSTER_LAB_HOST'] ?? ''}$ ` };
  const command = startHostCommand(
    channel,
    `exec script --quiet --flush --return --command '${inner}' /dev/null`,
    { ...shell, env },
    watchdog,
    (note) => {
      device = /^\/dev\/pts\/\d+$/m.exec(note)?.[0] ?? device;
      if (latest !== size) apply();
    },
  );
  return {
    ...command,
    resize: (to) => {
      latest = to;
      apply();
    },
  };
}

function sizeArguments({ columns, rows }: TerminalSize): string[] {
  return ['cols', String(columns), 'rows', String(rows)];
}
