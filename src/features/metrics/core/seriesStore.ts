import type { Label } from './exposition/family';
import { latestByKey } from './fold';
import { type Figure, figureOf, type Gap, gaps, rateOf } from './rates';
import type { Reading, Series, SeriesKind } from './reading';
import type { MetricTarget } from './readSource';

/** One series of a source on a host, over time. */
export interface StoredSeries {
  /** What `points` takes. */
  readonly id: string;
  readonly host: string;
  readonly source: string;
  readonly name: string;
  readonly labels: readonly Label[];
  readonly kind: SeriesKind;
  /** Whether its numbers are by how much it goes up a second. */
  readonly isRate: boolean;
  readonly unit?: string;
}

/** What a series was at a time. */
export interface StoredPoint {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly figure: Figure;
}

export interface SeriesStoreOptions {
  /** Series that are kept; what comes later is counted only. Default: 1,000. */
  readonly mostSeries?: number;
  /** Points of each: an hour at one a second by default. */
  readonly mostPoints?: number;
  /** Only these. */
  readonly isWanted?: (series: Series, target: MetricTarget) => boolean;
}

const defaults = { mostSeries: 1_000, mostPoints: 3_600 };
const firstPoints = 64;
/** 0 is a number, others are gaps by their place. */
const codeOf = (gap: Gap) => gaps.indexOf(gap) + 1;

/** The points of the series of one target, all of the same moments. */
interface Track {
  /** When each point is from. */
  times: Float64Array;
  /** How many points there have been; they go round in the arrays. */
  count: number;
  last: Reading | undefined;
  lastByKey: Map<string, Series> | undefined;
  readonly rows: Map<string, Row>;
}

interface Row {
  readonly series: StoredSeries;
  values: Float64Array;
  codes: Uint8Array;
  /** What a counter had counted, NaN where that is not known; undefined for others. */
  counts: Float64Array | undefined;
}

/** How a point is visited: when it was, and its number, or NaN and why there is none. */
export type PointVisitor = (at: number, value: number, gap: Gap | undefined) => void;

/**
 * Keeps the last points of series in bounded memory: nine bytes for each, of a counter 17, and eight for each moment of a
 * source on a host. Counters are kept as rates and as they are.
 */
export class SeriesStore {
  private readonly tracks = new Map<string, Track>();
  private readonly byId = new Map<string, { readonly track: Track; readonly row: Row }>();
  private readonly omittedIds = new Set<string>();
  private readonly mostSeries: number;
  private readonly mostPoints: number;
  private readonly isWanted: (series: Series, target: MetricTarget) => boolean;

  constructor({
    mostSeries = defaults.mostSeries,
    mostPoints = defaults.mostPoints,
    isWanted = () => true,
  }: SeriesStoreOptions = {}) {
    this.mostSeries = mostSeries;
    this.mostPoints = mostPoints;
    this.isWanted = isWanted;
  }

  /** How many series were not kept, since there were too many; as many as are kept means at least so many. */
  get omitted(): number {
    return this.omittedIds.size;
  }

  /** Adds a point to each series of the target. */
  add(target: MetricTarget, reading: Reading): void {
    const { host, entry } = target;
    const track = this.trackOf(host.name, entry.name);
    const current = new Map([...latestByKey(reading)!].filter(([, series]) => this.isWanted(series, target)));
    for (const [key, series] of current)
      if (!track.rows.has(key)) this.open(track, key, series, { host: host.name, source: entry.name });
    const { last, lastByKey } = track;
    this.push(
      track,
      reading.at,
      (key, { isRate }) => {
        const series = current.get(key);
        if (!isRate) return figureOf(series, reading);
        const before = last && { series: lastByKey?.get(key), reading: last };
        return rateOf(before, { series, reading });
      },
      (key) => figureOf(current.get(key), reading),
    );
    track.last = { ...reading, series: [], problems: [] };
    track.lastByKey = current;
  }

  /** The target could not be read: no series of it has a number now, and what a counter did until the next one is known all the same. */
  addGap({ host, entry }: MetricTarget, at: number): void {
    const absent = (): Figure => ({ gap: 'absent' });
    this.push(this.trackOf(host.name, entry.name), at, absent, absent);
  }

  /** All series, in the order in which they came up. */
  all(): StoredSeries[] {
    return [...this.byId.values()].map(({ row }) => row.series);
  }

