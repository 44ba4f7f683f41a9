import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type { Host } from '../../../platform/inventory/model';
import { shellQuote } from '../../../platform/text/shellQuote';
import type { FileSession, Giver } from '../../../platform/transport/files/fileSession';
import type { ExecOptions, HostCommands } from '../../../platform/transport/hostTransport';

/** A host whose files are open, and on which commands may go faster. */
export interface Reached {
  host: Host;
  transport: HostCommands;
  /** What commands and sessions are opened with. */
  options: ExecOptions;
  files: FileSession;
  waiter: Giver;
}

/** A script on a host, with the beginnings of what it says. */
export interface HostCommand {
  stdin: Writable;
  end: Promise<{ exitCode: number | null; stdout: string; stderr: string }>;
  /** Ends it. Resolves when the host says that it has ended, or does not say so in time. */
  close(): Promise<void>;
}

/** Milliseconds that a host gets to say that a command has ended which it was told to end. */
const endMs = 2_000;

const keptOfErrors = 4096;

/** Starts a script for `sh`. Output beyond `limit` bytes is dropped. @throws MusterError */
export async function commandOn(
  { host, transport, options }: Reached,
  script: string,
  words: readonly string[],
  limit = keptOfErrors,
): Promise<HostCommand> {
  const command = ['sh', '-c', script, 'muster', ...words].map(shellQuote).join(' ');
  const channel = await transport.exec(host, command, options);
  channel.stdin.on('error', () => {});
  const [stdout, stderr] = [beginning(channel.stdout, limit), beginning(channel.stderr, keptOfErrors)];
  const end = channel.exit.then(({ exitCode }) => ({ exitCode, stdout: stdout(), stderr: stderr() }));
  end.catch(() => {});
  const close = async () => {
    channel.close();
    if (!channel.stdin.closed)
      await once(channel.stdin, 'close', { signal: AbortSignal.timeout(endMs) }).catch(() => {});
  };
  return { stdin: channel.stdin, end, close };
}

/** Reads all of a stream and keeps its beginning. */
function beginning(stream: Readable, limit: number): () => string {
  const chunks: Buffer[] = [];
  let kept = 0;
  stream.on('data', (chunk: Buffer) => {
    const part = chunk.subarray(0, limit - kept);
    if (part.length > 0) chunks.push(Buffer.from(part));
    kept += part.length;
  });
  return () => Buffer.concat(chunks).toString('utf8');
}
