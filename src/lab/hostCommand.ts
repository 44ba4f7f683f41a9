import { spawn, type ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import type { ServerChannel } from 'ssh2';
import type { Watchdog } from './watchdog';

/** Where and with what a lab host runs its commands. */
export interface HostShell {
  directory: string;
  env: Readonly<Record<string, string>>;
}

/** A command that a client has started; its process group ends with it. */
export interface HostCommand {
  /** Sends a signal, named without `SIG` as in RFC 4254, to the process group. */
  signal(name: string): void;
  kill(): void;
}

/** Runs `command` with `/bin/sh` and connects it to `channel`, which is closed when the command has ended. */
export function startHostCommand(
  channel: ServerChannel,
  command: string,
  shell: HostShell,
  watchdog: Watchdog,
): HostCommand {
  // Detached: a process group of its own, so that what the command starts can be ended with it.
  const child = spawn('/bin/sh', ['-c', command], { cwd: shell.directory, env: shell.env, detached: true });
  if (child.pid !== undefined) watchdog.guard(child.pid);
  // The client may close the channel while output is still on its way.
  channel.on('error', () => {});
  channel.stderr.on('error', () => {});

  child.stdin.on('error', () => channel.resume());
  child.stdin.on('close', () => channel.resume());
  channel.pipe(child.stdin);
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });

  const kill = (): void => signalGroup(child, 'SIGKILL');
  child.on('error', (error) => {
    channel.stderr.end(`sh: ${error.message}\n`);
    finish(channel, 127, null);
  });
  child.on('close', (code, signal) => {
    kill();
    if (child.pid !== undefined) watchdog.release(child.pid);
    // What is left of the standard error must go first: closing the channel would drop it.
    channel.stderr.end(() => finish(channel, code, signal));
  });
  return {
    signal: (name) => {
      const signal = `SIG${name}`;
      if (signal in constants.signals) signalGroup(child, signal as NodeJS.Signals);
    },
    kill,
  };
}

function finish(channel: ServerChannel, code: number | null, signal: NodeJS.Signals | null): void {
  if (signal === null) channel.exit(code ?? 1);
  else channel.exit(signal.slice('SIG'.length), false, '');
  channel.end();
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