  /** The points of a series, the oldest first; of them the last `most`. */
  points(id: string, most = Infinity): StoredPoint[] {
    const { track, row } = this.byId.get(id) ?? {};
    if (!track || !row) return [];
    const length = Math.min(track.count, this.mostPoints, most);
    return Array.from({ length }, (_, index) => {
      const place = (track.count - length + index) % this.mostPoints;
      return { at: track.times[place]!, figure: figureAt(row, place) };
    });
  }

  /** What a series is now: its number, or NaN and why there is none; `asCounter` as for `visit`. */
  latest(id: string, asCounter: boolean): { value: number; gap: Gap | undefined } {
    const { track, row } = this.byId.get(id) ?? {};
    if (!track || !row || track.count === 0) return { value: NaN, gap: 'absent' };
    return valueAt(row, (track.count - 1) % this.mostPoints, asCounter);
  }

  /** Visits the points of a series from a time on, the oldest first; `asCounter`: what it had counted, and not its rate. */
  visit(id: string, from: number, asCounter: boolean, visitor: PointVisitor): void {
    const { track, row } = this.byId.get(id) ?? {};
    if (!track || !row) return;
    for (let point = Math.max(0, track.count - this.mostPoints); point < track.count; point++) {
      const place = point % this.mostPoints;
      const at = track.times[place]!;
      if (at < from) continue;
      const { value, gap } = valueAt(row, place, asCounter);
      visitor(at, value, gap);
    }
  }

  private trackOf(host: string, source: string): Track {
    const key = trackKey(host, source);
    let track = this.tracks.get(key);
    if (!track) {
      const times = new Float64Array(Math.min(firstPoints, this.mostPoints));
      track = { times, count: 0, last: undefined, lastByKey: undefined, rows: new Map() };
      this.tracks.set(key, track);
    }
    return track;
  }

  private open(
    track: Track,
    key: string,
    { name, labels, kind, unit }: Series,
    { host, source }: { host: string; source: string },
  ): void {
    const id = `${trackKey(host, source)}\0${key}`;
    if (this.byId.size >= this.mostSeries) {
      if (this.omittedIds.size < this.mostSeries) this.omittedIds.add(id);
      return;
    }
    const { length } = track.times;
    const series: StoredSeries = {
      ...{ id, host, source, name, labels, kind, isRate: kind === 'counter' },
      ...(unit !== undefined && { unit }),
    };
    // Before it came up, it was absent.
    const codes = new Uint8Array(length).fill(codeOf('absent'));
    const counts = series.isRate ? new Float64Array(length).fill(NaN) : undefined;
    const row: Row = { series, values: new Float64Array(length), codes, counts };
    track.rows.set(key, row);
    this.byId.set(id, { track, row });
  }

  private push(
    track: Track,
    at: number,
    figureFor: (key: string, series: StoredSeries) => Figure,
    countFor: (key: string) => Figure,
  ): void {
    const place = track.count % this.mostPoints;
    if (place >= track.times.length) this.grow(track);
    track.times[place] = at;
    for (const [key, row] of track.rows) {
      const figure = figureFor(key, row.series);
      row.values[place] = 'value' in figure ? figure.value : NaN;
      row.codes[place] = 'gap' in figure ? codeOf(figure.gap) : 0;
      if (!row.counts) continue;
      const count = countFor(key);
      row.counts[place] = 'value' in count ? count.value : NaN;
    }
    track.count++;
  }

  /** Twice as many places, as long as they are fewer than there may be: they have not gone round yet. */
  private grow(track: Track): void {
    const length = Math.min(track.times.length * 2, this.mostPoints);
    track.times = grown(track.times, length);
    for (const row of track.rows.values()) {
      row.values = grown(row.values, length);
      const codes = new Uint8Array(length).fill(codeOf('absent'));
      codes.set(row.codes);
      row.codes = codes;
      if (row.counts) row.counts = grown(row.counts, length, NaN);
    }
  }
}

function grown(array: Float64Array, length: number, empty = 0): Float64Array {
  const larger = new Float64Array(length).fill(empty);
  larger.set(array);
  return larger;
}

function valueAt(
  { values, codes, counts }: Row,
  place: number,
  asCounter: boolean,
): { value: number; gap: Gap | undefined } {
  const isCount = asCounter && counts !== undefined;
  const value = (isCount ? counts : values)[place]!;
  const code = codes[place]!;
  if (isCount ? !Number.isNaN(value) : code === 0) return { value, gap: undefined };
  return { value: NaN, gap: gaps[code - 1] ?? 'nan' };
}

function figureAt(row: Row, place: number): Figure {
  const { value, gap } = valueAt(row, place, false);
  return gap ? { gap } : { value };
}

function trackKey(host: string, source: string): string {
  return `${source}\0${host}`;
}
