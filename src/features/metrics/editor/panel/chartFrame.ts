import { l10n } from 'vscode';
import type { Steps } from '../../../../platform/inventory/steps';
import { printable } from '../../../../platform/text/printable';
import { bandOf } from '../../core/chart/chartBand';
import { type ChartGrid, traceOf, type Visit } from '../../core/chart/chartGrid';
import { type ChartLine, chartLines, standsOut } from '../../core/chart/chartLines';
import { median } from '../../core/deviation';
import { figureText } from '../../core/figureText';
import type { SeriesStore, StoredSeries } from '../../core/seriesStore';
import { gapWord } from '../gapWord';
import type { ChartFrame, ChartLayout, DrawnSeries, LegendRow } from '../../protocol/metricsPanel';

/** More lines cannot be told apart, and more rows are not read. */
const mostLines = 40;
const mostBands = 8;
const mostRows = 200;
/** A number holds in a band for this many readings. */
const readingsHeld = 2.5;

export interface FramePorts {
  readonly store: SeriesStore;
  readonly grid: ChartGrid;
  /** Milliseconds between two readings of a source. */
  readonly intervalOf: (source: string) => number;
  /** Why a source of a host could not be read; undefined where it could. */
  readonly failureOf: (host: string, source: string) => string | undefined;
  /** Whether a series is shown below its host in the Hosts view. */
  readonly isPinned: (series: StoredSeries) => boolean;
}

/** What a chart shows at a time. A band over 1,000 hosts and an hour takes longer than others can wait. */
export function* chartFrame(layout: ChartLayout, ports: FramePorts): Steps<ChartFrame> {
  const lines = chartLines(ports.store, layout);
  const [first] = lines;
  const canCount = lines.some(({ series }) => series.isRate);
  const textOf = (value: number) =>
    figureText(value, { unit: first?.series.unit, isRate: canCount && !layout.asCounter });
  const drawn = yield* layout.mode === 'band'
    ? drawnBands(lines, layout, ports)
    : drawnLines(lines, layout, ports);
  const legend = layout.mode === 'band' ? bandRows(lines, textOf) : lineRows(lines, ports, textOf);
  return {
    ...layout,
    ...{ title: printable(layout.name, 200), canCount },
    unit: unitOf(first?.series.unit, canCount && !layout.asCounter),
    ...drawn,
    ...(lines.length === 0 && { more: l10n.t('No value of this series has been read.') }),
    legend: legend.slice(0, mostRows),
    summary: summaryOf(layout, lines, textOf),
  };
}

const visitOf =
  ({ store, grid }: FramePorts, { series }: ChartLine, asCounter: boolean, before = 0): Visit =>
  (visitor) =>
    store.visit(series.id, grid.from - before, asCounter, visitor);

type Drawn = Pick<ChartFrame, 'series' | 'more'>;

function* drawnLines(
  lines: readonly ChartLine[],
  { asCounter }: ChartLayout,
  ports: FramePorts,
): Steps<Drawn> {
  const series: DrawnSeries[] = [];
  for (const line of lines.slice(0, mostLines)) {
    yield;
    const trace = traceOf(visitOf(ports, line, asCounter), ports.grid);
    series.push({ id: line.series.id, kind: 'line', colour: line.place, ...trace });
  }
  const more =
    lines.length > mostLines
      ? l10n.t('{0} of {1} lines are drawn: those that stand out most.', mostLines, lines.length)
      : '';
  return { series, more };
}

