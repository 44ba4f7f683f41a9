import { continuesFlag, lengthOf } from './lineIndex';
import type { StreamPhase } from './logSink';
import { PendingLines } from './pendingLines';

/** Milliseconds that lines wait for a stream that is still reading what was there before, and says nothing. */
const backlogWaitMs = 2_000;
/** Milliseconds that lines wait for the first stream of a channel that is being opened. */
const openingWaitMs = 5_000;

/** A stream as the merge sees it. */
export class MergedStream {
  readonly pending = new PendingLines();
  /** `backlog` streams are waited for longer than `live` ones, those that are away or ended not at all. */
  phase: StreamPhase = 'backlog';
  /** When it last gave anything, by the clock of this process. */
  activeAt: number;
  lastKey = -Infinity;

  constructor(
    readonly id: number,
    /** The channel it comes through: a stream is not waited for while its channel is held back. */
    readonly feed: number,
    now: number,
  ) {
    this.activeAt = now;
  }
}

export interface MergeOptions {
  /** Milliseconds that a line waits for earlier ones of other streams. */
  holdMs: number;
  /** Bytes that may wait; beyond it the earliest lines are given out whatever is missing. */
  maxPendingBytes: number;
  /** Bytes of one channel that may wait before the others stop waiting for it. */
  maxFeedBytes: number;
  emit(address: number, meta: number, time: number, stream: number, isLate: boolean): void;
}

/** What a line is merged by. A clock that is ahead must not hold its lines back for as long. */
function keyOf(stream: MergedStream, time: number, arrival: number): number {
  return (stream.lastKey = Math.max(stream.lastKey, Math.min(time, arrival)));
}

type Phase = 'backlog' | 'live';

function isExpected(phase: StreamPhase): phase is Phase {
  return phase === 'backlog' || phase === 'live';
}

/**
 * Merges streams by time. The lines of each stream keep their order; a line is given out once every stream has said
 * something later, or it has waited long enough, so that a late line is the exception, and is told to be.
 */
export class LineMerge {
  bytes = 0;
  late = 0;
  /** Streams that may say something. */
  private readonly expected = new Set<MergedStream>();
  /** Those of them of which nothing is here. */
  private readonly missing: Readonly<Record<Phase, Set<MergedStream>>> = {
    backlog: new Set(),
    live: new Set(),
  };
  private readonly feedBytes = new Map<number, number>();
  /** Channels that are being opened, and the time up to which they are waited for. */
  private readonly opening = new Map<number, number>();
  /** Streams with pending lines, as a binary heap by the key of their first. */
  private readonly heap: MergedStream[] = [];
  private lastKey = -Infinity;

  constructor(private readonly options: MergeOptions) {}

  /** A host that answers later than others has its past among theirs. */
  expect(feed: number, now: number): void {
    this.opening.set(feed, now + openingWaitMs);
  }

  add(stream: MergedStream): void {
    this.opening.delete(stream.feed);
    if (!this.feedBytes.has(stream.feed)) this.feedBytes.set(stream.feed, 0);
    this.enter(stream, stream.phase);
  }

  enter(stream: MergedStream, phase: StreamPhase): void {
    if (isExpected(stream.phase)) this.missing[stream.phase].delete(stream);
    stream.phase = phase;
    if (!isExpected(phase)) {
      this.expected.delete(stream);
      return;
    }
    this.expected.add(stream);
    if (stream.pending.count === 0) this.missing[phase].add(stream);
  }

  /** Bytes of a channel that wait. */
  pendingOf(feed: number): number {
    return this.feedBytes.get(feed) ?? 0;
  }

  /** Whether the lines of a stream have their place as they come: nothing else is there, and nothing is waited for. */
  isAlone(stream: MergedStream): boolean {
    if (this.heap.length > 0 || this.opening.size > 0) return false;
    return this.expected.size === (this.expected.has(stream) ? 1 : 0);
  }

  /** Takes note of a line that has its place. */
  isLate(stream: MergedStream, time: number, arrival: number): boolean {
    return this.comesLate(keyOf(stream, time, arrival));
  }

  push(stream: MergedStream, address: number, meta: number, time: number, now: number): void {
    const key = keyOf(stream, time, now);
    const { pending } = stream;
    pending.push(address, meta, time, key, now);
    const length = lengthOf(meta);
    pending.bytes += length;
    this.bytes += length;
    this.feedBytes.set(stream.feed, this.feedBytes.get(stream.feed)! + length);
    if (pending.count > 1) return;
    if (isExpected(stream.phase)) this.missing[stream.phase].delete(stream);
    this.insert(stream);
  }

