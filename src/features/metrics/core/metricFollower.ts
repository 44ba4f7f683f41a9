import { Deadline, pause } from '../../../platform/batch/deadline';
import { nextTick } from '../../../platform/batch/nextTick';
import { type ErrorReport, errorReport } from '../../../platform/errors/errors';
import type { Problem } from './exposition/family';
import type { Reading } from './reading';
import type { MetricTarget } from './readSource';
import { SeriesStore, type SeriesStoreOptions } from './seriesStore';

/** How it goes with a source on a host. */
export interface FollowedState {
  readonly target: MetricTarget;
  /** When it was last read, in milliseconds since 1970; undefined if it has not been yet. */
  readonly readAt?: number;
  /** Why the last reading failed; undefined if it did not. */
  readonly error?: ErrorReport;
  /** Of the last reading. */
  readonly problems: readonly Problem[];
  readonly problemCount: number;
  readonly isComplete: boolean;
}

export interface FollowOptions extends SeriesStoreOptions {
  /** Milliseconds between two readings, instead of those of the sources. */
  readonly intervalMs?: number;
  readonly timeoutMs?: number;
  /** How many are read at a time. */
  readonly concurrency?: number;
}

const defaultTimeoutMs = 10_000;
const defaultConcurrency = 50;

/**
 * Reads sources again and again, each at its interval and never twice at once, and keeps what they say. One that cannot be
 * read is tried again at its next time, with a gap until then.
 */
export class MetricFollower {
  readonly store: SeriesStore;
  private readonly listeners = new Set<(state: FollowedState) => void>();
  private readonly states = new Map<MetricTarget, FollowedState>();
  private readonly ending = new AbortController();
  private readonly waiting: (() => void)[] = [];
  private free: number;
  private held: { readonly over: Promise<void>; readonly end: () => void } | undefined;
  /** Resolves when it was disposed and nothing is under way. */
  readonly ended: Promise<unknown>;

  constructor(
    targets: readonly MetricTarget[],
    private readonly read: (target: MetricTarget, deadline: Deadline) => Promise<Reading>,
    private readonly options: FollowOptions = {},
  ) {
    this.store = new SeriesStore(options);
    this.free = options.concurrency ?? defaultConcurrency;
    for (const target of targets)
      this.states.set(target, { target, problems: [], problemCount: 0, isComplete: false });
    this.ended = Promise.all(targets.map((target) => this.follow(target)));
  }

  /** In the order of the targets. */
  all(): FollowedState[] {
    return [...this.states.values()];
  }

  /** Calls `listener` after each reading, and each that failed. */
  onChange(listener: (state: FollowedState) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Begins no reading until `resume`. What is between is a gap. */
  hold(): void {
    if (this.held) return;
    let end = () => {};
    const over = new Promise<void>((resolve) => (end = resolve));
    this.held = { over, end };
    const now = Date.now();
    for (const target of this.states.keys()) this.store.addGap(target, now);
  }

  resume(): void {
    this.held?.end();
    this.held = undefined;
  }

  /** Resolves when nothing is under way. */
  async dispose(): Promise<void> {
    this.listeners.clear();
    this.ending.abort();
    this.resume();
    for (const begin of this.waiting.splice(0)) begin();
    await this.ended;
  }

  private async follow(target: MetricTarget): Promise<void> {
    const { signal } = this.ending;
    const intervalMs = this.options.intervalMs ?? target.entry.intervalMs;
    const startedAt = performance.now();
    for (let tick = 0; !signal.aborted;) {
      await this.held?.over;
      await this.slot();
      try {
        if (!signal.aborted) await this.readOnce(target);
      } finally {
        this.release();
      }
      tick = nextTick(tick, performance.now() - startedAt, intervalMs);
      await pause(startedAt + tick * intervalMs - performance.now(), signal);
    }
  }

  private async readOnce(target: MetricTarget): Promise<void> {
    const { signal } = this.ending;
    const deadline = new Deadline(this.options.timeoutMs ?? defaultTimeoutMs, signal);
    let state: FollowedState;
    try {
      const reading = await this.read(target, deadline);
      if (signal.aborted) return;
      this.store.add(target, reading);
      const { at, problems, problemCount, isComplete } = reading;
      state = { target, readAt: at, problems, problemCount, isComplete };
    } catch (error) {
      if (signal.aborted) return;
      this.store.addGap(target, Date.now());
      const last = this.states.get(target)!;
      state = { ...last, error: errorReport(deadline.reason ?? error) };
    } finally {
      deadline.dispose();
    }
    this.states.set(target, state);
    for (const listener of this.listeners) listener(state);
  }

  private async slot(): Promise<void> {
    if (this.free > 0) this.free--;
    else await new Promise<void>((begin) => this.waiting.push(begin));
  }

  private release(): void {
    const next = this.waiting.shift();
    if (next) next();
    else this.free++;
  }
}
