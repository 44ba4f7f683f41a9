import { once } from 'node:events';
import net from 'node:net';

/** A link to a local port that can be cut. */
export class TcpProxy implements AsyncDisposable {
  private readonly sockets = new Set<net.Socket>();
  private isCut = false;
  private isSwallowing = false;
  /** Bytes that were passed on to clients. */
  delivered = 0;
  /** Connections that clients made, and those of them that are open. */
  made = 0;
  connected = 0;
  private cutAfter = Infinity;

  private constructor(
    private readonly server: net.Server,
    private readonly target: number,
  ) {
    server.on('connection', (socket) => this.join(socket));
  }

  static async to(target: number): Promise<TcpProxy> {
    const server = net.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TcpProxy(server, target);
  }

  get port(): number {
    return (this.server.address() as net.AddressInfo).port;
  }

  /** Ends the connections; new ones are refused until `restore`. */
  cut(): void {
    this.isCut = true;
    this.cutAfter = Infinity;
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  restore(): void {
    this.isCut = false;
    this.isSwallowing = false;
  }

  /** Passes nothing on until `restore`, and tells neither end: what a network does whose route is gone. */
  swallow(): void {
    this.isSwallowing = true;
    for (const socket of this.sockets) {
      socket.unpipe();
      socket.removeAllListeners('data').removeAllListeners('close').pause();
    }
  }

  /** Cuts the link once `bytes` more have reached clients. */
  cutAfterBytes(bytes: number): void {
    this.cutAfter = this.delivered + bytes;
  }

  get open(): boolean {
    return !this.isCut;
  }

  private join(client: net.Socket): void {
    this.own(client);
    this.made++;
    this.connected++;
    client.on('close', () => this.connected--);
    if (this.isCut) return void client.resetAndDestroy();
    if (this.isSwallowing) return void client.pause();
    const server = net.connect(this.target, '127.0.0.1');
    this.own(server);
    client.pipe(server);
    server.on('data', (bytes: Buffer) => {
      this.delivered += bytes.length;
      if (!client.write(bytes)) {
        server.pause();
        client.once('drain', () => server.resume());
      }
      if (this.delivered > this.cutAfter) this.cut();
    });
    client.on('close', () => server.destroy());
    server.on('close', () => client.destroy());
  }

  private own(socket: net.Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.sockets.delete(socket));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await once(this.server, 'close');
  }
}
