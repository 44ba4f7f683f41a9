import type { IStatusResponse } from 'etcd3/lib/rpc';
import { setImmediate as turn } from 'node:timers/promises';
import { MusterError } from '../../../../platform/errors/errors';
import { t } from '../../../../platform/l10n/l10n';
import { etcdError, statusRefused, watchRefusal } from '../client/etcdError';
import { type WatchMessage, watchParts } from '../client/etcdMessages';
import type { KeyRange } from '../client/etcdModel';
import type { EtcdEndpoint, WatchStream } from '../client/etcdEndpoint';
import type { CallOptions, EtcdTransport } from '../client/etcdTransport';
import type { AskedWay } from './watchWays';

export interface ConnectionOptions {
  range: KeyRange;
  /** The first revision that is asked for. */
  fromRevision: number;
  /** How it is asked for, by the status of the member; undefined where only administrators may ask for that. */
  way: (member: IStatusResponse | undefined) => AskedWay;
  /** Whether that was chosen for a range of many keys. */
  forMany: boolean;
  /** Milliseconds of silence after which a sign of life is asked for; as long again for the answer, times the patience. */
  idleMs: number;
  signal: AbortSignal;
}

/** Messages and events that are taken together at most; more events where what was before is read for all of them. */
const maxBatch = { messages: 64, events: 1_000, eventsToLookUp: 5_000 };
/** Events that are decoded at once. */
const partEvents = 500;
/** Milliseconds that large messages are read for before everything else gets its turn. */
const turnMs = 15;
/** Milliseconds for a watch to begin, with the patience of the ordinary way; and at most. */
const beginMs = { usual: 5_000, most: 60_000 };
const statusMethod = { service: 'Maintenance', name: 'Status' } as const;

/**
 * One watch on one stream to one endpoint, until it fails. What is not read stays with etcd, since the stream is read
 * only on demand. Silence is no failure: whether the member is there, the pings of the connection find out.
 */
export class WatchConnection {
  /** Ends the watch: nothing follows what was read. */
  private failure: MusterError | undefined;
  private wake: (() => void) | undefined;
  /** Something has arrived since it was last looked for. */
  private news = false;
  private heardAt = performance.now();
  private askedAt: number | undefined;
  /** Nobody was told yet that an answer is overdue. */
  private overdue = false;
  /** What is left of the message that is being read, and its size. */
  private parts: Iterator<WatchMessage, void> | undefined;
  private partsBytes = 0;
  private turnAt = performance.now();
  private readonly heartbeat: NodeJS.Timeout;
  private readonly onAbort = () => this.fail(new MusterError('CANCELLED', t('the watch was closed')));

  private constructor(
    readonly endpoint: string,
    readonly index: number,
    private readonly stream: WatchStream,
    member: EtcdEndpoint,
    private readonly options: ConnectionOptions,
    private way: AskedWay,
    /** Whether an answer to a request for progress follows every event before it: see `answersInOrder`. */
    private readonly inOrder: boolean,
  ) {
    const { range, fromRevision, idleMs, signal } = options;
    const { call } = stream;
    call.on('readable', () => this.notify());
    call.on('error', (error) => this.fail(this.silenced(member.describe(error))));
    call.on('end', () =>
      this.fail(new MusterError('RESET', t('etcd has ended the watch'), { host: endpoint })),
    );
    signal.addEventListener('abort', this.onAbort, { once: true });
    if (signal.aborted) this.onAbort();
    this.heartbeat = setInterval(() => this.beat(), Math.max(10, idleMs / 10));
    this.heartbeat.unref();
    call.write({
      create_request: {
        ...{ key: range.start, start_revision: fromRevision, prev_kv: way.previous },
        ...(range.end && { range_end: range.end }),
        ...{ progress_notify: true, fragment: way.split },
      },
    });
  }

  /** Resolves with the connection and the answer to its beginning. @throws MusterError */
  static async open(
    transport: EtcdTransport,
    options: ConnectionOptions,
  ): Promise<{ connection: WatchConnection; created: WatchMessage }> {
    const { signal } = options;
    const index = transport.preferredIndex;
    const { endpoint } = transport.addresses[index]!;
    try {
      const limits: CallOptions = { signal, timeoutMs: beginWithin(options.way(undefined).patience) };
      const status = await transport
        .ask<IStatusResponse>(index, statusMethod, {}, limits)
        .catch((error: unknown) => {
          // Since 3.6 only administrators may ask, and it answers in order.
          if (statusRefused(error)) return undefined;
          throw error;
        });
      const way = options.way(status);
      const inOrder = !status || answersInOrder(status.version);
      const { stream, endpoint: member } = await transport.watchStream(index, {
        ...limits,
        whole: !way.split,
      });
      const connection = new WatchConnection(endpoint, index, stream, member, options, way, inOrder);
      try {
        return { connection, created: await connection.created() };
      } catch (error) {
        connection.close();
        throw error;
      }
    } catch (error) {
      throw etcdError(error, endpoint);
    }
  }

