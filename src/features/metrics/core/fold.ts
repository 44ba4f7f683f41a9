import type { Label } from './exposition/family';
import { seriesKey } from './exposition/readExposition';
import { type Group, groupOf, usualDeviations } from './deviation';
import { type Figure, figureOf, type Gap, rateOf } from './rates';
import type { Reading, Series, SeriesKind } from './reading';
import type { MetricTarget } from './readSource';

export interface HostValue {
  readonly host: string;
  readonly value: number;
}

/** A host whose value is unlike those of the others. */
export interface Outlier extends HostValue {
  /** How many deviations it lies from the median. */
  readonly deviations: number;
}

/** One series over its hosts. */
export interface FoldedSeries {
  readonly source: string;
  readonly name: string;
  readonly labels: readonly Label[];
  readonly kind: SeriesKind;
  /** Whether its numbers are by how much it goes up a second. */
  readonly isRate: boolean;
  readonly unit?: string;
  /** How many hosts have a number. */
  readonly hosts: number;
  /** Undefined where no host has a number. */
  readonly min?: HostValue;
  readonly median?: number;
  readonly max?: HostValue;
  /** The most unlike first. */
  readonly outliers: readonly Outlier[];
  /** The hosts without a number, by the reason. */
  readonly gaps: Readonly<Partial<Record<Gap, readonly string[]>>>;
}

/** The reading before and that of now, of a source on a host. */
export interface ReadingPair {
  readonly target: MetricTarget;
  readonly before: Reading | undefined;
  readonly now: Reading;
}

export interface FoldOptions {
  /** Whether counters are rates, for which two readings are needed. */
  readonly asRates: boolean;
  /** Only these series. */
  readonly isWanted?: (series: Series) => boolean;
  /** From how many deviations on a host stands out. */
  readonly deviations?: number;
}

interface Row {
  readonly source: string;
  readonly series: Series;
  readonly figures: Map<string, Figure>;
}

/** Folds series over hosts: those that stand out first, then in the order of sources and names. */
export function foldReadings(
  pairs: Iterable<ReadingPair>,
  { asRates, isWanted = () => true, deviations = usualDeviations }: FoldOptions,
): FoldedSeries[] {
  const rows = new Map<string, Row>();
  /** Hosts by their sources, those whose reading is whole: of others it is not known what they lack. */
  const whole = new Map<string, string[]>();
  for (const { target, before, now } of pairs) {
    const { host, entry } = target;
    const source = entry.name;
    if (now.isComplete) {
      const hosts = whole.get(source);
      if (hosts) hosts.push(host.name);
      else whole.set(source, [host.name]);
    }
    const earlier = asRates ? latestByKey(before) : undefined;
    for (const [key, series] of latestByKey(now)!) {
      if (!isWanted(series)) continue;
      const rowKey = `${source}\0${key}`;
      let row = rows.get(rowKey);
      if (!row) rows.set(rowKey, (row = { source, series, figures: new Map() }));
      const isRate = asRates && row.series.kind === 'counter';
      const figure = isRate
        ? rateOf(before && { series: earlier?.get(key), reading: before }, { series, reading: now })
        : figureOf(series, now);
      row.figures.set(host.name, figure);
    }
    if (!asRates || !before) continue;
    // What is gone since the last reading is told as such.
    for (const [key, series] of earlier ?? [])
      if (isWanted(series) && !rows.has(`${source}\0${key}`))
        rows.set(`${source}\0${key}`, { source, series, figures: new Map() });
  }
  const folded = [...rows.values()].map((row) =>
    foldRow(row, asRates, whole.get(row.source) ?? [], deviations),
  );
  return folded.sort(byInterest);
}

/** The series by their keys; of one with several times the latest. */
export function latestByKey(reading: Reading | undefined): Map<string, Series> | undefined {
  if (!reading) return undefined;
  const found = new Map<string, Series>();
  for (const series of reading.series) {
    const key = seriesKey(series.name, series.labels);
    const other = found.get(key);
    if (other?.timestampMs !== undefined && !((series.timestampMs ?? Infinity) > other.timestampMs)) continue;
    found.set(key, series);
  }
  return found;
}

function foldRow(
  { source, series, figures }: Row,
  asRates: boolean,
  hosts: readonly string[],
  deviations: number,
): FoldedSeries {
  const values: HostValue[] = [];
  const gaps: Partial<Record<Gap, string[]>> = {};
  const lacks = (host: string, gap: Gap) => (gaps[gap] ??= []).push(host);
  for (const [host, figure] of figures)
    if ('gap' in figure) lacks(host, figure.gap);
    else values.push({ host, value: figure.value });
  for (const host of hosts) if (!figures.has(host)) lacks(host, 'absent');
  const { name, labels, kind, unit } = series;
  const isRate = asRates && kind === 'counter';
  const shownUnit = unit !== undefined && isRate ? `${unit}/s` : unit;
  return {
    ...{ source, name, labels, kind, isRate },
    ...(shownUnit !== undefined && { unit: shownUnit }),
    hosts: values.length,
    ...spreadOf(values, deviations),
    gaps,
  };
}

function spreadOf(
  values: readonly HostValue[],
  deviations: number,
): Pick<FoldedSeries, 'min' | 'median' | 'max' | 'outliers'> {
  const [first] = values;
  if (!first) return { outliers: [] };
  let [min, max] = [first, first];
  for (const one of values) {
    if (one.value < min.value) min = one;
    if (one.value > max.value) max = one;
  }
  const group = groupOf(values.map(({ value }) => value));
  return { min, median: group.median, max, outliers: outliersOf(values, group, deviations) };
}

function outliersOf(values: readonly HostValue[], group: Group, most: number): Outlier[] {
  return values
    .flatMap(({ host, value }) => {
      const deviations = group.deviations(value);
      return deviations !== undefined && deviations > most ? [{ host, value, deviations }] : [];
    })
    .sort((a, b) => b.deviations - a.deviations);
}

function byInterest(a: FoldedSeries, b: FoldedSeries): number {
  const standsOut = ({ outliers }: FoldedSeries) => (outliers.length > 0 ? 1 : 0);
  return standsOut(b) - standsOut(a);
}
