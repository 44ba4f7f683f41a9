import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';

/** Milliseconds between asking a command to end and killing it. */
const graceMs = 1000;

/** Runs a command line in the user's shell, in a process group of its own so that all of it ends together. */
export function spawnShell(command: string, stdio: StdioOptions): ChildProcess {
  return spawn(command, { shell: true, stdio, windowsHide: true, detached: process.platform !== 'win32' });
}

/** Ends the command with everything that it started; resolves when it has ended. */
export async function endShell(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) {
    signal(child, 'SIGTERM');
    return;
  }
  const exited = once(child, 'exit');
  signal(child, 'SIGTERM');
  const timer = setTimeout(() => signal(child, 'SIGKILL'), graceMs);
  await exited;
  clearTimeout(timer);
  // What ignored SIGTERM may have outlived the shell.
  signal(child, 'SIGKILL');
}

function signal(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill(name);
    else process.kill(-child.pid, name);
  } catch {
    // The group has ended.
  }
}
