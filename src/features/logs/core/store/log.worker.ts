// Runs in a worker thread, started by logThread.ts.
import { serveThread } from '../../../../platform/threads/serveThread';
import { handOver, type Notices } from '../../../../platform/threads/threadContract';
import type { SinkStream } from './logSink';
import { StoreHost } from './storeHost';
import type { StoreContract } from './storeMethods';

type Methods = StoreContract['methods'];

/** Milliseconds between two reports of what was merged. */
const takenMs = 5;

class ThreadedStore extends StoreHost implements Methods {
  private readonly feeds = new Map<number, number>();
  /** Bytes received by channel. */
  private readonly received = new Map<number, number>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    options: StoreContract['data'],
    private readonly tells: Notices<StoreContract['news']>,
  ) {
    super(options, (news) => tells.told(news));
  }

  override open(stream: SinkStream): void {
    this.feeds.set(stream.id, stream.feed);
    super.open(stream);
  }

  bytes(buffer: ArrayBuffer, parts: readonly number[]): void {
    const bytes = Buffer.from(buffer);
    for (let at = 0; at < parts.length; at += 3) {
      const [stream, start, end] = [parts[at]!, parts[at + 1]!, parts[at + 2]!];
      this.append(stream, bytes, start, end);
      const feed = this.feeds.get(stream)!;
      this.received.set(feed, (this.received.get(feed) ?? 0) + end - start);
    }
    this.timer ??= setTimeout(() => this.tellTaken(), takenMs);
    this.tells.emptied(handOver(buffer, [buffer]));
  }

  /** Again and again while something waits, so that what is held back goes on. */
  private tellTaken(): void {
    this.timer = this.isPending ? setTimeout(() => this.tellTaken(), takenMs) : undefined;
    this.tells.taken([...this.received].flatMap(([feed, bytes]) => [feed, bytes, this.pendingOf(feed)]));
  }
}

serveThread<StoreContract>((options, tells) => new ThreadedStore(options, tells));
