import type { IStatusResponse } from 'etcd3/lib/rpc';
import { MusterError } from '../errors';
import { t } from '../l10n';
import { etcdError, statusRefused, watchRefusal } from './etcdError';
import type { WatchMessage } from './etcdMessages';
import type { KeyRange } from './etcdModel';
import type { EtcdEndpoint, WatchStream } from './etcdEndpoint';
import type { CallOptions, EtcdTransport } from './etcdTransport';

export interface ConnectionOptions {
  range: KeyRange;
  /** The first revision that is asked for. */
  fromRevision: number;
  previous: boolean;
  /** Milliseconds of silence after which a sign of life is asked for; half of it for the answer. */
  idleMs: number;
  signal: AbortSignal;
}

/** Messages that are taken together at most. */
const maxBatch = 64;
const connectTimeoutMs = 5_000;
const statusMethod = { service: 'Maintenance', name: 'Status' } as const;

/**
 * One watch on one stream to one endpoint, until it fails. What is not read stays with etcd, since the stream is read
 * only on demand.
 */
export class WatchConnection {
  /** Ends the watch: nothing follows what was read. */
  private failure: MusterError | undefined;
  private wake: (() => void) | undefined;
  private heardAt = performance.now();
  private askedAt: number | undefined;
  private readonly heartbeat: NodeJS.Timeout;
  private readonly onAbort = () => this.fail(new MusterError('CANCELLED', t('the watch was closed')));

  private constructor(
    readonly endpoint: string,
    private readonly stream: WatchStream,
    member: EtcdEndpoint,
    private readonly options: ConnectionOptions,
    /** Whether an answer to a request for progress follows every event before it: see `answersInOrder`. */
    private readonly inOrder: boolean,
  ) {
    const { range, fromRevision, previous, idleMs, signal } = options;
    stream.on('readable', () => this.notify());
    stream.on('error', (error) => this.fail(member.describe(error)));
    stream.on('end', () =>
      this.fail(new MusterError('RESET', t('etcd has ended the watch'), { host: endpoint })),
    );
    signal.addEventListener('abort', this.onAbort, { once: true });
    if (signal.aborted) this.onAbort();
    this.heartbeat = setInterval(() => this.beat(), Math.max(10, idleMs / 10));
    this.heartbeat.unref();
    stream.write({
      create_request: {
        ...{ key: range.start, start_revision: fromRevision, prev_kv: previous },
        ...(range.end && { range_end: range.end }),
        // Large transactions come in parts.
        ...{ progress_notify: true, fragment: true },
      },
    });
  }

  /** Resolves with the connection and the answer to its beginning. @throws MusterError */
  static async open(
    transport: EtcdTransport,
    options: ConnectionOptions,
  ): Promise<{ connection: WatchConnection; created: WatchMessage }> {
    const limits: CallOptions = { signal: options.signal, timeoutMs: connectTimeoutMs };
    const { stream, endpoint: member, index } = await transport.watchStream(limits);
    const { endpoint } = transport.addresses[index]!;
    // The stream has an owner before anything else is awaited.
    stream.on('error', () => {});
    let connection: WatchConnection | undefined;
    try {
      const inOrder = await transport.ask<IStatusResponse>(index, statusMethod, {}, limits).then(
        ({ version }) => answersInOrder(version),
        (error: unknown) => {
          // Since 3.6 only administrators may ask, and it answers in order.
          if (statusRefused(error)) return true;
          throw error;
        },
      );
      connection = new WatchConnection(endpoint, stream, member, options, inOrder);
      const created = await connection.created();
      return { connection, created };
    } catch (error) {
      connection?.close();
      stream.cancel();
      throw etcdError(error, endpoint);
    }
  }

  /**
   * What has arrived, one message at least; waits for it.
   * @throws MusterError when the connection has failed and everything before was read
   */
  async messages(): Promise<WatchMessage[]> {
    this.heardAt = performance.now();
    for (;;) {
      const messages: WatchMessage[] = [];
      while (messages.length < maxBatch) {
        const message = this.stream.read() as WatchMessage | null;
        if (message === null) break;
        messages.push(message);
      }
      if (messages.length > 0) {
        this.heardAt = performance.now();
        this.askedAt = undefined;
        return messages;
      }
      if (this.failure) throw this.failure;
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  /** The revision up to which a message without events proves that all was told, or undefined. */
  provenBy(message: WatchMessage): number | undefined {
    const forAll = message.watchId === -1;
    return !forAll || this.inOrder ? message.revision : undefined;
  }

  close(): void {
    clearInterval(this.heartbeat);
    this.options.signal.removeEventListener('abort', this.onAbort);
    this.wake?.();
    this.stream.cancel();
  }

  private async created(): Promise<WatchMessage> {
    const limit = setTimeout(
      () =>
        this.fail(new MusterError('TIMEOUT', t('etcd does not begin the watch'), { host: this.endpoint })),
      connectTimeoutMs,
    );
    try {
      for (;;) {
        const message = await this.firstMessage();
        if (message.canceled && message.compactRevision === 0)
          throw watchRefusal(message.cancelReason, this.endpoint);
        if (message.created) return message;
      }
    } finally {
      clearTimeout(limit);
    }
  }

  private async firstMessage(): Promise<WatchMessage> {
    for (;;) {
      const message = this.stream.read() as WatchMessage | null;
      if (message !== null) return message;
      if (this.failure) throw this.failure;
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  /** Somebody waits and nothing comes: is the other side still there? */
  private beat(): void {
    if (!this.wake || this.failure) return;
    const now = performance.now();
    const { idleMs } = this.options;
    if (this.askedAt === undefined) {
      if (now - this.heardAt < idleMs) return;
      this.askedAt = now;
      this.stream.write({ progress_request: {} });
    } else if (now - this.askedAt > idleMs / 2) {
      this.fail(
        new MusterError('TIMEOUT', t('etcd does not answer any more'), {
          ...{ host: this.endpoint, phase: 'request', hint: t('The member hangs or the link is cut.') },
        }),
      );
    }
  }

  private fail(error: MusterError): void {
    if (this.failure) return;
    this.failure = error;
    this.stream.cancel();
    this.notify();
  }

  private notify(): void {
    const wake = this.wake;
    this.wake = undefined;
    wake?.();
  }
}

/**
 * Before 3.4.25 and 3.5.8 etcd may answer a request for progress ahead of events that it has not sent yet: such an
 * answer shows that it lives, but not what has been told.
 */
export function answersInOrder(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split(/[.\-+]/).map(Number);
  if (major !== 3) return major > 3;
  if (minor === 4) return patch >= 25;
  return minor === 5 ? patch >= 8 : minor > 5;
}
