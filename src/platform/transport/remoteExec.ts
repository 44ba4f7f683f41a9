import { toMusterError } from '../errors/errors';
import type { Host } from '../inventory/model';
import { t } from '../l10n/l10n';
import type { ExecOptions, HostCommands } from './hostTransport';

export interface RemoteResult {
  exitCode: number | null;
  signal: string | null;
  /** Decoded as UTF-8, the beginning when it is longer than the limit. */
  stdout: string;
  truncated: boolean;
  /** What the host was sent and may have repeated. */
  secret?: string | undefined;
}

const maxOutputBytes = 64 * 1024;

/** Runs a command line on the host and keeps the first 64 KiB of its output. @throws MusterError with its phase */
export async function remoteExec(
  host: Host,
  command: string,
  {
    transport,
    deadline,
    operation,
    overrideCircuit,
    become,
  }: ExecOptions & { transport: Pick<HostCommands, 'exec'> },
): Promise<RemoteResult> {
  const channel = await transport.exec(host, command, { deadline, operation, overrideCircuit, become });
  const chunks: Buffer[] = [];
  let kept = 0;
  let truncated = false;
  channel.stdout.on('data', (chunk: Buffer) => {
    const part = chunk.subarray(0, maxOutputBytes - kept);
    if (part.length > 0) chunks.push(Buffer.from(part));
    kept += part.length;
    truncated ||= part.length < chunk.length;
  });
  // Unread output would stop the command.
  channel.stderr.resume();
  channel.stdin.on('error', () => {});
  channel.stdin.end();
  const unhear = deadline.onAbort(() => channel.close());
  try {
    const exit = await channel.exit;
    if (deadline.reason) throw deadline.reason;
    const stdout = new TextDecoder().decode(Buffer.concat(chunks));
    return { ...exit, stdout, truncated, secret: channel.secret };
  } catch (error) {
    throw toMusterError(deadline.reason ?? error, { host: host.name, phase: 'run' });
  } finally {
    unhear();
    channel.close();
  }
}

/** How a command ended, e.g. `exit code 1`. */
export function exitText({ exitCode, signal }: Pick<RemoteResult, 'exitCode' | 'signal'>): string {
  if (signal !== null) return t('signal {0}', signal);
  return exitCode === null ? t('no exit code') : t('exit code {0}', exitCode);
}
