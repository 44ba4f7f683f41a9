import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Deadline } from '../batch/deadline';
import { MusterError, toMusterError } from '../errors/errors';
import type { Host } from '../inventory/model';
import { t } from '../l10n/l10n';
import type { Destination, HostTransport } from './hostTransport';

/** Only programs of this machine may use a forwarded port. */
const listenAddress = '127.0.0.1';
const defaultConnectTimeoutMs = 30_000;
const maxConnections = 2048;

export interface ForwardOptions {
  /** 0 or none: a free one. */
  port?: number;
  /** Milliseconds for one connection, the login on the host included. */
  connectTimeoutMs?: number;
  /** Connections were opened, closed or failed, or bytes passed; called for every piece, so draw seldom. */
  onChange?: () => void;
  /** A connection failed, or broke off; the others go on. */
  onFailure?: (error: MusterError) => void;
}

/** The host, or what tells how it is to be reached by now. @throws MusterError when it is not there any more */
export type HostSource = Host | (() => Host);

/**
 * Listens on 127.0.0.1 and carries every connection through `host` to `destination`, as the host sees that address.
 * Nothing is connected before somebody connects; when the SSH connection drops, the next one gets another. A host
 * given by a function is asked for anew with every connection, whatever is open going on as it is.
 * @throws MusterError REFUSED when the local port cannot be listened on
 */
export async function forwardPort(
  pool: Pick<HostTransport, 'connect'>,
  host: HostSource,
  destination: Destination,
  options: ForwardOptions = {},
): Promise<PortForward> {
  const forward = new PortForward(pool, host, destination, options);
  await forward.listen();
  return forward;
}

export class PortForward {
  /** Connections that were carried so far. */
  served = 0;
  /** Bytes that came from the destination, and that were sent to it. */
  received = 0;
  sent = 0;
  /** Why the last connection failed, unless one after it was carried. */
  failure: MusterError | undefined;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private readonly streams = new Set<Duplex>();
  private readonly closing = new AbortController();

  constructor(
    private readonly pool: Pick<HostTransport, 'connect'>,
    private readonly host: HostSource,
    readonly destination: Destination,
    private readonly options: ForwardOptions,
  ) {
    this.server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (socket) => {
      void this.carry(socket);
    });
    this.server.maxConnections = maxConnections;
  }

  /** The local port. */
  get port(): number {
    return (this.server.address() as AddressInfo | null)?.port ?? 0;
  }

  /** Connections that are open now. */
  get open(): number {
    return this.sockets.size;
  }

  async listen(): Promise<void> {
    const { port = 0 } = this.options;
    try {
      this.server.listen({ host: listenAddress, port, exclusive: true });
      await once(this.server, 'listening');
    } catch (cause) {
      const taken = (cause as NodeJS.ErrnoException).code === 'EADDRINUSE';
      const why = taken ? t('it is in use') : (cause as Error).message;
      throw new MusterError('REFUSED', t('local port {0} cannot be listened on: {1}', port, why), {
        phase: 'connect',
        hint: t('Choose another local port.'),
        cause,
      });
    }
  }

  /** Stops listening and ends what is open; resolves when nothing is left. */
  async close(): Promise<void> {
    if (this.closing.signal.aborted) return;
    this.closing.abort(new MusterError('CANCELLED', t('the port is no longer forwarded')));
    const closed = this.server.listening ? once(this.server, 'close') : undefined;
    this.server.close();
    const gone = [...this.streams].map((stream) => once(stream, 'close'));
    for (const socket of this.sockets) socket.destroy();
    for (const stream of this.streams) stream.destroy();
    await Promise.all([closed, ...gone]);
  }

  private async carry(socket: Socket): Promise<void> {
    const gone = new AbortController();
    this.sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => {
      this.sockets.delete(socket);
      gone.abort(new MusterError('CANCELLED', t('the client has gone')));
      this.changed();
    });
    this.changed();
    const { connectTimeoutMs = defaultConnectTimeoutMs } = this.options;
    const deadline = new Deadline(connectTimeoutMs, AbortSignal.any([gone.signal, this.closing.signal]));
    try {
      const host = typeof this.host === 'function' ? this.host() : this.host;
      const stream = await this.pool.connect(host, this.destination, { deadline });
      if (socket.destroyed || this.closing.signal.aborted) stream.destroy();
      else this.join(socket, stream);
    } catch (error) {
      this.fail(socket, error);
    } finally {
      deadline.dispose();
    }
  }

  private join(socket: Socket, stream: Duplex): void {
    this.served++;
    this.failure = undefined;
    this.streams.add(stream);
    stream.once('error', (error) => this.fail(socket, error));
    stream.once('close', () => {
      this.streams.delete(stream);
      // What has arrived is still delivered.
      socket.destroySoon();
    });
    // Each direction ends by itself.
    socket.pipe(stream).pipe(socket);
    socket.once('close', () => {
      // Unread data would hold back its end. After the pipe's own listener, which pauses it.
      stream.destroy();
      stream.resume();
    });
    // Beside the pipes, which say when to pause.
    socket.on('data', ({ length }: Buffer) => {
      this.sent += length;
      this.changed();
    });
    stream.on('data', ({ length }: Buffer) => {
      this.received += length;
      this.changed();
    });
    this.changed();
  }

  private fail(socket: Socket, thrown: unknown): void {
    // Who went away, or was sent away, is no failure.
    if (socket.destroyed || this.closing.signal.aborted) return void socket.destroy();
    const error = toMusterError(thrown, {}, 'RESET');
    this.failure = error;
    // Not an end that looks like a complete answer.
    socket.resetAndDestroy();
    this.options.onFailure?.(error);
    this.changed();
  }

  private changed(): void {
    this.options.onChange?.();
  }
}
