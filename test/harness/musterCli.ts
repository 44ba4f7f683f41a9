import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import { inject } from 'vitest';
import { shellQuote } from '../../src/platform/text/shellQuote';

export interface Ended {
  /** As a shell says it: 128 and the number of the signal where one ended the process. */
  status: number;
  stdout: string;
  stderr: string;
}

export interface CliOptions {
  cwd?: string;
  env?: Record<string, string>;
  input?: string;
  /** A session of its own, which has no controlling terminal. */
  detached?: boolean;
}

/** Starts `muster ARGS…` as a shell would. */
export function startMuster(
  args: readonly string[],
  options: CliOptions = {},
): ChildProcessWithoutNullStreams {
  const env = { ...process.env, NO_COLOR: '1', ...options.env };
  const { cwd, detached = false } = options;
  return spawn(process.execPath, [inject('cli'), ...args], { cwd, detached, env, stdio: 'pipe' });
}

/** Runs `muster ARGS…` to its end. */
export async function muster(args: readonly string[], options: CliOptions = {}): Promise<Ended> {
  const child = startMuster(args, options);
  const ended = endOf(child);
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  return ended;
}

/** Resolves when the process has ended and everything it wrote was read. */
export async function endOf(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
  const [code, signal] = (await once(child, 'close')) as [number, null] | [null, NodeJS.Signals];
  return { status: code ?? 128 + constants.signals[signal], stdout, stderr };
}

export interface RunningLab {
  workspace: string;
  inventory: string;
  hosts: number;
  sick: { host: string; check: string; status: string }[];
  stop(): Promise<number | null>;
}

/** The lab as the editor starts it: a process that ends when its standard input closes. */
export async function startLabProcess(...args: string[]): Promise<RunningLab> {
  const child = startMuster(['lab', '--json', ...args]);
  const ended = once(child, 'close') as Promise<[number | null]>;
  child.stderr.pipe(process.stderr);
  const [line] = (await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    ended.then(([code]) => Promise.reject(new Error(`the lab ended with status ${code} before it was up`))),
  ])) as [string];
  return {
    ...(JSON.parse(line) as Omit<RunningLab, 'stop'>),
    stop: async () => {
      child.stdin.end();
      return (await ended)[0];
    },
  };
}

/** `muster ARGS…` on a terminal of its own, as a person sees it; what is typed is written to its input. */
export function startOnTerminal(
  args: readonly string[],
  options: CliOptions = {},
): ChildProcessWithoutNullStreams {
  const words = [process.execPath, inject('cli'), ...args].map(shellQuote);
  const env: NodeJS.ProcessEnv = { ...process.env, TERM: 'xterm-256color', ...options.env };
  if (options.env?.NO_COLOR === undefined) delete env.NO_COLOR;
  // A terminal without a size shows no progress.
  const command = `stty rows 40 columns 120; exec ${words.join(' ')}`;
  return spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    cwd: options.cwd,
    env,
    stdio: 'pipe',
  });
}
