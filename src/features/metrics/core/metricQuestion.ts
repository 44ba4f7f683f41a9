import type { Host } from '../../../platform/inventory/model';
import { resolvePlaceholders } from '../../../platform/inventory/yaml/placeholders';
import { MusterError } from '../../../platform/errors/errors';
import { latestByKey } from './fold';
import { histogramQuantile } from './quantile';
import { type Figure, figureOf, type Gap, rateOf } from './rates';
import type { Reading, Series } from './reading';
import { boundOf, parseSeriesSelector, selects, type SeriesSelector } from './seriesSelector';
import { seriesText } from './seriesText';

export const aggregates = ['sum', 'avg', 'min', 'max', 'count'] as const;
export type Aggregate = (typeof aggregates)[number];

/** What is asked of a source on a host. */
export interface MetricQuestion {
  /** The name of an entry of `metrics`. */
  readonly source: string;
  /** As `parseSeriesSelector` reads it, with placeholders. */
  readonly series: string;
  /** Milliseconds between two readings, of which it is the rate. */
  readonly rateMs?: number | undefined;
  /** Of a histogram: the value below which this share of the observations lie. */
  readonly quantile?: number | undefined;
  /** One number of all series that are selected. */
  readonly aggregate?: Aggregate | undefined;
}

export interface NamedFigure {
  readonly name: string;
  readonly figure: Figure;
  readonly unit?: string;
}

type Two = { readonly before: Reading | undefined; readonly now: Reading };

/** The numbers that answer a question, or why there are none; never an empty list. @throws MusterError INVENTORY */
export function answerOf(question: MetricQuestion, host: Host, readings: Two): NamedFigure[] {
  const selector = selectorFor(question.series, host);
  const found =
    question.quantile === undefined
      ? figuresOf(selector, question, readings)
      : quantilesOf(selector, question.quantile, question, readings);
  if (found.length === 0) return [{ name: seriesName(selector), figure: { gap: 'absent' } }];
  return question.aggregate ? [aggregated(found, question.aggregate, selector)] : found;
}

function selectorFor(template: string, host: Host): SeriesSelector {
  try {
    return parseSeriesSelector(resolvePlaceholders(template, host));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new MusterError('INVENTORY', error.message, { host: host.name, phase: 'inventory' });
  }
}

const seriesName = ({ name, conditions }: SeriesSelector) =>
  conditions.length === 0
    ? name
    : `${name}{${conditions.map(({ label, operator, value }) => `${label}${operator}"${value}"`).join(',')}}`;

interface FoundFigure extends NamedFigure {
  readonly series: Series;
}

function figuresOf(
  selector: SeriesSelector,
  { rateMs }: Pick<MetricQuestion, 'rateMs'>,
  { before, now }: Two,
): FoundFigure[] {
  const earlier = latestByKey(before) ?? new Map<string, Series>();
  const current = latestByKey(now)!;
  const figures: FoundFigure[] = [];
  for (const [key, series] of current) {
    if (!selects(selector, series)) continue;
    const figure =
      rateMs === undefined
        ? figureOf(series, now)
        : rateOf(before && { series: earlier.get(key), reading: before }, { series, reading: now });
    figures.push(named(series, figure));
  }
  // What was there a moment ago and is not now is not fine.
  for (const [key, series] of earlier)
    if (!current.has(key) && selects(selector, series)) figures.push(named(series, { gap: 'absent' }));
  return figures;
}

function named(series: Series, figure: Figure): FoundFigure {
  const { name, labels, unit } = series;
  return { name: seriesText(name, labels), figure, series, ...(unit !== undefined && { unit }) };
}

function quantilesOf(
  selector: SeriesSelector,
  share: number,
  question: Pick<MetricQuestion, 'rateMs'>,
  readings: Two,
): NamedFigure[] {
  const name = selector.name.endsWith('_bucket') ? selector.name : `${selector.name}_bucket`;
  const groups = new Map<string, FoundFigure[]>();
  for (const found of figuresOf({ ...selector, name }, question, readings)) {
    const { labels } = found.series;
    const key = seriesText(
      name.slice(0, -'_bucket'.length),
      labels.filter((label) => label.name !== 'le'),
    );
    const group = groups.get(key);
    if (group) group.push(found);
    else groups.set(key, [found]);
  }
  return [...groups].map(([key, group]) => ({ name: key, figure: quantileOf(share, group) }));
}

function quantileOf(share: number, buckets: readonly FoundFigure[]): Figure {
  const gap = firstGap(buckets);
  if (gap) return { gap };
  const value = histogramQuantile(
    share,
    buckets.map(({ series, figure }) => ({
      bound: boundOf(series.labels.find(({ name }) => name === 'le')?.value ?? ''),
      count: valueOf(figure),
    })),
  );
  return Number.isNaN(value) ? { gap: 'nan' } : { value };
}

function aggregated(found: readonly NamedFigure[], by: Aggregate, selector: SeriesSelector): NamedFigure {
  const name = `${by}(${seriesName(selector)})`;
  const gap = firstGap(found);
  if (gap) return { name, figure: { gap } };
  const values = found.map(({ figure }) => valueOf(figure));
  const value = reductions[by](values);
  return { name, figure: Number.isNaN(value) ? { gap: 'nan' } : { value } };
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

const reductions: Readonly<Record<Aggregate, (values: readonly number[]) => number>> = {
  sum,
  avg: (values) => sum(values) / values.length,
  min: (values) => values.reduce((least, value) => Math.min(least, value), Infinity),
  max: (values) => values.reduce((most, value) => Math.max(most, value), -Infinity),
  count: (values) => values.length,
};

function firstGap(figures: readonly NamedFigure[]): Gap | undefined {
  for (const { figure } of figures) if ('gap' in figure) return figure.gap;
  return undefined;
}

function valueOf(figure: Figure): number {
  return 'value' in figure ? figure.value : NaN;
}
