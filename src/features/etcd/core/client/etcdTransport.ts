import type * as Grpc from '@grpc/grpc-js';
import type { SecureContext } from 'node:tls';
import { Deadline } from '../../../../platform/batch/deadline';
import { MusterError } from '../../../../platform/errors/errors';
import type { Logger } from '../../../../platform/host/host';
import { t } from '../../../../platform/l10n/l10n';
import {
  authenticationIsOff,
  etcdError,
  movesOn,
  neverDone,
  nothingWritten,
  perhapsWritten,
  wantsNewToken,
} from './etcdError';
import { EtcdEndpoint, type EtcdTunnel, loadEtcd3, type Method, type WatchStream } from './etcdEndpoint';
import { type EtcdAddress, type EtcdSettings, parseEndpoint } from './etcdSettings';

/** Ends a call; the timeout is for the whole of it, other endpoints included. */
export interface CallOptions {
  signal?: AbortSignal;
  /** Milliseconds, 10 s by default. */
  timeoutMs?: number;
}

export interface TransportPorts {
  /** Asked for when the cluster has a username, at most once at a time. `retry`: the last one was refused. */
  password?: (retry: boolean) => Promise<string | undefined>;
  /** The password that was asked for has logged in. */
  passwordAccepted?: () => void;
  /** The password that was asked for was refused: nobody should send it again. */
  passwordRefused?: () => void;
  /** What to do where no password was given. */
  passwordHint?: string;
  /** How the endpoints are reached when not directly. Called once for each endpoint, at its first use. */
  tunnel?: (address: { address: string; port: number }) => Promise<EtcdTunnel>;
  logger: Logger;
}

const defaultTimeoutMs = 10_000;

/** Calls with failover: each goes to the endpoint that answered last, and on to the next when that one does not. */
export class EtcdTransport {
  readonly addresses: readonly EtcdAddress[];
  private current = 0;
  private readonly endpoints = new Map<number, Promise<EtcdEndpoint>>();
  /** The token that calls carry, shared by all of them. */
  private metadata: Promise<Grpc.Metadata> | undefined;
  /** Kept for when the token ends. */
  private password: Promise<string | undefined> | undefined;
  /** The last refusal, and of which password: none once the user tries again. */
  private refusal: { password: string | undefined; error: MusterError } | undefined;
  private passwordProved = false;
  private closed = false;

  constructor(
    readonly settings: EtcdSettings,
    /** For endpoints with TLS. */
    private readonly secureContext: SecureContext,
    private readonly ports: TransportPorts,
  ) {
    this.addresses = settings.endpoints.map((endpoint) =>
      parseEndpoint(endpoint, settings.tls !== undefined),
    );
    if (this.addresses.length === 0)
      throw new MusterError('INVENTORY', t('etcd cluster {0} has no endpoints', settings.name), {
        phase: 'inventory',
      });
  }

  /** The endpoint that calls go to first. */
  get preferred(): string {
    return this.addresses[this.current]!.endpoint;
  }

  /**
   * A call that only reads: any endpoint may answer it.
   * @throws MusterError
   */
  read<Answer>(method: Method<Answer>, request: object, options: CallOptions = {}): Promise<Answer> {
    return this.call(method, request, options, { writes: false });
  }

  /**
   * A call that changes something, sent again only when etcd certainly did nothing.
   * @throws MusterError
   */
  write<Answer>(method: Method<Answer>, request: object, options: CallOptions = {}): Promise<Answer> {
    return this.call(method, request, options, { writes: true });
  }

  /** A call to one endpoint, by its index. @throws MusterError */
  async ask<Answer>(
    index: number,
    method: Method<Answer>,
    request: object,
    options: CallOptions = {},
  ): Promise<Answer> {
    await this.prepare();
    const deadline = new Deadline(options.timeoutMs ?? defaultTimeoutMs, options.signal);
    try {
      return await this.attempt(index, method, request, deadline);
    } finally {
      deadline.dispose();
    }
  }

  /** The index of the endpoint that calls go to first. */
  get preferredIndex(): number {
    return this.current;
  }

