import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

/** Milliseconds between asking a command to end and killing it. */
const graceMs = 1000;
/** Milliseconds in which the output of a command that has ended comes to its end. */
const drainMs = 200;

/** Set by VS Code for its own processes: a program of the user's would run as Node.js, and `code` find a wrong window. */
const ofTheEditor = /^(?:ELECTRON_|VSCODE_)/;

/** The environment of this process as the user has it in a terminal. */
export function userEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ofTheEditor.test(name)));
}

/** Runs a command line in the user's shell, in a process group of its own so that all of it ends together. */
export function spawnShell(command: string, stdio: StdioOptions): ChildProcess {
  return spawn(command, {
    ...{ env: userEnvironment(), shell: true, stdio },
    ...{ windowsHide: true, detached: process.platform !== 'win32' },
  });
}

/**
 * Ends the command with everything that it started and that has stayed in its process group; resolves when it has ended
 * and its output is closed.
 */
export async function endShell(child: ChildProcess, first: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  const isRunning = child.pid !== undefined && child.exitCode === null && child.signalCode === null;
  const exited = isRunning ? once(child, 'exit') : undefined;
  // What it started may hold its output open.
  const isReleased = () => child.stdio.every((stream) => !stream || stream.destroyed);
  const released = isReleased() ? Promise.resolve() : once(child, 'close').catch(() => {});
  if (signalGroup(child, first)) {
    await soon(released, graceMs);
    // What ignored the first signal may have outlived the shell.
    signalGroup(child, 'SIGKILL');
    await exited;
  }
  await soon(released, drainMs);
  // What has left the group may live, and hold the output open, for ever.
  for (const stream of child.stdio) stream?.destroy();
}

/** Resolves with the work, or after that many milliseconds. */
async function soon(work: Promise<unknown>, ms: number): Promise<void> {
  const late = new AbortController();
  await Promise.race([work, delay(ms, undefined, { signal: late.signal }).catch(() => {})]);
  late.abort();
}

/** Whether there was anything left to signal. */
export function signalGroup(child: ChildProcess, name: NodeJS.Signals): boolean {
  if (child.pid === undefined) return false;
  try {
    return process.platform === 'win32' ? child.kill(name) : process.kill(-child.pid, name);
  } catch {
    // The group has ended.
    return false;
  }
}
