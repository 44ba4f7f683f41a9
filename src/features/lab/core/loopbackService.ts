import { once } from 'node:events';
import type { Server, Socket } from 'node:net';

/** Something of a lab host that can be up or down; it keeps its port from one `open` to the next. */
export interface LabService {
  /** 0 until it has been opened once. */
  readonly port: number;
  open(): Promise<void>;
  /** Resolves when nothing listens any more and every connection has gone. */
  close(): Promise<void>;
}

/** A listener on one loopback address together with the connections it has accepted. */
export class LoopbackService implements LabService {
  private readonly sockets = new Set<Socket>();
  private boundPort = 0;

  /** `preferredPort` is taken where it is free, so that the hosts of a fleet can share port numbers. */
  constructor(
    private readonly server: Server,
    private readonly address: string,
    private readonly preferredPort = 0,
  ) {
    server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => this.sockets.delete(socket));
    });
  }

  get port(): number {
    return this.boundPort;
  }

  async open(): Promise<void> {
    if (this.server.listening) return;
    if (this.boundPort !== 0) return this.listen(this.boundPort);
    await this.listen(this.preferredPort).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') throw error;
      return this.listen(0);
    });
  }

  async close(): Promise<void> {
    if (!this.server.listening) return;
    const closed = once(this.server, 'close');
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private async listen(port: number): Promise<void> {
    const listening = once(this.server, 'listening');
    this.server.listen({ host: this.address, port });
    await listening;
    this.boundPort = (this.server.address() as { port: number }).port;
  }
}