  /** What waits of a stream has no time, and comes right before a line of `time`. */
  bringForward(stream: MergedStream, time: number): void {
    stream.lastKey = -Infinity;
    stream.pending.bringForward(time);
    const at = this.heap.indexOf(stream);
    if (at >= 0) this.rise(at);
  }

  /** Gives out what may be given out; milliseconds until there may be more, undefined if nothing waits. */
  flush(now: number, everything = false): number | undefined {
    const { holdMs, maxPendingBytes } = this.options;
    let pressed = everything || this.bytes > maxPendingBytes;
    let wasPressed = pressed;
    let until = pressed ? 0 : this.blockedUntil(now);
    while (this.heap.length > 0) {
      const stream = this.heap[0]!;
      if (!pressed && until !== 0) {
        const wait = until === Infinity ? stream.pending.headArrival + holdMs : until;
        if (wait > now) return wait - now;
      }
      this.giveRun(stream, pressed || until === 0 ? Infinity : now - holdMs);
      pressed = everything || this.bytes > maxPendingBytes;
      // Only a stream that has nothing more here is missing.
      if (!pressed && (wasPressed || stream.pending.count === 0)) until = this.blockedUntil(now);
      wasPressed = pressed;
    }
    return undefined;
  }

  /**
   * 0: nothing is missing. Infinity: nothing of a live stream is here, so that lines wait for `holdMs`. Otherwise the time up to
   * which a channel that is being opened, or a stream that reads its past, is waited for.
   */
  private blockedUntil(now: number): number {
    for (const [feed, deadline] of this.opening) {
      if (deadline > now) return deadline;
      this.opening.delete(feed);
    }
    const { backlog, live } = this.missing;
    for (const { activeAt, feed } of backlog) {
      const deadline = activeAt + backlogWaitMs;
      if (deadline > now && this.pendingOf(feed) < this.options.maxFeedBytes) return deadline;
    }
    return backlog.size + live.size > 0 ? Infinity : 0;
  }

  /** The lines of the first stream up to those of the next one, records being kept together. */
  private giveRun(stream: MergedStream, arrivedBefore: number): void {
    const { pending } = stream;
    const next = this.secondKey();
    let bytes = 0;
    do {
      const meta = pending.headMeta;
      bytes += lengthOf(meta);
      this.give(pending.headAddress, meta, pending.headTime, stream.id, pending.headKey);
      pending.shift();
    } while (
      pending.count > 0 &&
      ((pending.headMeta & continuesFlag) !== 0 ||
        (pending.headKey <= next && pending.headArrival <= arrivedBefore))
    );
    pending.bytes -= bytes;
    this.bytes -= bytes;
    this.feedBytes.set(stream.feed, this.feedBytes.get(stream.feed)! - bytes);
    if (pending.count === 0) {
      this.removeFirst();
      if (isExpected(stream.phase)) this.missing[stream.phase].add(stream);
    }
    this.sink(0);
  }

  private give(address: number, meta: number, time: number, stream: number, key: number): void {
    this.options.emit(address, meta, time, stream, this.comesLate(key));
  }

  private comesLate(key: number): boolean {
    const isLate = key < this.lastKey;
    if (isLate) this.late++;
    else this.lastKey = key;
    return isLate;
  }

  private secondKey(): number {
    const left = this.heap[1]?.pending.headKey ?? Infinity;
    const right = this.heap[2]?.pending.headKey ?? Infinity;
    return left < right ? left : right;
  }

  private insert(stream: MergedStream): void {
    this.rise(this.heap.push(stream) - 1);
  }

  private rise(at: number): void {
    const { heap } = this;
    const stream = heap[at]!;
    const key = stream.pending.headKey;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (heap[parent]!.pending.headKey <= key) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = stream;
  }

  private removeFirst(): void {
    const last = this.heap.pop()!;
    if (this.heap.length > 0) this.heap[0] = last;
  }

  private sink(at: number): void {
    const { heap } = this;
    const stream = heap[at];
    if (!stream) return;
    const key = stream.pending.headKey;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1]!.pending.headKey < heap[child]!.pending.headKey) child++;
      if (heap[child]!.pending.headKey >= key) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = stream;
  }
}
