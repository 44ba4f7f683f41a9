import { groupOf, usualDeviations } from '../deviation';
import type { Gap } from '../rates';
import type { SeriesStore, StoredSeries } from '../seriesStore';
import { seriesText } from '../seriesText';

/** A line of a chart as it is now. */
export interface ChartLine {
  readonly series: StoredSeries;
  /** Among the lines of the chart in the order in which they came up, which stays. */
  readonly place: number;
  /** The labels alone, since the name is the chart's: `{mode="idle"}`; empty without. */
  readonly labels: string;
  /** NaN without one. */
  readonly value: number;
  /** The reason for a missing value. */
  readonly gap: Gap | undefined;
  /** How far it is from what is usual for these labels on other hosts; undefined where that is not known. */
  readonly deviations: number | undefined;
}

export const standsOut = ({ deviations = 0 }: Pick<ChartLine, 'deviations'>): boolean =>
  deviations > usualDeviations;

/** The lines of a chart: those that stand out most first, then those without a value, then the usual ones. */
export function chartLines(
  store: SeriesStore,
  chart: { source: string; name: string; asCounter: boolean },
): ChartLine[] {
  const drafts = store
    .all()
    .filter(({ source, name }) => source === chart.source && name === chart.name)
    .map((series, place) => ({
      series,
      place,
      labels: seriesText('', series.labels),
      ...store.latest(series.id, chart.asCounter),
    }));
  const byLabels = new Map<string, number[]>();
  for (const { labels, value } of drafts) {
    if (!byLabels.has(labels)) byLabels.set(labels, []);
    if (!Number.isNaN(value)) byLabels.get(labels)!.push(value);
  }
  const groups = new Map([...byLabels].map(([labels, values]) => [labels, groupOf(values)]));
  const rank = (line: ChartLine) => (standsOut(line) ? 0 : line.gap ? 1 : 2);
  return drafts
    .map((draft) => ({
      ...draft,
      deviations: draft.gap ? undefined : groups.get(draft.labels)!.deviations(draft.value),
    }))
    .sort((a, b) => rank(a) - rank(b) || (b.deviations ?? 0) - (a.deviations ?? 0));
}
