import type { Duplex } from 'node:stream';
import { cancelledBy } from '../../../batch/deadline';
import { MusterError, toMusterError } from '../../../errors/errors';
import { descriptorRoom } from '../../../errors/localLimit';
import type { SecretDestination } from '../../../host/host';
import type { Host } from '../../../inventory/model';
import { t } from '../../../l10n/l10n';
import { traceEnvironment } from '../../../operation/traceContext';
import type {
  Destination,
  ExecOptions,
  HostChannel,
  HostShell,
  HostTransport,
  OpenOptions,
  ShellRequest,
  SocketPath,
} from '../../hostTransport';
import { checkSocketPath } from '../../unixSocketError';
import type { SftpChannel } from '../sftp/sftpChannel';
import type { SshThread, SshThreads } from '../threads/sshThreads';
import { type ConnectionSettings, HostConnections, type Neighbours } from './hostConnections';
import { routeOf } from './hostRoute';
import { ChannelRefused, ConnectionLost, type PooledConnection } from './pooledConnection';
import { socketError } from './socketError';
import type { SshTarget, TargetResolver } from './sshTarget';

export interface PoolParts {
  targets: Pick<TargetResolver, 'resolve'>;
  settings: ConnectionSettings;
  /** Beyond it, idle connections are closed, the least recently used first. */
  maxConnections: () => number;
  /** Those that commands are run in; by default in this one. */
  threads?: SshThreads | undefined;
}

/** Does with a target in another thread what would be done with it here. */
type InThread<Result> = (thread: SshThread, target: SshTarget) => Promise<Result>;

/** Keeps connections and hands out channels on them. */
export class ConnectionPool implements HostTransport, Neighbours {
  private readonly hosts = new Map<string, HostConnections>();
  /** Open ones, the least recently used first. */
  private readonly connections = new Set<PooledConnection>();
  private readonly closing = new AbortController();
  private readonly targets: PoolParts['targets'];
  private readonly settings: ConnectionSettings;
  private readonly threads: SshThreads | undefined;
  private readonly maxConnections: () => number;

  constructor({ targets, settings, maxConnections, threads }: PoolParts) {
    this.targets = targets;
    this.settings = settings;
    this.threads = threads;
    const room = descriptorRoom();
    this.maxConnections = () => Math.min(maxConnections(), room);
  }

  exec(host: Host, command: string | undefined, options: ExecOptions): Promise<HostChannel> {
    const start = async (connection: PooledConnection) => {
      options.onSent?.(true);
      try {
        // Sent without asking for an answer: sshd passes over what its AcceptEnv does not name.
        return await connection.exec(command, options.deadline, traceEnvironment(options.operation));
      } catch (error) {
        if (!options.deadline.aborted) options.onSent?.(false);
        throw error;
      }
    };
    return this.session<HostChannel>(host, options, start, (thread, target) =>
      thread.exec(host.name, target, command, options),
    );
  }

  shell(host: Host, request: ShellRequest, options: OpenOptions): Promise<HostShell> {
    return this.session(host, options, (connection) => connection.shell(request, options.deadline));
  }

  files(host: Host, options: OpenOptions): Promise<SftpChannel> {
    return this.session(host, options, (connection) => connection.sftp(host.name, options.deadline));
  }

  async connect(host: Host, destination: Destination | SocketPath, options: OpenOptions): Promise<Duplex> {
    if ('path' in destination) checkSocketPath(destination.path);
    return this.passage(host, options, async (connection) => {
      try {
        return await connection.connect(destination, options.deadline);
      } catch (error) {
        const isRefused = MusterError.is(error) && !options.deadline.aborted;
        if (!isRefused || !('path' in destination)) throw error;
        throw await socketError(this, host, destination.path, options, error);
      }
    });
  }

  destinationThrough(host: Host, options: OpenOptions): Promise<SecretDestination> {
    return this.passage(
      host,
      options,
      ({ server }, target) => Promise.resolve({ ...server, route: routeOf({ via: target }) }),
      (thread, target) => thread.destinationThrough(host.name, target, options),
    );
  }