  /**
   * What has arrived, waited for; a large message comes in parts. Nothing when an answer to a request for a sign of life
   * is overdue: once, until something was heard.
   * @throws MusterError when the connection has failed and everything before was read
   */
  async messages(): Promise<WatchMessage[]> {
    this.heardAt = performance.now();
    for (;;) {
      this.news = false;
      const messages = await this.take();
      if (messages.length > 0) {
        this.heard();
        return messages;
      }
      if (this.failure) throw this.failure;
      if (this.overdue) {
        this.overdue = false;
        return [];
      }
      if (!this.news) await this.takeTurn(new Promise<void>((resolve) => (this.wake = resolve)));
    }
  }

  /** Milliseconds since anything was heard. */
  get silentMs(): number {
    return performance.now() - this.heardAt;
  }

  get forMany(): boolean {
    return this.options.forMany;
  }

  /** Whether etcd splits large messages. */
  get isSplit(): boolean {
    return this.way.split;
  }

  /** Whether etcd looks up what was before each event. */
  get looksUpPrevious(): boolean {
    return this.way.previous;
  }

  /** An overdue answer may take as long again, times `patience`, before it is overdue once more. */
  waitOn(patience: number): void {
    this.way = { ...this.way, patience };
    this.askedAt = performance.now();
  }

  private async take(): Promise<WatchMessage[]> {
    const messages: WatchMessage[] = [];
    const mostEvents = this.way.previous ? maxBatch.events : maxBatch.eventsToLookUp;
    let events = 0;
    while (messages.length < maxBatch.messages && events < mostEvents) {
      await this.letOthers();
      const part = this.nextPart();
      if (!part) break;
      messages.push(part);
      events += part.events.length;
    }
    return messages;
  }

  /** Gives everything else its turn when this has taken long enough. */
  async letOthers(): Promise<void> {
    if (performance.now() - this.turnAt > turnMs) await this.takeTurn(turn());
  }

  private nextPart(): WatchMessage | undefined {
    for (;;) {
      const next = this.parts?.next();
      if (next && !next.done) return next.value;
      if (this.parts) this.stream.gate.taken(this.partsBytes);
      this.parts = undefined;
      const bytes = this.stream.call.read() as Buffer | null;
      if (bytes === null) return undefined;
      this.parts = watchParts(bytes, partEvents);
      this.partsBytes = bytes.length;
    }
  }

  private heard(): void {
    this.heardAt = performance.now();
    this.askedAt = undefined;
    this.overdue = false;
  }

  private async takeTurn(wait: Promise<void>): Promise<void> {
    await wait;
    this.turnAt = performance.now();
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
    this.stream.call.cancel();
    this.stream.gate.open();
  }

  private async created(): Promise<WatchMessage> {
    const limit = setTimeout(
      () =>
        this.fail(new MusterError('TIMEOUT', t('etcd does not begin the watch'), { host: this.endpoint })),
      beginWithin(this.way.patience),
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
      const message = this.nextPart();
      if (message) return message;
      if (this.failure) throw this.failure;
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  /** Somebody waits and nothing comes: has the other side anything to say? */
  private beat(): void {
    if (!this.wake || this.failure) return;
    const now = performance.now();
    const { idleMs } = this.options;
    if (this.askedAt === undefined) {
      if (now - this.heardAt < idleMs) return;
      this.askedAt = now;
      this.stream.call.write({ progress_request: {} });
    } else if (now - this.askedAt > idleMs * this.way.patience) {
      this.askedAt = Infinity;
      this.overdue = true;
      this.notify();
    }
  }

  /** Where the pings were not answered, gRPC says only that the connection is gone. */
  silenced(error: MusterError): MusterError {
    if (this.askedAt === undefined || !/Connection dropped/.test(error.message)) return error;
    return new MusterError('TIMEOUT', t('etcd no longer answers'), {
      ...{ host: this.endpoint, phase: 'request', cause: error.cause },
      hint: t('The member hangs or the link is cut.'),
    });
  }

  private fail(error: MusterError): void {
    if (this.failure) return;
    this.failure = error;
    this.stream.call.cancel();
    this.stream.gate.open();
    this.notify();
  }

  private notify(): void {
    this.news = true;
    const wake = this.wake;
    this.wake = undefined;
    wake?.();
  }
}

function beginWithin(patience: number): number {
  return Math.min(beginMs.usual * patience, beginMs.most);
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