  /** Opens a stream for watches to one endpoint, by its index; see `EtcdEndpoint.watch`. @throws MusterError */
  async watchStream(
    index: number,
    options: CallOptions & { whole: boolean },
  ): Promise<{ stream: WatchStream; endpoint: EtcdEndpoint }> {
    await this.prepare();
    const deadline = new Deadline(options.timeoutMs ?? defaultTimeoutMs, options.signal);
    try {
      const metadata = (await this.authorization(index, deadline)).clone();
      // A member that has lost the others ends the watch instead of staying silent.
      metadata.set('hasleader', 'true');
      const endpoint = await this.endpoint(index);
      return { stream: await endpoint.watch(metadata, options.whole, deadline), endpoint };
    } finally {
      deadline.dispose();
    }
  }

  /** The preferred endpoint has failed: the next one is preferred, and its token may be unknown. */
  async moveOn(endpoint: string, error: MusterError, reset: boolean): Promise<void> {
    if (wantsNewToken(error)) this.metadata = undefined;
    if (reset) {
      const index = this.addresses.findIndex((address) => address.endpoint === endpoint);
      (await this.endpoints.get(index))?.reset();
    }
    if (this.preferred === endpoint) this.current = (this.current + 1) % this.addresses.length;
  }

  /** Whether a refusal may be due to an old token, which is then renewed: the first time only. */
  renewToken(refusals: number): boolean {
    if (refusals > 1 || this.settings.username === undefined) return false;
    this.metadata = undefined;
    return true;
  }

  async close(): Promise<void> {
    this.closed = true;
    const endpoints = [...this.endpoints.values()];
    // One that could not be made needs no end.
    await Promise.allSettled(endpoints.map(async (endpoint) => (await endpoint).close()));
  }

  private async call<Answer>(
    method: Method<Answer>,
    request: object,
    { signal, timeoutMs = defaultTimeoutMs }: CallOptions,
    { writes }: { writes: boolean },
  ): Promise<Answer> {
    const mayRepeat = (error: MusterError) => !writes || neverDone(error);
    await this.prepare();
    const deadline = new Deadline(timeoutMs, signal);
    const first = this.current;
    const count = this.addresses.length;
    try {
      for (let tried = 0; ; tried++) {
        const index = (first + tried) % count;
        const last = tried === count - 1;
        // One that does not answer leaves time for the next.
        const patience =
          last || !mayRepeat(silence) ? deadline : new Deadline(timeoutMs / (tried + 2), deadline.signal);
        let sent = false;
        try {
          const answer = await this.attempt(index, method, request, patience, () => (sent = true));
          this.current = index;
          return answer;
        } catch (thrown) {
          // An error of the family says more than the deadline that it comes from.
          const isKnown = thrown instanceof MusterError;
          const error =
            (isKnown ? undefined : deadline.reason) ?? etcdError(thrown, this.addresses[index]!.endpoint);
          // What a login fails with says nothing of the call.
          const isOpen = movesOn(error) || error.code === 'CANCELLED';
          const uncertain = sent && isOpen && !mayRepeat(error);
          if (uncertain) throw perhapsWritten(error);
          if (deadline.reason || last || !movesOn(error))
            throw writes && isOpen ? nothingWritten(error) : error;
          this.ports.logger.info(`etcd ${this.settings.name}: ${error.host} ${error.code}: ${error.message}`);
        } finally {
          if (patience !== deadline) patience.dispose();
        }
      }
    } finally {
      deadline.dispose();
    }
  }

  private async attempt<Answer>(
    index: number,
    method: Method<Answer>,
    request: object,
    deadline: Deadline,
    onSend?: () => void,
  ): Promise<Answer> {
    const { endpoint: name } = this.addresses[index]!;
    for (let renewed = false; ; renewed = true) {
      const authorization = await this.authorization(index, deadline);
      const endpoint = await this.endpoint(index);
      onSend?.();
      try {
        return await endpoint.unary(method, request, authorization, deadline);
      } catch (thrown) {
        const error = etcdError(thrown, name);
        if (renewed || !wantsNewToken(error)) throw error;
        this.metadata = undefined;
      }
    }
  }

