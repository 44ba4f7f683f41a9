import { MusterError, peerOf, toMusterError } from '../../../errors/errors';
import { t } from '../../../l10n/l10n';
import { Circuit, type CircuitSettings, type Outcome } from './circuit';
import { handshake, type HandshakeOptions, type LoggedIn } from '../trust/handshake';
import { ConnectionLost, PooledConnection } from './pooledConnection';
import { SharedAttempt, type Waiter } from './sharedAttempt';
import type { SshTarget } from './sshTarget';
import { connectTcp, runProxyCommand, type Transport, withTransportFailure } from '../transport';

export interface ConnectionSettings extends HandshakeOptions {
  /** Sessions on one connection, unless the server grants fewer. sshd's default for MaxSessions. */
  maxSessions: number;
  idleMs: number;
  circuit: CircuitSettings;
}

/** What the connections of one host need of the others. */
export interface Neighbours {
  /** The connections of a jump. */
  of(target: SshTarget): HostConnections;
  /** Called before a connection is opened; it is urgent when this machine can open no more. */
  makeRoom(isUrgent?: boolean): void;
  /** The connection is new, or was used, and may be idle now. */
  used(connection: PooledConnection): void;
  closed(connection: PooledConnection): void;
}

/** Where a server grants few sessions, more connections are opened, up to this many. */
const maxConnectionsPerHost = 4;

const deadCodes = ['TIMEOUT', 'DNS', 'REFUSED', 'UNREACHABLE', 'RESET'] as const;

/** The connections to one target: interchangeable, opened one at a time. */
export class HostConnections {
  private readonly connections = new Set<PooledConnection>();
  private attempt: SharedAttempt<PooledConnection> | undefined;
  private readonly circuit: Circuit;
  private readonly waiting = new Set<() => void>();
  private abandoned: MusterError | undefined;
  private limit = maxConnectionsPerHost;
  /** Sessions on one connection, as far as the server has shown: a new connection need not learn it again. */
  private granted: number;

  constructor(
    private readonly target: SshTarget,
    private readonly settings: ConnectionSettings,
    private readonly neighbours: Neighbours,
  ) {
    this.circuit = new Circuit(settings.circuit);
    this.granted = settings.maxSessions;
  }

  /** A connection with a slot reserved on it. @throws MusterError */
  async lease(waiter: Waiter, overrideCircuit: boolean): Promise<PooledConnection> {
    for (;;) {
      for (const connection of this.connections) {
        if (!connection.hasFreeSlot) continue;
        connection.reserve();
        return connection;
      }
      if (waiter.reason) throw toMusterError(waiter.reason, { phase: 'channel', peer: peerOf(this.target) });
      if (this.connections.size >= this.limit) await this.slot(waiter);
      else await this.another(waiter, overrideCircuit);
    }
  }

  /** A connection to go on through, to the host named `jumpFor` if it is a jump. @throws MusterError */
  async passage(
    waiter: Waiter,
    overrideCircuit: boolean,
    jumpFor: string | undefined,
  ): Promise<PooledConnection> {
    for (const connection of this.connections) if (connection.isUsable) return connection;
    return this.connect(waiter, overrideCircuit, jumpFor);
  }

  /** Gives up what is under way, and opens nothing any more. */
  async abandon(reason: MusterError): Promise<void> {
    this.abandoned = reason;
    this.attempt?.abort(reason);
    await this.attempt?.result.catch(() => {});
  }

  /** Opens another connection; if there is one already, failing to is no error. */
  private async another(waiter: Waiter, overrideCircuit: boolean): Promise<void> {
    try {
      await this.connect(waiter, overrideCircuit);
    } catch (error) {
      if (waiter.reason || this.connections.size === 0) throw error;
      this.limit = this.connections.size;
    }
  }

  /** Joins the attempt that is under way, or starts one. */
  private connect(waiter: Waiter, overrideCircuit: boolean, jumpFor?: string): Promise<PooledConnection> {
    if (!this.attempt) {
      if (this.abandoned) return Promise.reject(this.abandoned);
      if (overrideCircuit) this.circuit.reset();
      const refusal = this.circuit.refusal();
      if (refusal) return Promise.reject(refusal);
      this.attempt = new SharedAttempt(
        this.target.connectTimeoutMs,
        (attempt) =>
          this.establish(attempt, overrideCircuit, jumpFor).finally(() => (this.attempt = undefined)),
        peerOf(this.target),
      );
    }
    return this.attempt.join(waiter);
  }

