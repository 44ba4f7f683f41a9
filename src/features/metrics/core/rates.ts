import type { Reading, Series } from './reading';

/** Reasons for a missing number. */
export const gaps = [
  /** The source said NaN, or an infinity where a number is needed. */
  'nan',
  'absent',
  /** The source's own time of the value is too old, or is that of the reading before. */
  'stale',
  /** It began again meanwhile, so what it counted is not known. */
  'reset',
  /** There is one reading where two are needed. */
  'first',
] as const;
export type Gap = (typeof gaps)[number];

/** A number, or why there is none. */
export type Figure = { readonly value: number } | { readonly gap: Gap };

/** As long as Prometheus looks back for a value. */
const staleAfterMs = 5 * 60_000;

type Moment = Pick<Reading, 'at' | 'sourceClockMs' | 'incarnation'>;

/** What a series is now. Without it, it is absent. */
export function figureOf(series: Series | undefined, reading: Moment): Figure {
  if (!series) return { gap: 'absent' };
  if (isStale(series, reading)) return { gap: 'stale' };
  return Number.isNaN(series.value) ? { gap: 'nan' } : { value: series.value };
}

function isStale({ timestampMs }: Series, { at, sourceClockMs = at }: Moment): boolean {
  return timestampMs !== undefined && sourceClockMs - timestampMs > staleAfterMs;
}

/**
 * By how much a counter went up a second from one reading to the next, never less than 0. Where it began again, what it
 * had counted until then is lost: the rate is that from its beginning where the source says when that was, and unknown
 * where not.
 */
export function rateOf(
  before: { series: Series | undefined; reading: Moment } | undefined,
  { series, reading }: { series: Series | undefined; reading: Moment },
): Figure {
  const now = figureOf(series, reading);
  if (!series || 'gap' in now) return now;
  if (!before) return { gap: 'first' };
  if (!Number.isFinite(series.value)) return { gap: 'nan' };
  const from = before.series;
  if (!from || isAnother(from, before.reading, series, reading))
    return rateSinceCreation(series, before.reading, reading) ?? { gap: from ? 'reset' : 'first' };
  if (!Number.isFinite(from.value)) return { gap: 'first' };
  const hasTimes = series.timestampMs !== undefined && from.timestampMs !== undefined;
  const passedMs = hasTimes ? series.timestampMs - from.timestampMs : reading.at - before.reading.at;
  if (passedMs <= 0) return { gap: 'stale' };
  return { value: (series.value - from.value) / (passedMs / 1000) };
}

/** Whether what is counted now is not what was counted before. */
function isAnother(from: Series, before: Moment, series: Series, reading: Moment): boolean {
  const { incarnation } = before;
  return (
    series.value < from.value ||
    (incarnation !== undefined && reading.incarnation !== undefined && incarnation !== reading.incarnation) ||
    (from.createdMs !== undefined && series.createdMs !== undefined && series.createdMs > from.createdMs)
  );
}

/** What was counted since the counter was created, where that was after the last reading. */
function rateSinceCreation(
  { createdMs, value }: Series,
  before: Moment,
  reading: Moment,
): Figure | undefined {
  const [from, to] = [before.sourceClockMs ?? before.at, reading.sourceClockMs ?? reading.at];
  if (createdMs === undefined || createdMs < from || createdMs >= to) return undefined;
  return { value: value / ((to - createdMs) / 1000) };
}
