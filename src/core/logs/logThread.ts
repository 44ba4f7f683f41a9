import { Worker } from 'node:worker_threads';
import { errorFrom } from '../checks/probeOrders';
import { MusterError } from '../errors';
import { t } from '../l10n';
import type { LogSink } from './logSink';
import type { StoreClient } from './storeClient';
import type { StoreNews } from './storeHost';
import type { StoreAnswer, StoreCall, StoreOrder, StoreThreadData } from './storeOrders';

/** Bytes of the blocks in which bytes of all streams go to the thread. */
const blockBytes = 256 * 1024;
/** Blocks that are kept for being used again. */
const mostSpare = 16;
/** Bytes on their way to the thread, all in all, beyond which every source is held back. */
const mostUnderWay = 32 * 1024 * 1024;
/** Milliseconds between looks whether what was held back may go on. */
const drainMs = 10;

interface FeedCount {
  sent: number;
  received: number;
  pending: number;
}

/** A store in a thread of its own: bytes go there in blocks that are handed over, not copied again. */
export class LogThread implements StoreClient {
  readonly sink: LogSink;
  private readonly worker: Worker;
  private readonly waiting = new Map<
    number,
    { resolve: (value: unknown) => void; reject: (error: unknown) => void }
  >();
  private readonly feedOf: number[] = [];
  private readonly feeds = new Map<number, FeedCount>();
  private readonly listeners = new Set<() => void>();
  private readonly spare: ArrayBuffer[] = [];
  private block: Buffer | undefined;
  private used = 0;
  private parts: number[] = [];
  private flushing: NodeJS.Immediate | undefined;
  private draining: NodeJS.Timeout | undefined;
  private underWay = 0;
  private lastId = 0;
  private failure: MusterError | undefined;

  /** @param file the bundle of logWorker.ts */
  constructor(
    file: string,
    data: StoreThreadData,
    private readonly tell: (news: StoreNews) => void,
  ) {
    this.worker = new Worker(file, { workerData: data });
    this.worker.on('message', (answer: StoreAnswer) => this.heard(answer));
    this.worker.on('error', (error) =>
      this.lost(new MusterError('PROTOCOL', t('the thread that keeps the logs has ended'), { cause: error })),
    );
    this.worker.on('exit', () => this.lost(new MusterError('CANCELLED', t('the logs are no longer kept'))));
    this.sink = {
      expect: (feed) => this.order({ kind: 'expect', feed }),
      open: (stream) => {
        this.feedOf[stream.id] = stream.feed;
        this.order({ kind: 'open', stream });
      },
      append: (stream, bytes, start, end) => this.append(stream, bytes, start, end),
      event: (stream, event, endsLine = false) => this.order({ kind: 'event', stream, event, endsLine }),
      phase: (stream, phase, zone) => this.order({ kind: 'phase', stream, phase, ...(zone && { zone }) }),
      written: (stream, time) => this.order({ kind: 'written', stream, time }),
      pendingOf: (feed) => this.pendingOf(feed),
      onDrain: (listener) => {
        this.listeners.add(listener);
        return () => this.listeners.delete(listener);
      },
    };
  }

  openView = this.caller('openView');
  setFilter = this.caller('setFilter');
  find = this.caller('find');
  neighbour = this.caller('neighbour');
  rows = this.caller('rows');
  positionOf = this.caller('positionOf');
  positionAt = this.caller('positionAt');
  histogram = this.caller('histogram');
  text = this.caller('text');
  details = this.caller('details');
  read = this.caller('read');
  settle = this.caller('settle');

  closeView(view: number): void {
    if (!this.failure) this.order({ kind: 'closeView', view });
  }

  async dispose(): Promise<void> {
    this.lost(new MusterError('CANCELLED', t('the logs are no longer followed')));
    clearImmediate(this.flushing);
    clearTimeout(this.draining);
    await this.worker.terminate();
  }

  private caller<Name extends StoreCall>(name: Name): StoreClient[Name] {
    const call = (...args: unknown[]) =>
      new Promise((resolve, reject) => {
        if (this.failure) return reject(this.failure);
        const id = ++this.lastId;
        this.waiting.set(id, { resolve, reject });
        this.order({ kind: 'call', id, name, args });
      });
    return call as StoreClient[Name];
  }

  /** After the bytes that were given before. */
  private order(order: StoreOrder): void {
    this.flush();
    this.worker.postMessage(order);
  }

  private append(stream: number, bytes: Buffer, start: number, end: number): void {
    if (this.failure) return;
    const feed = this.feedOf[stream]!;
    const count = this.feeds.get(feed);
    if (count) count.sent += end - start;
    else this.feeds.set(feed, { sent: end - start, received: 0, pending: 0 });
    while (start < end) {
      const block = (this.block ??= Buffer.from(this.spare.pop() ?? new ArrayBuffer(blockBytes)));
      const length = Math.min(end - start, blockBytes - this.used);
      bytes.copy(block, this.used, start, start + length);
      this.note(stream, this.used, this.used + length);
      this.used += length;
      start += length;
      if (this.used === blockBytes) this.flush();
    }
    this.flushing ??= setImmediate(() => this.flush());
  }

  private note(stream: number, start: number, end: number): void {
    const { parts } = this;
    const last = parts.length - 3;
    if (last >= 0 && parts[last] === stream) parts[last + 2] = end;
    else parts.push(stream, start, end);
  }

  private flush(): void {
    clearImmediate(this.flushing);
    this.flushing = undefined;
    const { block, parts } = this;
    if (!block || this.used === 0) return;
    this.block = undefined;
    this.parts = [];
    this.underWay += this.used;
    this.used = 0;
    const buffer = block.buffer as ArrayBuffer;
    this.worker.postMessage({ kind: 'bytes', buffer, parts } satisfies StoreOrder, [buffer]);
  }

  private pendingOf(feed: number): number {
    if (this.underWay > mostUnderWay) return Infinity;
    const count = this.feeds.get(feed);
    return count ? count.sent - count.received + count.pending : 0;
  }

  private heard(answer: StoreAnswer): void {
    if (answer.kind === 'news') this.tell(answer.news);
    else if (answer.kind === 'taken') this.taken(answer.feeds, answer.buffer);
    else {
      const waiting = this.waiting.get(answer.id);
      this.waiting.delete(answer.id);
      if (answer.error) waiting?.reject(errorFrom(answer.error));
      else waiting?.resolve(answer.value);
    }
  }

  private taken(feeds: readonly number[], buffer: ArrayBuffer | undefined): void {
    if (buffer && this.spare.length < mostSpare) this.spare.push(buffer);
    for (let at = 0; at < feeds.length; at += 3) {
      const count = this.feeds.get(feeds[at]!);
      if (!count) continue;
      this.underWay -= feeds[at + 1]! - count.received;
      count.received = feeds[at + 1]!;
      count.pending = feeds[at + 2]!;
    }
    this.draining ??= setTimeout(() => {
      this.draining = undefined;
      for (const listener of this.listeners) listener();
    }, drainMs);
  }

  private lost(error: MusterError): void {
    this.failure ??= error;
    for (const { reject } of this.waiting.values()) reject(this.failure);
    this.waiting.clear();
  }
}
