import type { ChildProcess } from 'node:child_process';
import net from 'node:net';
import { Duplex } from 'node:stream';
import { sharedLookup } from '../sharedLookup';
import { MusterError, toMusterError } from '../../errors/errors';
import { t } from '../../l10n/l10n';
import { printable } from '../../text/printable';
import type { SharedAttempt } from './pool/sharedAttempt';
import { endShell, spawnShell } from '../local/shellProcess';

/** The bytes between here and a server. */
export interface Transport {
  readonly stream: Duplex;
  /** Whether the server has said anything. */
  heard: boolean;
  /** What went wrong below SSH, if that is known. */
  failure(): string | undefined;
  /** Bytes that have arrived, where that is known. */
  received(): number;
  /** Closes it and resolves when nothing of it is left. */
  close(): Promise<void>;
}

/** Connects with TCP. @throws MusterError in phase dns or connect */
export function connectTcp(
  address: string,
  port: number,
  attempt: SharedAttempt<unknown>,
): Promise<Transport> {
  return new Promise((resolve, reject) => {
    attempt.phase = net.isIP(address) === 0 ? 'dns' : 'connect';
    const socket = net.connect({ host: address, port, noDelay: true, lookup: sharedLookup });
    const unhear = attempt.onAbort(() => socket.destroy());
    socket.once('lookup', (error: Error | null) => {
      if (!error) attempt.phase = 'connect';
    });
    const fail = (error?: Error) => {
      unhear();
      reject(toMusterError(attempt.reason ?? firstOf(error), attempt.whereabouts, 'UNREACHABLE'));
    };
    socket.once('error', fail);
    socket.once('close', fail);
    socket.once('connect', () => {
      unhear();
      socket.off('error', fail).off('close', fail);
      resolve(streamTransport(socket));
    });
  });
}

/** Of the errors of all addresses that were tried, the first. */
function firstOf(error: Error | undefined): unknown {
  return error instanceof AggregateError ? error.errors[0] : (error ?? new Error(t('the socket was closed')));
}

/** Milliseconds for a stream to close; one through a dead jump never does by itself. */
const closeLimitMs = 1000;

/** A transport that is closed with its stream. */
export function streamTransport(stream: Duplex): Transport {
  const closed = new Promise<void>((resolve) => stream.once('close', resolve));
  stream.on('error', () => {});
  return {
    stream,
    heard: false,
    received: () => (stream as Partial<net.Socket>).bytesRead ?? 0,
    failure: () => undefined,
    async close() {
      stream.destroy();
      // What nobody reads any more would hold back its end.
      stream.resume();
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([closed, new Promise((resolve) => (timer = setTimeout(resolve, closeLimitMs)))]);
      clearTimeout(timer);
    },
  };
}

const keptStderr = 2000;

/** Runs a ProxyCommand, whose input and output are the connection. */
export function runProxyCommand(command: string): Transport {
  const child = spawnShell(command, ['pipe', 'pipe', 'pipe']);
  // Node gives it none when there is no descriptor for them.
  if (!child.stdin || !child.stdout || !child.stderr) {
    child.on('error', () => {});
    throw toMusterError(Object.assign(new Error(`spawn ${command}`), { code: 'EMFILE' }), {
      phase: 'connect',
    });
  }
  const stream = Duplex.from({ readable: child.stdout, writable: child.stdin });
  let stderr = '';
  child.stderr
    .setEncoding('utf8')
    .on('data', (text: string) => (stderr = (stderr + text).slice(-keptStderr)));
  child.once('error', (error) => stream.destroy(error));
  stream.once('close', () => void endShell(child));
  return {
    stream,
    heard: false,
    received: () => (child.stdout as Partial<net.Socket>).bytesRead ?? 0,
    failure: () => proxyFailure(command, child, stderr),
    async close() {
      stream.on('error', () => {});
      stream.destroy();
      await endShell(child);
    },
  };
}

function proxyFailure(command: string, { exitCode }: ChildProcess, stderr: string): string {
  const how = exitCode === null ? '' : t(' ended with exit status {0}', exitCode);
  const said = printable(stderr, 300);
  return t('ProxyCommand {0}{1}{2}', printable(command), how, said && `: ${said}`);
}

/** An error below SSH as the transport knows it better. */
export function withTransportFailure(error: MusterError, transport: Transport): MusterError {
  const failure = error.code === 'CANCELLED' ? undefined : transport.failure();
  if (failure === undefined) return error;
  return new MusterError(error.code, `${error.message} (${failure})`, {
    phase: error.phase,
    hint: error.hint,
    cause: error.cause,
  });
}
