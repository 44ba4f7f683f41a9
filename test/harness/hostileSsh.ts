import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type net from 'node:net';
import { type Connection, Server, type ServerChannel, type SFTPWrapper } from 'ssh2';
import type { Sshd } from './sshd';

/** What a server does that no honest one does. */
export interface Misbehaviour {
  /** Whether a session is granted; all are otherwise. */
  grants?(connection: Connection): boolean;
  /** Called for each command. */
  exec?(channel: ServerChannel, connection: Connection, command: string): void;
  /** Called for each SFTP session. */
  sftp?(sftp: SFTPWrapper, connection: Connection): void;
  /** Said before login. */
  banner?: string;
  /** The name and version of its software. In that case it lets nobody in. */
  ident?: string;
}

export interface HostileSsh extends AsyncDisposable {
  readonly port: number;
  /** The line of known_hosts. */
  readonly known: string;
  readonly connections: ReadonlySet<Connection>;
}

/** A server of our own on loopback with the host key of a daemon: it lets everybody in. */
export async function startHostileSsh(daemon: Sshd, how: Misbehaviour): Promise<HostileSsh> {
  const [hostKey] = daemon.hostKeys;
  const connections = new Set<Connection>();
  const { banner, ident } = how;
  const hostKeys = [await readFile(hostKey!)];
  const server = new Server(
    { hostKeys, ...(banner !== undefined && { banner }), ...(ident !== undefined && { ident }) },
    (connection) => {
      connections.add(connection);
      connection.on('error', () => {}).on('close', () => connections.delete(connection));
      connection.on('authentication', (context) =>
        ident === undefined ? context.accept() : context.reject(['publickey']),
      );
      connection.on('session', (accept, reject) => {
        if (how.grants?.(connection) === false) return reject();
        const session = accept();
        session.on('exec', (acceptExec, _reject, { command }) => {
          const channel = acceptExec();
          channel.on('error', () => {});
          how.exec?.(channel, connection, command);
        });
        session.on('sftp', (acceptSftp) => {
          const sftp = acceptSftp();
          // Whatever it says, it closes what the client has closed: nobody has to wait for it.
          sftp.on('end', () => sftp.end());
          how.sftp?.(sftp, connection);
        });
      });
    },
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  return {
    port,
    known: await daemon.knownHostsLine(hostKey, `[127.0.0.1]:${port}`),
    connections,
    async [Symbol.asyncDispose]() {
      for (const connection of connections) connection.end();
      server.close();
      await once(server, 'close');
    },
  };
}
