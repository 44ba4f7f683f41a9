import type { Label, Problem } from './exposition/family';

/** `counter`: counts up from the start of what it counts, so that its rate is what says something. */
export type SeriesKind = 'counter' | 'gauge' | 'unknown';

/** One number that a source gave. */
export interface Series {
  readonly name: string;
  /** In the order in which they were given. */
  readonly labels: readonly Label[];
  readonly kind: SeriesKind;
  /** NaN where the source said so. */
  readonly value: number;
  /** UCUM: `By`, `s`, `%`. */
  readonly unit?: string;
  /** When the source says that the value is from, in milliseconds since 1970; undefined for now. */
  readonly timestampMs?: number;
  /** When it began to count, in milliseconds since 1970 by the clock of the source. */
  readonly createdMs?: number;
}

/** What a source gave at one time. */
export interface Reading {
  /** When it had arrived, in milliseconds since 1970 by this machine's clock. */
  readonly at: number;
  /** The same moment by the clock of the source, if it says. */
  readonly sourceClockMs?: number;
  /** What another process of the same service has otherwise: its counters go on from none of these. */
  readonly incarnation?: string;
  readonly series: readonly Series[];
  /** The first parts that could not be read, and how many there were. */
  readonly problems: readonly Problem[];
  readonly problemCount: number;
  /** Without it, series that are not here may exist all the same. */
  readonly isComplete: boolean;
}