  /** @throws MusterError INVENTORY when the cluster was closed */
  private endpoint(index: number): Promise<EtcdEndpoint> {
    if (this.closed) throw new MusterError('CANCELLED', t('etcd cluster {0} was closed', this.settings.name));
    const known = this.endpoints.get(index);
    if (known) return known;
    const made = this.makeEndpoint(this.addresses[index]!);
    this.endpoints.set(index, made);
    // The next use tries again.
    made.catch(() => this.endpoints.delete(index));
    return made;
  }

  private async makeEndpoint(address: EtcdAddress): Promise<EtcdEndpoint> {
    const etcd3 = await loadEtcd3();
    const tunnel = await this.ports.tunnel?.({ address: address.host, port: address.port });
    const tls = { context: this.secureContext, serverName: this.settings.tls?.serverName };
    return new EtcdEndpoint(etcd3, address, tls, tunnel);
  }

  /** Asks for the password before the clock of a call runs. */
  private async prepare(): Promise<void> {
    if (this.settings.username === undefined) return;
    const shared = this.password;
    if (shared && (await shared.catch(() => undefined)) !== undefined) return;
    // What another call was not given, this one may be: perhaps nobody waited for that one.
    if (this.password === shared) this.password = undefined;
    const asked = (this.password ??= this.askForPassword());
    try {
      if ((await asked) !== undefined) return;
    } catch (error) {
      if (this.password === asked) this.password = undefined;
      throw error;
    }
    if (this.password === asked) this.password = undefined;
    throw this.noPassword();
  }

  private async askForPassword(): Promise<string | undefined> {
    return this.ports.password?.(this.refusal !== undefined);
  }

  private noPassword(): MusterError {
    const { username = '', name } = this.settings;
    return new MusterError('AUTH', t('no password for {0} of etcd {1}', username, name), {
      phase: 'auth',
      hint:
        this.ports.passwordHint ??
        t('Enter the password when you are asked for it, or remove username of the cluster in muster.yaml.'),
    });
  }

  /** Lets a password be sent that was refused: the user has decided to try again. */
  tryAgain(): void {
    if (this.refusal) this.refusal = { ...this.refusal, password: undefined };
  }

  /** The token, from the one login that is under way; a refusal is that of all who waited for it. */
  private async authorization(index: number, deadline: Deadline): Promise<Grpc.Metadata> {
    for (;;) {
      const known = this.metadata;
      const asked = known ?? this.authenticate(index, deadline);
      this.metadata = asked;
      try {
        return await asked;
      } catch (error) {
        if (this.metadata === asked) this.metadata = undefined;
        // What another call asked for has ended with that call, not with this one.
        if (!known || deadline.reason || MusterError.is(error, 'AUTH')) throw error;
      }
    }
  }

  private async authenticate(index: number, deadline: Deadline): Promise<Grpc.Metadata> {
    const { grpc } = await loadEtcd3();
    const metadata = new grpc.Metadata();
    const { username } = this.settings;
    if (username === undefined) return metadata;
    const { endpoint: host } = this.addresses[index]!;
    const endpoint = await this.endpoint(index);
    const password = await this.password;
    // Whoever waited for its turn may have a password no more.
    if (password === undefined) throw this.refusal?.error ?? this.noPassword();
    // Each refusal counts towards a lock of the account.
    if (password === this.refusal?.password) this.refuse(this.refusal);
    try {
      const request = { name: username, password };
      const { token } = await endpoint.unary(authenticateMethod, request, metadata, deadline);
      this.refusal = undefined;
      metadata.set('token', token);
      if (!this.passwordProved) this.ports.passwordAccepted?.();
      this.passwordProved = true;
    } catch (thrown) {
      const error = etcdError(thrown, host);
      if (!authenticationIsOff(error)) {
        if (error.code === 'AUTH') this.refuse({ password, error });
        throw error;
      }
      this.ports.logger.warn(t('etcd {0}: it knows no users, so username is not used', this.settings.name));
    }
    return metadata;
  }

  private refuse(refusal: { password: string | undefined; error: MusterError }): never {
    this.refusal = refusal;
    this.passwordProved = false;
    this.password = undefined;
    this.ports.passwordRefused?.();
    throw refusal.error;
  }
}

const authenticateMethod: Method<{ token: string }> = { service: 'Auth', name: 'Authenticate' };

const silence = new MusterError('TIMEOUT', 'no answer');
