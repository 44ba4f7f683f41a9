import type * as Grpc from '@grpc/grpc-js';
import type { Services } from 'etcd3/lib/rpc';
import type { SecureContext } from 'node:tls';
import { tlsError } from '../../../../platform/tls/tlsError';
import type { Deadline } from '../../../../platform/batch/deadline';
import { MusterError, toMusterError } from '../../../../platform/errors/errors';
import { t, text } from '../../../../platform/l10n/l10n';
import { endRest } from './endRest';
import { etcdError, lacksReason, neverSent, noteUnsent } from './etcdError';
import type { ConnectProgress, EndpointSockets } from './endpointSockets';
import type { EtcdAddress } from './etcdSettings';
import { tlsCredentials } from './tlsCredentials';
import { MessageGate } from './messageGate';

/** A local port that leads to an endpoint through another host. */
export interface EtcdTunnel {
  /** On 127.0.0.1. */
  readonly port: number;
  close(): Promise<void>;
}

/** One call without streams. */
export interface Method<Answer> {
  service: keyof typeof Services;
  /** As in rpc.proto, e.g. `Range`. */
  name: string;
  /** Instead of the general decoder. */
  decode?: (bytes: Buffer) => Answer;
}

/** A stream of watch messages that are not decoded yet. What was read is reported to `gate`, which lets more come. */
export interface WatchStream {
  call: Grpc.ClientDuplexStream<object, Buffer>;
  gate: MessageGate;
}

/** Loaded when a cluster is first used: it takes a tenth of a second. */
export const loadEtcd3 = () => import('./etcd3Parts');

type Host = InstanceType<Awaited<ReturnType<typeof loadEtcd3>>['Host']>;

/** One message; the largest is an event that holds a value before and after. etcd's own limit is 1.5 MiB for a value. */
const maxMessageBytes = 32 * 1024 * 1024;

/** A message of a watch that etcd was asked not to split: two million small keys of one revision. */
const maxWholeMessageBytes = 512 * 1024 * 1024;

/** Messages of a watch that are taken in advance, in bytes; one larger message is. */
const maxAheadBytes = 4 * 1024 * 1024;

/** Of gRPC's connectivity states. */
const connectivityReady = 2;

/** Milliseconds for which a failed handshake explains failing calls. */
const tlsFailureMs = 5_000;

/** Milliseconds between two attempts to connect, at most; gRPC adds up to a fifth. */
const longestRestMs = 2_000;

/**
 * How the connections behave. A member that answers no ping is dead, one that says nothing may be busy. etcd refuses
 * pings less than 5 s apart, or without a call; gRPC counts from the answer to the last one.
 */
const channelOptions: Grpc.ChannelOptions = {
  'grpc.max_receive_message_length': maxMessageBytes,
  'grpc.max_send_message_length': maxMessageBytes,
  'grpc.keepalive_time_ms': 6_000,
  'grpc.keepalive_timeout_ms': 5_000,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': longestRestMs,
  // What may be sent again is decided where it is known whether it writes.
  'grpc.enable_retries': 0,
  // As etcd's servers are named in muster.yaml, so they are connected to: never through the proxy of the environment.
  'grpc.enable_http_proxy': 0,
  'grpc-node.flow_control_window': 1024 * 1024,
};

/** What a call says, and advises, that ran out of time before there was a connection; {0} names the time limit. */
const silences: Readonly<Record<NonNullable<ConnectProgress> | 'unknown', readonly [string, string]>> = {
  unaccepted: [
    text('{0}: {1} did not accept the TCP connection'),
    text('A firewall may drop the packets, or the host is down: check the address, the port and the route.'),
  ],
  silent: [
    text('{0}: {1} accepted the TCP connection and sent nothing'),
    text(
      'The process there hangs or does not speak gRPC: check that it is etcd’s client port and that etcd runs.',
    ),
  ],
  answering: [
    text('{0}: {1} answered, but did not complete the gRPC handshake'),
    text(
      'The process there hangs or does not speak gRPC: check that it is etcd’s client port and that etcd runs.',
    ),
  ],
  unknown: [
    text('{0}: {1} gave no answer'),
    text('A firewall may drop the packets, the host is down, or what listens there is not etcd.'),
  ],
};

/** The calls to one member. */
export class EtcdEndpoint {
  private readonly host: Host;
  /** Another connection, for watches whose messages may be larger. */
  private wholeHost: Host | undefined;
  private readonly sockets: EndpointSockets;
  private readonly makeHost: (options: Grpc.ChannelOptions) => Host;
  /** Why the last attempt to connect failed. */
  private refusal: MusterError | undefined;
  private tlsFailure: { error: Error; at: number } | undefined;

  constructor(
    private readonly etcd3: Awaited<ReturnType<typeof loadEtcd3>>,
    private readonly address: EtcdAddress,
    private readonly tls: { context: SecureContext; serverName: string | undefined },
    private readonly tunnel: EtcdTunnel | undefined,
  ) {
    const { EndpointSockets, Host, grpc, noop } = etcd3;
    this.sockets = new EndpointSockets();
    const name = address.host.includes(':') ? `[${address.host}]` : address.host;
    const target = tunnel ? `127.0.0.1:${tunnel.port}` : `${name}:${address.port}`;
    const credentials = address.tls ? this.secure(grpc) : grpc.credentials.createInsecure();
    const options = {
      ...channelOptions,
      ...this.sockets.channelOptions,
      ...(tunnel && { 'grpc.default_authority': `${name}:${address.port}` }),
    };
    this.makeHost = (more) => new Host(target, credentials, { ...options, ...more }, noop);
    this.host = this.makeHost({});
  }

