import type * as Grpc from '@grpc/grpc-js';
import type { Services } from 'etcd3/lib/rpc';
import type { SecureContext } from 'node:tls';
import { tlsError } from '../checks/tlsError';
import type { Deadline } from '../deadline';
import { MusterError } from '../errors';
import { t } from '../l10n';
import { endRest } from './endRest';
import { etcdError, neverSent } from './etcdError';
import type { EtcdAddress } from './etcdSettings';
import { tlsCredentials } from './tlsCredentials';
import { decodeWatch, type WatchMessage } from './etcdMessages';

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

export type WatchStream = Grpc.ClientDuplexStream<object, WatchMessage>;

/** Loaded when a cluster is first used: it takes a tenth of a second. */
export const loadEtcd3 = () => import('./etcd3Parts');

/** One message; the largest is an event that holds a value before and after. etcd's own limit is 1.5 MiB for a value. */
const maxMessageBytes = 32 * 1024 * 1024;

/** Milliseconds for which a failed handshake explains failing calls. */
const tlsFailureMs = 5_000;

/** Milliseconds between two attempts to connect, at most; gRPC adds up to a fifth. */
const longestRestMs = 2_000;

/** How the connections behave. etcd refuses pings that come oftener than every 5 s, or without a call. */
const channelOptions: Grpc.ChannelOptions = {
  'grpc.max_receive_message_length': maxMessageBytes,
  'grpc.max_send_message_length': maxMessageBytes,
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 5_000,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': longestRestMs,
  // What may be sent again is decided where it is known whether it writes.
  'grpc.enable_retries': 0,
  // As etcd's servers are named in muster.yaml, so they are connected to: never through the proxy of the environment.
  'grpc.enable_http_proxy': 0,
  'grpc-node.flow_control_window': 1024 * 1024,
};

/** The calls to one member. */
export class EtcdEndpoint {
  private readonly host: InstanceType<Awaited<ReturnType<typeof loadEtcd3>>['Host']>;
  /** Why the last attempt to connect failed. */
  private refusal: MusterError | undefined;
  private tlsFailure: { error: Error; at: number } | undefined;

  constructor(
    { Host, grpc, noop }: Awaited<ReturnType<typeof loadEtcd3>>,
    private readonly address: EtcdAddress,
    private readonly tls: { context: SecureContext; serverName: string | undefined },
    private readonly tunnel: EtcdTunnel | undefined,
  ) {
    const name = address.host.includes(':') ? `[${address.host}]` : address.host;
    const target = tunnel ? `127.0.0.1:${tunnel.port}` : `${name}:${address.port}`;
    const credentials = address.tls ? this.secure(grpc) : grpc.credentials.createInsecure();
    const options = {
      ...channelOptions,
      ...(tunnel && { 'grpc.default_authority': `${name}:${address.port}` }),
    };
    this.host = new Host(target, credentials, options, noop);
  }

  /** An error of a call as one of the family, with why the handshake failed if it is that. */
  describe(thrown: unknown): MusterError {
    const { endpoint } = this.address;
    const error = etcdError(thrown, endpoint);
    // Between two attempts to connect gRPC does not say what the last one failed with.
    if (neverSent(error) && error.message === 'null')
      return (
        this.refusal ?? new MusterError('UNREACHABLE', t('no connection'), { ...error, cause: error.cause })
      );
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
          else reject(deadline.reason ?? this.describe(error));
        },
      );
      const forget = deadline.onAbort(() => call.cancel());
    });
  }

  /** A stream that watches are created on. @throws the reason of the deadline */
  async watch(metadata: Grpc.Metadata, deadline: Deadline): Promise<WatchStream> {
    await this.endRest('Watch', deadline);
    if (deadline.reason) throw deadline.reason;
    const client = this.host.getServiceClient('Watch');
    const definition = methodOf(client, 'Watch');
    return client.makeBidiStreamRequest<object, WatchMessage>(
      definition.path,
      definition.requestSerialize,
      decodeWatch,
      metadata,
      {},
    );
  }

  /** Drops the connections; the next call makes new ones. */
  reset(): void {
    this.host.resetAllServices();
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
    await this.tunnel?.close();
  }
}

function methodOf(client: Grpc.Client, name: string): Grpc.MethodDefinition<object, object> {
  const { service } = client.constructor as Grpc.ServiceClientConstructor;
  return service[name] as Grpc.MethodDefinition<object, object>;
}
