import type { Duplex } from 'node:stream';
import { cancelledBy } from '../../../batch/deadline';
import { MusterError, toMusterError } from '../../../errors/errors';
import type { Authority, Logger, SecretDestination } from '../../../host/host';
import type { Host, SshSettings } from '../../../inventory/model';
import { t } from '../../../l10n/l10n';
import { descriptorRoom } from '../../../errors/localLimit';
import { traceEnvironment } from '../../../operation/traceContext';
import { routeOf } from './hostRoute';
import { type ConnectionSettings, HostConnections, type Neighbours } from './hostConnections';
import { HostVerifier } from '../trust/hostVerifier';
import { KeyFiles } from '../auth/keyFiles';
import { type DefaultKnownHosts, KnownHostsStore } from '../trust/knownHostsStore';
import { ChannelRefused, ConnectionLost, type PooledConnection } from './pooledConnection';
import type { SftpChannel } from '../sftp/sftpChannel';
import { SshConfig, toLog } from '../config/sshConfig';
import type {
  Destination,
  ExecOptions,
  OpenOptions,
  ShellRequest,
  SocketPath,
  HostChannel,
  HostTransport,
  HostShell,
} from '../../hostTransport';
import { checkSocketPath } from '../../unixSocketError';
import { socketError } from './socketError';
import { type SshTarget, TargetResolver } from './sshTarget';

export interface SshPoolOptions {
  logger: Logger;
  authority: Authority;
  /**
   * Muster's own known_hosts, read beside the user's files. Keys to remember are appended to it, or to a file in the
   * folder `knownHostsFile`.d where they were asked about under the trust or the routes of an inventory.
   */
  knownHostsFile: string;
  /** The file of the inventory that the hosts are from. */
  inventoryFile?: () => string | undefined;
  /** The user's known_hosts files in place of OpenSSH's own. */
  userKnownHosts?: DefaultKnownHosts;
  /** Looks up jumps. */
  inventoryHost?: (name: string) => Host | undefined;
  /** Settings for jumps that are not in the inventory. */
  defaultSsh?: () => SshSettings;
  /** ssh_config files in which the aliases of jumps are looked up. */
  sshConfigFiles?: readonly string[];
  /** Reads an ssh_config file in place of reading it from disk. @throws why it is not read */
  readSshConfig?: (file: string) => Promise<string>;
  /** Where relative includes of ssh_config start. */
  sshConfigFolder?: string;
  /** Beyond it, idle connections are closed, the least recently used first. It never blocks, and may change. */
  maxConnections?: () => number;
  /** Channels on one connection at a time. */
  maxSessions?: number;
  /** Milliseconds until an unused connection is closed. */
  idleMs?: number;
  /** Milliseconds of silence after which the server is asked whether it is there; three answers may be missing. */
  keepaliveMs?: number;
  /** Attempts in a row that find a host dead before it is left alone. */
  circuitThreshold?: number;
  /** Milliseconds for which a dead host is left alone. */
  circuitRetryMs?: number;
}

export function createSshPool(options: SshPoolOptions): HostTransport {
  return new ConnectionPool(options);
}

/** Keeps connections and hands out channels on them. */
class ConnectionPool implements HostTransport, Neighbours {
  private readonly hosts = new Map<string, HostConnections>();
  /** Open ones, the least recently used first. */
  private readonly connections = new Set<PooledConnection>();
  private readonly closing = new AbortController();
  private readonly targets: TargetResolver;
  private readonly settings: ConnectionSettings;
  private readonly maxConnections: () => number;

  constructor(options: SshPoolOptions) {
    const { logger, authority, knownHostsFile, maxConnections = () => 256 } = options;
    const room = descriptorRoom();
    this.maxConnections = () => Math.min(maxConnections(), room);
    this.targets = new TargetResolver({
      inventoryHost: options.inventoryHost ?? (() => undefined),
      defaultSsh: options.defaultSsh ?? (() => ({})),
      config: new SshConfig(toLog(logger), {
        userFolder: options.sshConfigFolder,
        readFile: options.readSshConfig,
      }),
      configFiles: options.sshConfigFiles ?? ['~/.ssh/config', '/etc/ssh/ssh_config'],
      knownHosts: options.userKnownHosts,
      trustConfig: new SshConfig(() => {}, {
        userFolder: options.sshConfigFolder,
        readFile: options.readSshConfig,
        mayExecute: false,
      }),
    });
    this.settings = {
      logger,
      authority,
      verifier: new HostVerifier(
        new KnownHostsStore(knownHostsFile, logger),
        authority,
        logger,
        options.inventoryFile ?? (() => undefined),
      ),
      keyFiles: new KeyFiles(authority),
      keepaliveMs: options.keepaliveMs ?? 15_000,
      maxSessions: options.maxSessions ?? 10,
      idleMs: options.idleMs ?? 60_000,
      circuit: { threshold: options.circuitThreshold ?? 1, retryAfterMs: options.circuitRetryMs ?? 15_000 },
    };
  }

  exec(host: Host, command: string | undefined, options: ExecOptions): Promise<HostChannel> {
    return this.session(host, options, async (connection) => {
      options.onSent?.(true);
      try {
        // Sent without asking for an answer: sshd passes over what its AcceptEnv does not name.
        return await connection.exec(command, options.deadline, traceEnvironment(options.operation));
      } catch (error) {
        if (!options.deadline.aborted) options.onSent?.(false);
        throw error;
      }
    });
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
    return this.passage(host, options, ({ server }, target) =>
      Promise.resolve({ ...server, route: routeOf({ via: target }) }),
    );
  }

  async dispose(): Promise<void> {
    const reason = new MusterError('CANCELLED', t('the connections are being closed'));
    this.closing.abort(reason);
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
  ): Promise<Result> {
    try {
      const target = await this.targets.resolve(host);
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
  ): Promise<Channel> {
    try {
      return await this.startOn(this.of(await this.targets.resolve(host)), options, start);
    } catch (error) {
      throw toMusterError(error, { host: host.name });
    }
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
