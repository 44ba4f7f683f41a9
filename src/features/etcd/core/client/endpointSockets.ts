import type { ChannelOptions } from '@grpc/grpc-js';
import { Http2SubchannelConnector } from '@grpc/grpc-js/build/src/transport.js';
import { once } from 'node:events';
import { connect, type Socket, type TcpNetConnectOpts } from 'node:net';
import { unaccepted, unanswered } from './connectTimeouts';

/** How far the attempt to connect that is under way has come; undefined when there is none that says anything yet. */
export type ConnectProgress = 'unaccepted' | 'silent' | 'answering' | undefined;

/** Milliseconds for a server to send its first byte, connecting included, before gRPC is to try again. */
const firstByteMs = 20_000;

/** Milliseconds after which no answer says something of the server: the way there and back takes its time. */
const decidedMs = 250;

/** The option of a channel that holds the sockets of its connections. */
const option = 'muster.sockets';

/**
 * The TCP connections of one endpoint. gRPC does not stop an attempt to connect when its channel is closed, gives it no
 * time limit and does not say how far it has come.
 */
export class EndpointSockets {
  private readonly open = new Set<Socket>();
  private latest: Socket | undefined;
  /** The attempt that had its time, and had it in turns in which this process could hear an answer. */
  private decided: Socket | undefined;
  private closed = false;

  /** Makes the channels connect through this. Channels that share it share their connections, too, and no others. */
  get channelOptions(): ChannelOptions {
    return { [option]: this };
  }

  get progress(): ConnectProgress {
    const socket = this.latest;
    if (!socket || socket.destroyed) return undefined;
    if (socket.bytesRead > 0) return 'answering';
    if (socket !== this.decided) return undefined;
    return socket.connecting ? 'unaccepted' : 'silent';
  }

  async connect(to: TcpNetConnectOpts): Promise<Socket> {
    // gRPC tries again even after its channel was closed.
    if (this.closed) throw new Error('closed');
    const socket = connect(to);
    this.latest = socket;
    this.open.add(socket);
    const decide = () => void setImmediate(() => (this.decided = socket));
    const timers = [
      setTimeout(decide, decidedMs).unref(),
      setTimeout(() => giveUpUnanswered(socket), firstByteMs).unref(),
    ];
    socket.once('close', () => {
      timers.forEach(clearTimeout);
      this.open.delete(socket);
    });
    // gRPC does not listen between the connection and the handshakes.
    socket.on('error', () => {});
    await once(socket, 'connect');
    return socket;
  }

  /** Ends the attempts that got no answer yet; what answered stays. */
  dropUnanswered(): void {
    this.open.forEach(giveUpUnanswered);
  }

  close(): void {
    this.closed = true;
    for (const socket of this.open) socket.destroy(new Error('closed'));
  }
}

function giveUpUnanswered(socket: Socket): void {
  if (socket.bytesRead === 0) socket.destroy(new Error(socket.connecting ? unaccepted : unanswered));
}

// gRPC offers no other way to its sockets: an agent, a factory and a signal are all missing.
Http2SubchannelConnector.prototype['tcpConnect'] = (to: TcpNetConnectOpts, options: ChannelOptions) =>
  (options[option] as EndpointSockets).connect(to);