  private async establish(
    attempt: SharedAttempt<PooledConnection>,
    overrideCircuit: boolean,
    jumpFor: string | undefined,
  ): Promise<PooledConnection> {
    this.neighbours.makeRoom();
    for (let again = false; ; again = true) {
      const jump = await this.reachJump(attempt, overrideCircuit);
      // Files are read before it is used: it must not idle meanwhile.
      const release = jump?.hold();
      try {
        // A dead jump is the jump's own affair: only what comes after it counts for this host's circuit.
        return await this.circuit.run(() => this.open(jump, attempt, jumpFor));
      } catch (error) {
        if (!(error instanceof ConnectionLost)) throw error;
        if (again) throw new MusterError('RESET', t('the jump hung up'), { phase: 'connect', cause: error });
      } finally {
        release?.();
      }
    }
  }

  private async reachJump(attempt: Waiter, overrideCircuit: boolean): Promise<PooledConnection | undefined> {
    const { via, name } = this.target;
    if (!via) return undefined;
    try {
      return await this.neighbours.of(via).passage(attempt, overrideCircuit, name);
    } catch (error) {
      if (attempt.reason || !(error instanceof MusterError)) throw error;
      const { code, message, phase, hint } = error;
      throw new MusterError(code, t('jump {0}: {1}', via.name, message), { phase, hint, cause: error.cause });
    }
  }

  private async open(
    jump: PooledConnection | undefined,
    attempt: SharedAttempt<PooledConnection>,
    jumpFor: string | undefined,
  ): Promise<Outcome<PooledConnection>> {
    const { target, settings } = this;
    let transport: Transport | undefined;
    try {
      const trust = await settings.verifier.trustFor(target);
      transport = await this.transport(jump, attempt);
      // At once: a server may hang up before anybody listens.
      const loggedIn = await handshake(transport, target, trust, jumpFor, attempt, settings);
      return { value: this.opened(loggedIn, transport) };
    } catch (error) {
      if (error instanceof ConnectionLost) throw error;
      const failure = toMusterError(error, attempt.whereabouts);
      if (failure.code === 'LOCAL_LIMIT') this.neighbours.makeRoom(true);
      const silent = failure.phase !== 'auth' && !transport?.heard && this.connections.size === 0;
      const dead = silent && MusterError.is(failure, ...deadCodes);
      return { error: transport ? withTransportFailure(failure, transport) : failure, dead };
    }
  }

  private transport(
    jump: PooledConnection | undefined,
    attempt: SharedAttempt<unknown>,
  ): Promise<Transport> | Transport {
    const { address, port, proxyCommand } = this.target;
    if (jump) return jump.forward({ address, port }, attempt);
    return proxyCommand === undefined ? connectTcp(address, port, attempt) : runProxyCommand(proxyCommand);
  }

  private opened({ client, server }: LoggedIn, transport: Transport): PooledConnection {
    const { maxSessions, idleMs } = this.settings;
    const connection = new PooledConnection(client, server, transport, this.granted, idleMs, {
      grants: (sessions) => (this.granted = Math.min(this.granted, sessions)),
      changed: () => {
        if (this.connections.has(connection)) this.neighbours.used(connection);
        const [first] = this.waiting;
        first?.();
      },
      closed: () => {
        this.connections.delete(connection);
        if (this.connections.size === 0) {
          this.limit = maxConnectionsPerHost;
          this.granted = maxSessions;
        }
        this.neighbours.closed(connection);
        for (const wake of [...this.waiting]) wake();
      },
    });
    this.connections.add(connection);
    this.neighbours.used(connection);
    return connection;
  }

  /** Resolves when a slot may be free. */
  private slot(waiter: Waiter): Promise<void> {
    return new Promise((resolve, reject) => {
      const wake = () => {
        this.waiting.delete(wake);
        unhear();
        resolve();
      };
      this.waiting.add(wake);
      const unhear = waiter.onAbort(() => {
        this.waiting.delete(wake);
        reject(toMusterError(waiter.reason, { phase: 'channel', peer: peerOf(this.target) }));
      });
    });
  }
}
