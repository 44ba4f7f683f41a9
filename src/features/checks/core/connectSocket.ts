import net from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import type { Deadline } from '../../../platform/batch/deadline';
import { MusterError, peerOf, type Phase, toMusterError } from '../../../platform/errors/errors';
import { printable } from '../../../platform/text/printable';
import type { ProbeMeasurements } from './probeMeasurements';
import { sharedLookup } from '../../../platform/transport/sharedLookup';
import {
  brokenHandshake,
  type CertificateRequest,
  certificateRequest,
  refusedClient,
  tlsError,
} from '../../../platform/tls/tlsError';

export interface SocketTarget {
  /** Host name or IP address. */
  address: string;
  port: number;
  /** Given for TLS. */
  tls?: tls.ConnectionOptions;
  /** In place of address and port. */
  way?: Way | undefined;
}

/** Another way to a service than by address and port. */
export interface Way {
  /** What messages call the service. */
  peer: string;
  /** @throws MusterError */
  open(this: void): Promise<Duplex>;
}

/** What happens on a socket. Whatever a handler throws closes the socket and is what it is closed with. */
export interface SocketHandlers {
  /** Connected, with TLS after the handshake. */
  opened(socket: Duplex): void;
  /** The bytes are valid during the call only. */
  received?(bytes: Buffer, socket: Duplex): void;
  /** The peer sends no more. */
  ended?(socket: Duplex): void;
}

const readBufferBytes = 16 * 1024;
const maxSpareBuffers = 256;
/** Read buffers of closed sockets. One each: Windows fills them while others are being read. */
const spareBuffers: Buffer[] = [];

/**
 * Connects and resolves when the socket is closed, by a handler's `socket.destroy()` or after both sides ended;
 * so a settled promise means that no socket is left. Name lookup, connecting and TLS handshake are
 * phases of `measured`. @throws MusterError with its phase
 */
export function connectSocket(
  target: SocketTarget,
  deadline: Deadline,
  measured: ProbeMeasurements,
  handlers: SocketHandlers,
): Promise<void> {
  if (target.way) return converseOver(target.way, target.tls, deadline, measured, handlers);
  const isName = net.isIP(target.address) === 0;
  const peer = peerOf(target);
  return new Promise((resolve, reject) => {
    let phase: Phase = isName ? 'dns' : 'connect';
    let phaseStart = performance.now();
    let failure: unknown;
    let request: CertificateRequest | undefined;
    let heard = false;

    if (deadline.aborted) {
      reject(toMusterError(deadline.reason, { phase, peer }));
      return;
    }
    const endPhase = (timing: 'dns' | 'connect' | 'tls', next: Phase) => {
      measured.phase(timing, phaseStart);
      phase = next;
      phaseStart = performance.now();
    };
    const guarded = (handler: () => void) => {
      try {
        handler();
      } catch (error) {
        fail(error);
      }
    };
    const fail = (error: unknown) => {
      failure ??= error;
      socket.destroy();
    };

    const buffer = spareBuffers.pop() ?? Buffer.allocUnsafeSlow(readBufferBytes);
    const options = {
      host: target.address,
      port: target.port,
      lookup: sharedLookup,
      onread: {
        buffer,
        callback: (count: number) => {
          heard = true;
          if (failure === undefined) guarded(() => handlers.received?.(buffer.subarray(0, count), socket));
          return true;
        },
      },
    };
    const socket = target.tls ? tls.connect({ ...options, ...target.tls }) : net.connect(options);

    const unhear = deadline.onAbort(() => fail(deadline.reason));

    if (isName) {
      socket.on('lookup', (error: Error | null) => {
        if (!error && phase === 'dns') endPhase('dns', 'connect');
      });
    }
    socket.on('connect', () => endPhase('connect', target.tls ? 'tls' : 'request'));
    if (target.tls) {
      socket.on('secureConnect', () => {
        endPhase('tls', 'request');
        request = certificateRequest(socket as tls.TLSSocket);
      });
    }
    socket.on(target.tls ? 'secureConnect' : 'connect', () => guarded(() => handlers.opened(socket)));
    socket.on('end', () => guarded(() => handlers.ended?.(socket)));
    socket.on('error', fail);
    socket.on('close', () => {
      unhear();
      if (spareBuffers.length < maxSpareBuffers) spareBuffers.push(buffer);
      if (failure === undefined) resolve();
      else {
        const error = socketError(failure, phase, peer);
        const isRefusal = request?.asked === true && !heard && error.code === 'RESET';
        reject(isRefusal ? refusedClient(request!, failure) : error);
      }
    });
  });
}

/** The same over a stream that something else opens, and that adds its own phases. */
async function converseOver(
  { peer, open }: Way,
  options: SocketTarget['tls'],
  deadline: Deadline,
  measured: ProbeMeasurements,
  handlers: SocketHandlers,
): Promise<void> {
  const stream = await open();
  let phase: Phase = options ? 'tls' : 'request';
  const startedAt = performance.now();
  const socket = options ? tls.connect({ ...options, socket: stream }) : stream;
  let failure: unknown;
  const fail = (error: unknown) => {
    failure ??= error;
    socket.destroy();
    stream.destroy();
    // Unread data would hold back its end.
    stream.resume();
  };
  const guarded = (handler: () => void) => {
    try {
      handler();
    } catch (error) {
      fail(error);
    }
  };
  const unhear = deadline.onAbort(() => fail(deadline.reason));
  try {
    await new Promise<void>((resolve) => {
      const opened = () => guarded(() => handlers.opened(socket));
      stream.once('close', resolve);
      stream.on('error', fail);
      socket.on('error', fail);
      socket.on('data', (bytes: Buffer) => {
        if (failure === undefined) guarded(() => handlers.received?.(bytes, socket));
      });
      socket.on('end', () => {
        guarded(() => handlers.ended?.(socket));
        // A channel stays half open otherwise.
        if (!socket.destroyed) socket.end();
      });
      socket.once('close', () => {
        stream.destroy();
        stream.resume();
      });
      if (!options) return opened();
      socket.once('secureConnect', () => {
        measured.phase('tls', startedAt);
        phase = 'request';
        opened();
      });
    });
  } finally {
    unhear();
  }
  if (failure !== undefined) throw socketError(failure, phase, peer);
}

function socketError(error: unknown, phase: Phase, peer: string): MusterError {
  const known =
    (MusterError.is(error) ? undefined : tlsError(error, phase)) ?? toMusterError(error, { phase, peer });
  if (known.code === 'RESET' && phase === 'tls') return brokenHandshake(error);
  if (!(error instanceof AggregateError)) return known;
  // Every address of a name has failed, and what holds the errors has no message of its own.
  const attempts = (error.errors as Error[]).map(({ message }) => message);
  const message = printable(attempts.join(', '), 300);
  return new MusterError(known.code, message, { phase, hint: known.hint, cause: error });
}