  /** An error of a call as one of the family, with why the handshake failed if it is that. */
  describe(thrown: unknown): MusterError {
    const { endpoint } = this.address;
    const error = etcdError(thrown, endpoint);
    if (lacksReason(error)) return this.refusal ?? error;
    if (neverSent(error)) this.refusal = error;
    const failure = this.recentTlsFailure;
    if (!failure || error === thrown) return error;
    if (!MusterError.is(error, 'UNREACHABLE', 'RESET', 'PROTOCOL', 'TLS')) return error;
    const known = tlsError(failure, 'tls');
    return known
      ? new MusterError('TLS', known.message, {
          host: endpoint,
          phase: 'tls',
          hint: known.hint,
          cause: error.cause,
        })
      : error;
  }

  private get recentTlsFailure(): Error | undefined {
    const { error, at } = this.tlsFailure ?? { at: -Infinity };
    return performance.now() - at > tlsFailureMs ? undefined : error;
  }

  private secure(grpc: typeof Grpc): Grpc.ChannelCredentials {
    return tlsCredentials(grpc, {
      context: this.tls.context,
      name: this.tls.serverName ?? this.address.host,
      onError: (error) => (this.tlsFailure = { error, at: performance.now() }),
    });
  }

  /** Sends `request`; its deadline cancels it on the wire. @throws MusterError */
  async unary<Answer>(
    method: Method<Answer>,
    request: object,
    metadata: Grpc.Metadata,
    deadline: Deadline,
  ): Promise<Answer> {
    await this.endRest(method.service, deadline);
    const client = this.host.getServiceClient(method.service);
    const definition = methodOf(client, method.name);
    return new Promise((resolve, reject) => {
      if (deadline.reason) return reject(deadline.reason);
      const call = client.makeUnaryRequest<object, Answer>(
        definition.path,
        definition.requestSerialize,
        method.decode ?? (definition.responseDeserialize as (bytes: Buffer) => Answer),
        request,
        metadata,
        {},
        (error, answer) => {
          forget();
          if (!error) resolve(answer!);
          else reject(deadline.reason ? this.late(deadline.reason, client) : this.describe(error));
        },
      );
      const forget = deadline.onAbort(() => call.cancel());
    });
  }

  /**
   * A stream that watches are created on, with room for messages that are not split if `whole`.
   * @throws the reason of the deadline
   */
  async watch(metadata: Grpc.Metadata, whole: boolean, deadline: Deadline): Promise<WatchStream> {
    await this.endRest('Watch', deadline);
    if (deadline.reason) throw deadline.reason;
    if (whole) this.wholeHost ??= this.makeHost({ 'grpc.max_receive_message_length': maxWholeMessageBytes });
    const client = (whole ? this.wholeHost! : this.host).getServiceClient('Watch');
    const definition = methodOf(client, 'Watch');
    const gate = new MessageGate(maxAheadBytes);
    const call = client.makeBidiStreamRequest<object, Buffer>(
      definition.path,
      definition.requestSerialize,
      (bytes) => bytes,
      metadata,
      { interceptors: [gate.interceptor(this.etcd3.grpc)] },
    );
    return { call, gate };
  }

  /** Time was up, or it was cancelled: while connecting, or afterwards. */
  private late(reason: MusterError, client: Grpc.Client): MusterError {
    const { endpoint } = this.address;
    const isConnected = Number(client.getChannel().getConnectivityState(false)) === connectivityReady;
    if (isConnected || reason.code !== 'TIMEOUT' || reason.phase)
      return toMusterError(reason, { host: endpoint, phase: 'request', peer: endpoint });
    // How a tunnel's own end behaves says nothing of the endpoint.
    const [message, hint] = silences[(!this.tunnel && this.sockets.progress) || 'unknown'];
    return noteUnsent(
      new MusterError('TIMEOUT', t(message, reason.message, endpoint), {
        ...{ host: endpoint, phase: 'connect', hint: t(hint) },
      }),
    );
  }

  /** Drops the connections; the next call makes new ones. */
  reset(): void {
    this.sockets.dropUnanswered();
    this.host.resetAllServices();
    this.wholeHost?.resetAllServices();
  }

  private async endRest(service: keyof typeof Services, deadline: Deadline): Promise<void> {
    // It listens, and refuses the handshake: there is nothing to wait for.
    if (this.recentTlsFailure) return;
    const { host, port } = this.address;
    const reached = this.tunnel ? { host: '127.0.0.1', port: this.tunnel.port } : { host, port };
    const channel = this.host.getServiceClient(service).getChannel();
    await endRest(channel, reached, longestRestMs, deadline);
  }

  async close(): Promise<void> {
    this.host.close();
    this.wholeHost?.close();
    this.sockets.close();
    await this.tunnel?.close();
  }
}

function methodOf(client: Grpc.Client, name: string): Grpc.MethodDefinition<object, object> {
  const { service } = client.constructor as Grpc.ServiceClientConstructor;
  return service[name] as Grpc.MethodDefinition<object, object>;
}
