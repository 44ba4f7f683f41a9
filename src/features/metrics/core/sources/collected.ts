import type { Label } from '../exposition/family';
import type { Reading, Series, SeriesKind } from '../reading';

export type Labels = Readonly<Record<string, string>>;

/** Collects series; what is not a number is left out, and counters below zero, which overflowed. */
export class Collected {
  readonly series: Series[] = [];

  add(kind: SeriesKind, name: string, value: number, labels: Labels = {}, unit?: string): void {
    if (!Number.isFinite(value) || (kind === 'counter' && value < 0)) return;
    const given = Object.entries(labels).map(([label, text]): Label => ({ name: label, value: text }));
    this.series.push({ name, labels: given, kind, value, ...(unit !== undefined && { unit }) });
  }

  /** What was collected, as of now. */
  reading(more: Partial<Pick<Reading, 'incarnation' | 'isComplete' | 'sourceClockMs'>> = {}): Reading {
    return { at: Date.now(), series: this.series, problems: [], problemCount: 0, isComplete: true, ...more };
  }
}
