import { createHash } from 'node:crypto';
import { nextTick } from '../../../platform/batch/nextTick';
import type { Slots } from './slots';

/** What is done again and again. */
export interface Recurring {
  /** What it is, over restarts and reloads: it says when in its interval it is due. */
  readonly key: string;
  readonly intervalMs: number;
  /** When it was last done, in milliseconds since the epoch; undefined if never. */
  readonly lastAt?: number | undefined;
}

/** Upper bounds of the buckets of lateness, in seconds. */
export const latenessBounds = [0.01, 0.1, 0.5, 1, 5, 10, 30, 60] as const;

/** What has never been done, or not for long, is done within this many milliseconds. */
const catchUpMs = 30_000;

interface Entry<Work extends Recurring> {
  work: Work;
  timer: NodeJS.Timeout | undefined;
  /** By `performance.now()`. */
  dueAt: number;
  isUnderWay: boolean;
  isGone: boolean;
}

/**
 * Does work at intervals, each at a moment of its interval that its key decides, so that much work is spread evenly and
 * keeps its place over restarts. None overlaps itself: the moments that it misses are counted and left out.
 */
export class Schedule<Work extends Recurring> {
  /** Work that was begun, and the moments that were left out because it took too long or found no slot. */
  begun = 0;
  missed = 0;
  /** How late work was begun: by bucket, the last one for what is later than all, and the sum in seconds. */
  readonly lateness = { counts: new Array<number>(latenessBounds.length + 1).fill(0), sum: 0 };
  private readonly startedAt = performance.now();
  private entries = new Map<string, Entry<Work>>();
  private readonly running = new Set<Promise<void>>();

  constructor(
    private readonly slots: Slots,
    /** Never rejects. */
    private readonly act: (work: Work) => Promise<unknown>,
  ) {}

  get underWay(): number {
    return this.running.size;
  }

  /** From now on this is the work; what goes on keeps its moments, what is gone ends when it is under way. */
  replace(all: Iterable<Work>): void {
    const before = this.entries;
    this.entries = new Map();
    for (const work of all) {
      const known = before.get(work.key);
      before.delete(work.key);
      const isPlanned = known?.work.intervalMs === work.intervalMs;
      const entry = known ?? { work, timer: undefined, dueAt: 0, isUnderWay: false, isGone: false };
      entry.work = work;
      this.entries.set(work.key, entry);
      // One that is under way is planned when it ends.
      if (!isPlanned && !entry.isUnderWay) this.plan(entry, this.firstDue(work));
    }
    for (const gone of before.values()) this.drop(gone);
  }

  /** Begins nothing more, and resolves when what is under way has ended. */
  async stop(): Promise<void> {
    for (const entry of this.entries.values()) this.drop(entry);
    await Promise.all(this.running);
  }

  private drop(entry: Entry<Work>): void {
    entry.isGone = true;
    clearTimeout(entry.timer);
  }

  private firstDue({ key, intervalMs, lastAt }: Work): number {
    const now = performance.now();
    const lastMs = lastAt === undefined ? -Infinity : lastAt - performance.timeOrigin;
    // A clock that was set back makes the last time one to come.
    const next = Math.min(lastMs, now) + intervalMs;
    return next > now ? next : now + momentOf(key) * Math.min(intervalMs, catchUpMs);
  }

  private plan(entry: Entry<Work>, dueAt: number): void {
    clearTimeout(entry.timer);
    entry.dueAt = dueAt;
    entry.timer = setTimeout(() => this.begin(entry), Math.max(0, dueAt - performance.now()));
  }

  private begin(entry: Entry<Work>): void {
    entry.isUnderWay = true;
    const ended = this.perform(entry).finally(() => this.running.delete(ended));
    this.running.add(ended);
  }

  private async perform(entry: Entry<Work>): Promise<void> {
    const release = await this.slots.take();
    try {
      if (entry.isGone) return;
      this.note(performance.now() - entry.dueAt);
      await this.act(entry.work);
    } finally {
      release();
      entry.isUnderWay = false;
      if (!entry.isGone) this.plan(entry, this.nextDue(entry));
    }
  }

  private note(lateMs: number): void {
    const seconds = Math.max(0, lateMs) / 1000;
    const bucket = latenessBounds.findIndex((bound) => seconds <= bound);
    this.begun++;
    this.lateness.counts[bucket < 0 ? latenessBounds.length : bucket]!++;
    this.lateness.sum += seconds;
  }

  /** The first of its moments that is still to come, and not just after the one that it had. */
  private nextDue({ work: { key, intervalMs }, dueAt }: Entry<Work>): number {
    const first = this.startedAt + momentOf(key) * intervalMs;
    const tick = Math.round((dueAt - first) / intervalMs);
    const next = nextTick(tick, performance.now() - first, intervalMs);
    this.missed += next - tick - 1;
    return first + next * intervalMs;
  }
}

/** Where in an interval something is due: from 0 to 1, the same for the same key. */
export function momentOf(key: string): number {
  return createHash('sha256').update(key).digest().readUInt32BE() / 2 ** 32;
}
