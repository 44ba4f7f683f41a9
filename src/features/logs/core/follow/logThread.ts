import { MusterError } from '../../../../platform/errors/errors';
import { t } from '../../../../platform/l10n/l10n';
import { handOver } from '../../../../platform/threads/threadContract';
import { threadProxy, type ThreadProxy } from '../../../../platform/threads/threadProxy';
import type { LogSink } from '../store/logSink';
import type { StoreClient } from './storeClient';
import type { StoreContract, StoreNews } from '../store/storeMethods';

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
  readonly calls: StoreClient['calls'];
  private readonly thread: ThreadProxy<StoreContract>;
  private readonly feedOf: number[] = [];
  private readonly feeds = new Map<number, FeedCount>();
  private readonly listeners = new Set<() => void>();
  private readonly lostListeners: ((why: Error) => void)[] = [];
  private readonly spare: ArrayBuffer[] = [];
  private block: Buffer | undefined;
  private used = 0;
  private parts: number[] = [];
  private flushing: NodeJS.Immediate | undefined;
  private draining: NodeJS.Timeout | undefined;
  private underWay = 0;

  /** @param file the bundle of log.worker.ts */
  constructor(file: string, data: StoreContract['data'], tell: (news: StoreNews) => void) {
    this.thread = threadProxy<StoreContract>({
      ...{ file, data },
      hears: {
        told: tell,
        taken: (feeds) => this.taken(feeds),
        emptied: (buffer) => {
          if (this.spare.length < mostSpare) this.spare.push(buffer);
        },
      },
      lost: (cause) => {
        const why =
          cause === undefined
            ? new MusterError('CANCELLED', t('the logs are no longer kept'))
            : new MusterError('PROTOCOL', t('the thread that keeps the logs has ended'), { cause });
        // Nothing more is sent to the thread by then.
        queueMicrotask(() => {
          for (const listener of this.lostListeners) listener(why);
        });
        return why;
      },
      // What is said of bytes, and what is asked about them, arrives after them.
      beforeSending: () => this.flush(),
    });
    this.calls = this.thread.calls;
    const { tells } = this.thread;
    this.sink = {
      expect: (feed) => tells.expect(feed),
      open: (stream) => {
        this.feedOf[stream.id] = stream.feed;
        tells.open(stream);
      },
      append: (stream, bytes, start, end) => this.append(stream, bytes, start, end),
      event: (stream, event, endsLine = false) => tells.event(stream, event, endsLine),
      phase: (stream, phase, zone) => tells.phase(stream, phase, zone),
      written: (stream, time) => tells.written(stream, time),
      pendingOf: (feed) => this.pendingOf(feed),
      onDrain: (listener) => {
        this.listeners.add(listener);
        return () => this.listeners.delete(listener);
      },
    };
  }

  closeView(view: number): void {
    this.thread.tells.closeView(view);
  }

  lost(listener: (why: Error) => void): void {
    this.lostListeners.push(listener);
  }

  async dispose(): Promise<void> {
    clearImmediate(this.flushing);
    clearTimeout(this.draining);
    await this.thread.dispose(new MusterError('CANCELLED', t('the logs are no longer followed')));
  }

  private append(stream: number, bytes: Buffer, start: number, end: number): void {
    if (this.thread.failure) return;
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
    this.thread.tells.bytes(handOver(buffer, [buffer]), parts);
  }

  private pendingOf(feed: number): number {
    if (this.underWay > mostUnderWay) return Infinity;
    const count = this.feeds.get(feed);
    return count ? count.sent - count.received + count.pending : 0;
  }

  private taken(feeds: readonly number[]): void {
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
}
