import type { Readable } from 'node:stream';
import type { Deadline } from '../batch/deadline';
import { MusterError, toMusterError } from '../errors/errors';
import type { BecomeSettings, Host } from '../inventory/model';
import { t } from '../l10n/l10n';
import type { Operation } from '../operation/operation';
import { printable } from '../text/printable';
import { howEnded } from './howEnded';
import type { HostCommands } from './hostTransport';

/** How a host is reached, and until when. */
export interface HostSession {
  readonly transport: HostCommands;
  readonly deadline: Deadline;
  /** As another user; what is left out is as the inventory says. */
  readonly become?: BecomeSettings | undefined;
  /** What it is done for. */
  readonly operation?: Operation;
}

export interface ScriptOptions {
  /** Through `sudo -n`, which fails instead of asking for a password. */
  sudo?: boolean;
  /** Takes the standard output instead of its being kept. */
  take?: (stdout: Readable) => Promise<void>;
  /** Sends the line `enough` when it aborts. */
  finish?: AbortSignal | undefined;
}

export interface ScriptResult {
  exitCode: number | null;
  signal: string | null;
  /** The first 4 MiB, unless it was taken. */
  stdout: string;
  /** The last 4 KiB. */
  stderr: string;
}

const maxStdout = 4 * 1024 * 1024;
const maxStderr = 4096;

/**
 * Runs a POSIX shell script on the host. It is sent over standard input, which then stays open until the script has
 * ended: to the script, its end means that whoever asked is gone. @throws MusterError with its phase
 */
export async function hostScript(
  host: Host,
  script: string,
  { transport, deadline, operation, become }: HostSession,
  { sudo = false, take, finish }: ScriptOptions = {},
): Promise<ScriptResult> {
  const channel = await transport.exec(host, sudo && !become ? 'sudo -n -- sh -s' : 'sh -s', {
    ...{ deadline, operation, become },
  });
  let stdout = '';
  let stderr = '';
  const decoder = new TextDecoder();
  channel.stderr.on('data', (chunk: Buffer) => (stderr = (stderr + chunk.toString()).slice(-maxStderr)));
  channel.stdin.on('error', () => {});
  // In braces, all of it is read before any of it runs.
  channel.stdin.write(`{\n${script}\nexit\n}\n`);
  const sayEnough = () => channel.stdin.write('enough\n');
  finish?.addEventListener('abort', sayEnough, { once: true });
  let failure: unknown;
  const taken = take?.(channel.stdout).catch((error: unknown) => {
    failure = error;
    channel.close();
  });
  if (!take)
    channel.stdout.on('data', (chunk: Buffer) => {
      if (stdout.length < maxStdout) stdout += decoder.decode(chunk, { stream: true });
    });
  try {
    const exit = await channel.exit;
    await taken;
    if (deadline.reason) throw deadline.reason;
    // Why the command failed says more than what that made of its output.
    if (failure !== undefined && (exit.exitCode === 0 || !isConsequence(failure)))
      throw toMusterError(failure);
    return { ...exit, stdout, stderr };
  } catch (error) {
    await taken;
    const isLocal = failure !== undefined && !isConsequence(failure);
    throw toMusterError(deadline.reason ?? (isLocal ? failure : error), { host: host.name, phase: 'run' });
  } finally {
    finish?.removeEventListener('abort', sayEnough);
    channel.close();
  }
}

/** Whether it is no more than that the output has ended too early. */
function isConsequence(failure: unknown): boolean {
  const { code } = failure as NodeJS.ErrnoException;
  return code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'Z_BUF_ERROR';
}

/** Why a script that ended with another status than 0 did so. */
export function scriptError(
  host: Host,
  what: string,
  { exitCode, signal, stderr }: ScriptResult,
): MusterError {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  const said = printable(lines.slice(-4).join(' '), 400);
  if (/^sudo: /m.test(stderr))
    return new MusterError('AUTH', t('sudo refused: {0}', said), {
      ...{ host: host.name, phase: 'run' },
      hint: t(
        'Allow the user to run sh through sudo without a password, or log in as a user who needs no sudo.',
      ),
    });
  const how = howEnded({ exitCode, signal });
  return new MusterError('EXIT_STATUS', `${what}: ${how}${said === '' ? '' : `: ${said}`}`, {
    ...{ host: host.name, phase: 'run' },
    hint: t('What the tool says is above; try the same command on the host.'),
  });
}
