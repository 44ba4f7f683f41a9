import type { CheckResult } from '../core/checkBatch';
import { type PastResult, ResultColumns, resultLimit } from './resultColumns';

/** Checks on hosts whose results one fleet keeps. */
export const seriesLimit = 60_000;
const textLimit = 200;

/** The past of one check on one host. */
interface Series {
  slot: number;
  /** The last result in full, for the rows and their tooltips; undefined when it is of something else. */
  last: CheckResult | undefined;
}

export interface SeriesKey {
  host: string;
  check: string;
}

/** The last 50 results of every check on every host of one inventory; skipped ones do not count. */
export class CheckHistory {
  private readonly columns = new ResultColumns();
  private readonly series = new Map<string, Series>();
  /** Whether the stored history still has what was superseded since. */
  isOutdated = false;

  /**
   * @param at milliseconds since the epoch
   * @param redact takes secrets out of text: what is kept here is also stored
   */
  record(result: CheckResult, at: number, redact = (text: string) => text): void {
    if (result.status === 'skipped') return;
    const last = bounded(result, redact);
    const { status, latencyMs, message } = last;
    const series = this.seriesOf(result, last);
    if (!series || status === 'skipped') return;
    series.last = last;
    this.columns.push(series.slot, { at, status, latencyMs, message });
  }

  /** Puts what was stored, by another window too, among what was recorded since, in the order of time. */
  restore(last: CheckResult, stored: readonly PastResult[]): void {
    const recorded = this.results(last.host, last.check);
    const storedLast = bounded(last, (text) => text);
    const series = this.seriesOf(last, storedLast);
    if (!series) return;
    if (stored.at(-1)!.at > (recorded.at(-1)?.at ?? Infinity)) series.last = storedLast;
    this.columns.release(series.slot);
    series.slot = this.columns.allocate();
    for (const result of merged(stored, recorded)) this.columns.push(series.slot, result);
  }

  /** What was found so far stays as the past of these checks, but tells nothing of what they are now. */
  supersede(isAnother: (host: string, check: string) => boolean): void {
    for (const { host, check } of this.keys()) {
      if (!isAnother(host, check)) continue;
      this.series.get(keyOf({ host, check }))!.last = undefined;
      this.isOutdated = true;
    }
  }

  /** Oldest first; empty when the check never ran. */
  results(host: string, check: string): PastResult[] {
    const series = this.series.get(keyOf({ host, check }));
    return series ? this.columns.read(series.slot) : [];
  }

  /** Undefined also when the last one was found for something else of the same name. */
  last(host: string, check: string): CheckResult | undefined {
    return this.series.get(keyOf({ host, check }))?.last;
  }

  /** When the last result was found, in milliseconds since the epoch. */
  lastAt(host: string, check: string): number | undefined {
    const series = this.series.get(keyOf({ host, check }));
    return series && this.columns.lastAt(series.slot);
  }

  get size(): number {
    return this.series.size;
  }

  /** Every check that ran, as it is at this moment. */
  keys(): SeriesKey[] {
    return [...this.series.keys()].map((key) => {
      const [host, check] = key.split('\0') as [string, string];
      return { host, check };
    });
  }

  forget({ host, check }: SeriesKey): void {
    const key = keyOf({ host, check });
    const series = this.series.get(key);
    if (!series) return;
    this.columns.release(series.slot);
    this.series.delete(key);
  }

  private seriesOf(key: SeriesKey, last: CheckResult): Series | undefined {
    let series = this.series.get(keyOf(key));
    if (!series) {
      if (this.series.size >= seriesLimit) return undefined;
      series = { slot: this.columns.allocate(), last };
      this.series.set(keyOf(key), series);
    }
    return series;
  }
}

/** The newest of both, each once. */
function merged(stored: readonly PastResult[], recorded: readonly PastResult[]): readonly PastResult[] {
  if (recorded.length === 0) return stored.slice(-resultLimit);
  const textOf = ({ at, status, latencyMs }: PastResult) => `${at} ${status} ${latencyMs}`;
  const known = new Set(recorded.map(textOf));
  return [...stored.filter((result) => !known.has(textOf(result))), ...recorded]
    .sort((one, other) => one.at - other.at)
    .slice(-resultLimit);
}

function keyOf({ host, check }: SeriesKey): string {
  return `${host}\0${check}`;
}

/** A result without what nobody reads later, its texts cut. */
function bounded(
  { host, check, status, latencyMs, message, warning, error }: CheckResult,
  redact: (text: string) => string,
): CheckResult {
  const cut = (text: string) => shortened(redact(text));
  return {
    host,
    check,
    status,
    latencyMs,
    message: cut(message),
    ...(warning !== undefined && { warning: cut(warning) }),
    ...(error && {
      error: {
        code: error.code,
        message: cut(error.message),
        ...(error.phase && { phase: error.phase }),
        causes: error.causes.slice(0, 3).map(cut),
        ...(error.hint !== undefined && { hint: cut(error.hint) }),
      },
    }),
  };
}

function shortened(text: string): string {
  return text.length > textLimit ? `${text.slice(0, textLimit - 1)}…` : text;
}