function* drawnBands(
  lines: readonly ChartLine[],
  { asCounter }: ChartLayout,
  ports: FramePorts,
): Steps<Drawn> {
  const groups = groupsOf(lines);
  const series: DrawnSeries[] = [];
  for (const [colour, [labels, members]] of [...groups].slice(0, mostBands).entries()) {
    const band = yield* bandOf(
      members.map((line) => {
        const holdMs = ports.intervalOf(line.series.source) * readingsHeld;
        return { visit: visitOf(ports, line, asCounter, holdMs), holdMs };
      }),
      ports.grid,
    );
    for (const kind of ['max', 'min', 'median'] as const)
      series.push({ id: labels, kind, colour, ...band[kind] });
  }
  const more = groups.size > mostBands ? l10n.t('{0} of {1} bands are drawn.', mostBands, groups.size) : '';
  return { series, more };
}

function groupsOf(lines: readonly ChartLine[]): Map<string, ChartLine[]> {
  const groups = new Map<string, ChartLine[]>();
  for (const line of lines) {
    const group = groups.get(line.labels);
    if (group) group.push(line);
    else groups.set(line.labels, [line]);
  }
  return groups;
}

function lineRows(
  lines: readonly ChartLine[],
  { failureOf, isPinned }: FramePorts,
  textOf: (value: number) => string,
): LegendRow[] {
  return lines.slice(0, mostRows).map((line, index) => {
    const { series, labels, value, gap, deviations } = line;
    const failure = failureOf(series.host, series.source);
    const note =
      failure ?? (standsOut(line) ? l10n.t('stands out: {0} deviations', deviations!.toFixed(1)) : '');
    return {
      ...{ id: series.id, host: series.host, note, standsOut: standsOut(line) },
      isPinned: isPinned(series),
      label: printable(`${series.host} ${labels}`.trim(), 300),
      value: gap ? gapWord(gap) : textOf(value),
      colour: index < mostLines ? line.place : undefined,
    };
  });
}

function bandRows(lines: readonly ChartLine[], textOf: (value: number) => string): LegendRow[] {
  return [...groupsOf(lines)].map(([labels, members], index) => {
    const values = valuesOf(members);
    return {
      ...{ id: labels, host: undefined, standsOut: members.some(standsOut) },
      note: exceptionsOf(members).join(' · '),
      isPinned: false,
      label: printable(`${l10n.t('{0} hosts', members.length)} ${labels}`.trim(), 300),
      value: values.length > 0 ? spread(values, textOf) : gapWord('absent'),
      colour: index < mostBands ? index : undefined,
    };
  });
}

/** What is unusual among lines: hosts that stand out, and how many have no value. */
function exceptionsOf(lines: readonly ChartLine[]): string[] {
  const out = lines.filter(standsOut).map(({ series }) => printable(series.host));
  const missing = lines.filter(({ gap }) => gap).length;
  return [
    ...(out.length > 0 ? [l10n.t('stand out: {0}', out.slice(0, 5).join(', '))] : []),
    ...(missing > 0 ? [l10n.t('{0} without a value', missing)] : []),
  ];
}

const valuesOf = (lines: readonly ChartLine[]) =>
  Float64Array.from(lines.filter(({ gap }) => !gap).map(({ value }) => value)).sort();

function spread(ascending: Float64Array, textOf: (value: number) => string): string {
  return `${textOf(ascending[0]!)} … ${textOf(median(ascending))} … ${textOf(ascending.at(-1)!)}`;
}

function summaryOf(
  { name, source }: ChartLayout,
  lines: readonly ChartLine[],
  textOf: (value: number) => string,
): string {
  const what = printable(`${name} (${source})`, 300);
  const values = valuesOf(lines);
  if (values.length === 0) return l10n.t('{0}: no value now', what);
  return [
    l10n.t(
      '{0}: {1} lines, from {2} to {3}, in the middle {4}',
      what,
      lines.length,
      textOf(values[0]!),
      textOf(values.at(-1)!),
      textOf(median(values)),
    ),
    ...exceptionsOf(lines),
  ].join('; ');
}

function unitOf(unit: string | undefined, isRate: boolean): string {
  const own = unit === undefined || unit === '1' ? '' : unit === 'By' ? 'B' : unit;
  return isRate ? `${own}/s` : own;
}
