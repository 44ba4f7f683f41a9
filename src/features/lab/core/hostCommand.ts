import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
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

const notRunning: HostCommand = { signal: () => {}, kill: () => {} };

/**
 * Runs `command` with `/bin/sh` and connects it to `channel`, which is closed when the command has ended. `note` is
 * given what it writes to descriptor 3.
 */
export function startHostCommand(
  channel: ServerChannel,
  command: string,
  shell: HostShell,
  watchdog: Watchdog,
  note?: (text: string) => void,
): HostCommand {
  // The client may close the channel while output is still on its way.
  channel.on('error', () => {});
  channel.stderr.on('error', () => {});
  const refuse = (error: unknown): void => {
    channel.stderr.end(`sh: ${(error as Error).message}\n`, () => finish(channel, 127, null));
  };

  let child: ChildProcessWithoutNullStreams;
  try {
    // Detached: a process group of its own, so that what the command starts can be ended with it.
    child = spawn('/bin/sh', ['-c', command], {
      cwd: shell.directory,
      env: shell.env,
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe', note ? 'pipe' : 'ignore'],
    }) as ChildProcessWithoutNullStreams;
  } catch (error) {
    refuse(error);
    return notRunning;
  }
  const group = child.pid;
  if (group === undefined) {
    child.on('error', refuse);
    return notRunning;
  }
  watchdog.guard(group);

  if (note) (child.stdio[3] as Readable).setEncoding('utf8').on('data', note);
  child.stdin.on('error', () => channel.resume());
  child.stdin.on('close', () => channel.resume());
  channel.pipe(child.stdin);
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });

  let ended = false;
  const send = (signal: NodeJS.Signals): void => {
    if (!ended) signalGroup(group, signal);
  };
  child.on('close', (code, signal) => {
    send('SIGKILL');
    ended = true;
    watchdog.release(group);
    // What is left of the standard error must go first: closing the channel would drop it.
    channel.stderr.end(() => finish(channel, code, signal));
  });
  return {
    signal: (name) => {
      const signal = `SIG${name}`;
      if (signal in constants.signals) send(signal as NodeJS.Signals);
    },
    kill: () => send('SIGKILL'),
  };
}

function finish(channel: ServerChannel, code: number | null, signal: NodeJS.Signals | null): void {
  if (signal === null) channel.exit(code ?? 1);
  else channel.exit(signal.slice('SIG'.length), false, '');
  channel.end();
}

function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch {
    // All of it has ended: ESRCH, or EPERM where zombies still count (macOS).
  }
}