  async dispose(): Promise<void> {
    const reason = new MusterError('CANCELLED', t('the connections are being closed'));
    this.closing.abort(reason);
    await this.threads?.dispose(reason);
    await Promise.all([...this.hosts.values()].map((host) => host.abandon(reason)));
    // What goes through a jump ends before the jump does.
    const connections = [...this.connections];
    await Promise.all(
      connections.filter(({ isJump }) => !isJump).map((connection) => connection.end(reason)),
    );
    await Promise.all(connections.map((connection) => connection.end(reason)));
  }

  of(target: SshTarget): HostConnections {
    let connections = this.hosts.get(target.key);
    if (!connections) {
      connections = new HostConnections(target, this.settings, this);
      this.hosts.set(target.key, connections);
    }
    return connections;
  }

  makeRoom(isUrgent = false): void {
    let surplus = isUrgent ? Infinity : this.connections.size + 1 - this.maxConnections();
    for (const connection of this.connections) {
      if (surplus <= 0) return;
      if (!connection.isIdle) continue;
      surplus--;
      void connection.close();
    }
  }

  used(connection: PooledConnection): void {
    this.connections.delete(connection);
    this.connections.add(connection);
  }

  closed(connection: PooledConnection): void {
    this.connections.delete(connection);
  }

  /** Does something with a connection that takes no slot. */
  private async passage<Result>(
    host: Host,
    { deadline, overrideCircuit = false }: OpenOptions,
    use: (connection: PooledConnection, target: SshTarget) => Promise<Result>,
    inThread?: InThread<Result>,
  ): Promise<Result> {
    try {
      const target = await this.targets.resolve(host);
      const thread = inThread && this.threadFor(target);
      if (thread) return await inThread(thread, target);
      const connections = this.of(target);
      for (let again = false; ; again = true) {
        if (this.closing.signal.aborted) throw cancelledBy(this.closing.signal);
        const connection = await connections.passage(deadline, overrideCircuit, undefined);
        try {
          return await use(connection, target);
        } catch (error) {
          if (!(error instanceof ConnectionLost) || again) throw toMusterError(error, {}, 'RESET');
        }
      }
    } catch (error) {
      throw toMusterError(error, { host: host.name });
    }
  }

  /** Starts something on a connection with a free slot. */
  private async session<Channel>(
    host: Host,
    options: OpenOptions,
    start: (connection: PooledConnection) => Promise<Channel>,
    inThread?: InThread<Channel>,
  ): Promise<Channel> {
    try {
      const target = await this.targets.resolve(host);
      const thread = inThread && this.threadFor(target);
      if (thread) return await inThread(thread, target);
      return await this.startOn(this.of(target), options, start);
    } catch (error) {
      throw toMusterError(error, { host: host.name });
    }
  }

  /** @throws MusterError CANCELLED */
  private threadFor(target: SshTarget): SshThread | undefined {
    if (this.closing.signal.aborted) throw cancelledBy(this.closing.signal);
    return this.threads?.of(target);
  }

  private async startOn<Channel>(
    connections: HostConnections,
    { deadline, overrideCircuit = false }: OpenOptions,
    start: (connection: PooledConnection) => Promise<Channel>,
  ): Promise<Channel> {
    let replaced = false;
    for (;;) {
      if (this.closing.signal.aborted) throw cancelledBy(this.closing.signal);
      const connection = await connections.lease(deadline, overrideCircuit);
      try {
        return await start(connection);
      } catch (error) {
        // Slots are taken. Such refusals end by themselves: the connection takes fewer sessions from now on, or is closed, and a
        // server that refuses the first session of a new one refuses it for good.
        if (error instanceof ChannelRefused) continue;
        if (error instanceof ConnectionLost && error.isOurs) continue;
        if (error instanceof ConnectionLost && !replaced) replaced = true;
        else throw toMusterError(error, { phase: 'channel' }, 'RESET');
      }
    }
  }
}
