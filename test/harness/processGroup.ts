import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { until } from './until';

/** A program and all of its children, in a process group of its own so that all of them end together. */
export interface ProcessGroup extends AsyncDisposable {
  readonly pid: number;
  /** The exit code once the program itself has ended, -1 after a signal. */
  readonly exitCode: () => number | undefined;
  /** The last 64 KiB of stdout and stderr, interleaved. */
  readonly output: () => string;
  /** Resolves with the first match in the output. Throws when the program ends before, or after `timeout` ms. */
  outputMatches(pattern: RegExp, timeout?: number): Promise<RegExpMatchArray>;
}

const keptOutput = 64 * 1024;
const grace = 3000;
const running = new Set<number>();

// A runner that dies early must not leave servers behind: its own signals do not reach these groups.
process.on('exit', () => {
  for (const pid of running) signalGroup(pid, 'SIGKILL');
});

/** Throws when the program cannot be started. */
export async function startProcessGroup(
  file: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<ProcessGroup> {
  const child = spawn(file, args, { ...options, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const collect = (chunk: string) => {
    output = (output + chunk).slice(-keptOutput);
  };
  child.stdout.setEncoding('utf8').on('data', collect);
  child.stderr.setEncoding('utf8').on('data', collect);
  await once(child, 'spawn');
  const pid = child.pid!;
  running.add(pid);

  const exitCode = () => child.exitCode ?? (child.signalCode ? -1 : undefined);
  return {
    pid,
    exitCode,
    output: () => output,
    outputMatches: (pattern, timeout) =>
      until(
        `${pattern.source} in the output of ${file}`,
        () => {
          const match = output.match(pattern);
          if (!match && exitCode() !== undefined) {
            throw new Error(`${file} ended before it said ${pattern.source}:\n${output}`);
          }
          return match;
        },
        timeout,
      ),
    async [Symbol.asyncDispose]() {
      signalGroup(pid, 'SIGTERM');
      await until(`end of ${file}`, () => !signalGroup(pid, 0), grace).catch(() => {
        signalGroup(pid, 'SIGKILL');
      });
      await until(`end of ${file}`, () => !signalGroup(pid, 0), grace);
      running.delete(pid);
    },
  };
}

/** Whether anyone was there to receive the signal. */
function signalGroup(leader: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-leader, signal);
  } catch {
    return false;
  }
}
