import { connect, createServer, type Server as NetServer, type NetConnectOpts, type Socket } from 'node:net';
import { join, normalize } from 'node:path';
import ssh2, {
  type AcceptConnection,
  type AuthContext,
  type Connection,
  type ParsedKey,
  type RejectConnection,
  type ServerChannel,
  type Session,
} from 'ssh2';
import { startHostCommand, type HostCommand, type HostShell } from './hostCommand';
import { type HostTerminal, startHostTerminal, type TerminalRequest } from './hostTerminal';
import { findSftpServer } from './sftpServer';
import type { Watchdog } from './watchdog';

/** OpenSSH's defaults: MaxSessions, MaxAuthTries, LoginGraceTime; AcceptEnv has no limit there. */
const maxSessions = 10;
const maxAuthTries = 6;
const loginGraceMs = 120_000;
const maxEnvRequests = 200;

export interface SshServerOptions {
  /** OpenSSH private key */
  hostKey: string;
  user: string;
  /** The only key that may log in. */
  clientKey: ParsedKey;
  shell: HostShell;
  watchdog: Watchdog;
  /** Where clients may be forwarded to. */
  forwardAddresses: ReadonlySet<string>;
}

/** The SSH server of one lab host: commands, terminals, SFTP, and forwarding within the lab. */
export function createSshServer(options: SshServerOptions): NetServer {
  const server = new ssh2.Server({ hostKeys: [options.hostKey], ident: 'MusterLab' }, (connection) =>
    serve(connection, options),
  );
  // A listener of our own, because ssh2's gives no access to the sockets.
  return createServer({ noDelay: true }, (socket) => server.injectSocket(socket));
}

function serve(connection: Connection, options: SshServerOptions): void {
  const grace = setTimeout(() => connection.end(), loginGraceMs);
  const commands = new Set<HostCommand>();
  const forwards = new Set<Socket>();
  let sessions = 0;
  let attempts = 0;

  connection.on('authentication', (attempt) => {
    if (isAuthorized(attempt, options)) return attempt.accept();
    attempt.reject(['publickey']);
    // The first try is "none" with most clients: it asks for the methods.
    if (++attempts > maxAuthTries) connection.end();
  });
  connection.on('ready', () => clearTimeout(grace));
  connection.on('session', (accept, reject) => {
    if (sessions >= maxSessions) return void reject();
    sessions++;
    const session = accept();
    session.on('close', () => sessions--);
    serveSession(session, options, commands);
  });
  connection.on('tcpip', (accept, reject, { destIP, destPort }) => {
    if (!options.forwardAddresses.has(destIP)) return void reject();
    forward(accept, reject, { host: destIP, port: destPort, noDelay: true });
  });
  connection.on('openssh.streamlocal', (accept, reject, { socketPath }) => {
    const own = join(options.shell.directory, '/');
    if (!normalize(socketPath).startsWith(own)) return void reject();
    forward(accept, reject, { path: socketPath });
  });
  // A client that breaks off reports an error first; what matters is that it has gone.
  connection.on('error', () => {});
  connection.on('close', () => {
    clearTimeout(grace);
    for (const command of commands) command.kill();
    for (const socket of forwards) socket.destroy();
  });

  function forward(
    accept: AcceptConnection<ServerChannel>,
    reject: RejectConnection,
    destination: NetConnectOpts,
  ): void {
    const socket = connect(destination);
    forwards.add(socket);
    socket.on('close', () => forwards.delete(socket));
    socket.once('error', () => reject());
    socket.once('connect', () => {
      const channel = accept();
      socket.on('error', () => channel.close());
      channel.on('error', () => socket.destroy());
      channel.on('close', () => socket.destroy());
      socket.pipe(channel).pipe(socket);
    });
  }
}

function isAuthorized(attempt: AuthContext, { user, clientKey }: SshServerOptions): boolean {
  if (attempt.method !== 'publickey' || attempt.username !== user) return false;
  if (!attempt.key.data.equals(clientKey.getPublicSSH())) return false;
  // Without a signature the client only asks whether the key would do.
  if (!attempt.signature || !attempt.blob) return true;
  return clientKey.verify(attempt.blob, attempt.signature, attempt.hashAlgo) === true;
}

function serveSession(session: Session, options: SshServerOptions, commands: Set<HostCommand>): void {
  const { shell, watchdog } = options;
  const requested: Record<string, string> = {};
  const environment = (): HostShell => ({ ...shell, env: { ...requested, ...shell.env } });
  let command: HostCommand | undefined;
  let terminal: HostTerminal | undefined;
  let wanted: TerminalRequest | undefined;
  let started = false;
  let closed = false;
  /** The client may have gone while something was looked for. */
  const follow = (next: HostCommand | undefined): void => {
    if (!next) return;
    if (closed) return next.kill();
    command = next;
    commands.add(next);
  };

  session.on('env', (accept, reject, { key, val }) => {
    if (Object.keys(requested).length >= maxEnvRequests) return reject?.();
    requested[key] = val;
    accept?.();
  });
  session.on('exec', (accept, reject, info) => {
    if (started) return reject?.();
    started = true;
    follow(startHostCommand(accept(), info.command, environment(), watchdog));
  });
  session.on('pty', (accept, _reject, { term, cols, rows }) => {
    wanted = { term, columns: cols, rows };
    accept?.();
  });
  session.on('window-change', (accept, _reject, { cols, rows }) => {
    const size = { columns: cols, rows };
    if (wanted) wanted = { ...wanted, ...size };
    terminal?.resize(size);
    accept?.();
  });
  session.on('shell', (accept, reject) => {
    if (started || !wanted) return reject?.();
    started = true;
    const at = wanted;
    void startHostTerminal(accept(), at, environment(), watchdog).then((next) => {
      follow(next);
      terminal = next;
      if (wanted !== at && wanted) next?.resize(wanted);
    });
  });
  session.on('subsystem', (accept, reject, { name }) => {
    if (started || name !== 'sftp') return reject?.();
    started = true;
    void findSftpServer().then((program) => {
      if (program === undefined || closed) return reject?.();
      follow(startHostCommand(accept(), `exec ${program}`, environment(), watchdog));
    });
  });
  session.on('signal', (accept, reject, { name }) => {
    if (!command) return reject?.();
    command.signal(name);
    accept?.();
  });
  session.on('close', () => {
    closed = true;
    if (!command) return;
    command.kill();
    commands.delete(command);
  });
}
