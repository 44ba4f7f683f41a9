import type { LogFilter, TextPattern } from './filter/logFilter';
import type { LogRow } from './logRow';

/**
 * Where a view stands. Positions are signed, and those of rows do not change for as long as the filter stays: newer
 * rows are appended at `end`, and while older ones are still being looked through, `first` falls (below 0); when the
 * store drops the oldest, `first` rises.
 */
export interface ViewState {
  /** Counts the filters that were set: rows of another generation are no longer of interest. */
  readonly generation: number;
  /** Position of the oldest matching row. */
  readonly first: number;
  /** One more than the position of the newest matching row. */
  readonly end: number;
  /** Rows in the store, matching or not. */
  readonly total: number;
  /** From 0 to 1: how much of the store has been looked through with this filter. */
  readonly scanned: number;
}

/** What a search through a view has found so far. */
export interface FindState {
  /** Matching rows in the whole view. */
  readonly count: number;
  readonly scanned: number;
}

export interface Histogram {
  /** Start of the first bucket, milliseconds since 1970. */
  readonly from: number;
  /** Milliseconds of a bucket. */
  readonly step: number;
  /** Lines for every bucket and level: `counts[bucket * logLevels.length + levelIndex]`. */
  readonly counts: Uint32Array;
}

/** Hears what changes; calling the result ends that. */
export type Listen<State> = (listener: (state: State) => void) => () => void;

/**
 * The matching rows of a session in their merged order. All of it runs in the thread of the store; states come at
 * most sixty times a second. Methods reject with CANCELLED once the view or its session is disposed.
 */
export interface LogView {
  readonly state: ViewState;
  readonly onState: Listen<ViewState>;
  /** Takes effect at once, newest rows first. @throws MusterError USAGE for a pattern that is no expression */
  setFilter(filter: LogFilter): Promise<void>;
  /** The rows at positions `from` (inclusive) to `to` (exclusive), at most 2,000, clipped to what there is. */
  rows(from: number, to: number): Promise<LogRow[]>;
  /** The position of the row `seq`, or of the first matching one after it; `end` if there is none. */
  positionOf(seq: number): Promise<number>;
  /** The position of the first row of this time (milliseconds since 1970) or later. */
  positionAt(time: number): Promise<number>;
  /** Looks through the whole view, and through what is added, until the next call; undefined ends it. */
  find(pattern: TextPattern | undefined): Promise<void>;
  readonly findState: FindState;
  readonly onFind: Listen<FindState>;
  /**
   * The position of the next match after `position`, or the one before it, wrapping around, and its number among all
   * (from 1); undefined if nothing matches. Waits for the search only as far as it must.
   */
  next(position: number): Promise<{ position: number; ordinal: number } | undefined>;
  previous(position: number): Promise<{ position: number; ordinal: number } | undefined>;
  /** Matching lines by time and level; without a range over all there is. Buckets: 1 to 2,000. */
  histogram(buckets: number, from?: number, to?: number): Promise<Histogram>;
  /**
   * The rows at positions `from` to `to` as text in chunks of about 64 KiB, for documents, the clipboard and files: the
   * lines as they are, or with time, host and source before them.
   */
  text(from: number, to: number, options?: { prefixed?: boolean }): AsyncIterable<string>;
  dispose(): void;
}
