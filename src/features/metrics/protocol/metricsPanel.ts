import type { AnswerMessage, NoArgs, RequestMessage } from '../../../shell/protocol/requests';
import type { RowNews, RowRequests, RowStatus } from '../../../shell/protocol/rows';

export const chartModes = ['lines', 'band'] as const;
export type ChartMode = (typeof chartModes)[number];

/** A chart: all series of one name of a source, on all hosts. */
export interface ChartLayout {
  source: string;
  name: string;
  mode: ChartMode;
  /** What counters have counted, and not by how much they go up a second. */
  asCounter: boolean;
}

/** What is kept in the workspace. */
export interface MetricsLayout {
  charts: ChartLayout[];
  /** Milliseconds until now that are shown. */
  rangeMs: number;
}

/** What a panel needs to come back after a reload. */
export interface MetricsState {
  inventory: string;
  selector: string;
  hosts: string[];
}

/** Milliseconds. */
export const ranges = [60_000, 5 * 60_000, 15 * 60_000, 60 * 60_000] as const;

/** Values by their places in the grid of the frame; null interrupts the line. */
export interface DrawnTrace {
  places: number[];
  values: (number | null)[];
}

/** What is drawn of a line, or of a band over hosts. */
export interface DrawnSeries extends DrawnTrace {
  /** Of the row in the legend. */
  id: string;
  kind: 'line' | 'min' | 'median' | 'max';
  /** The number of its colour. */
  colour: number;
}

/** A line in the legend, which is a table of the present values, too. */
export interface LegendRow {
  id: string;
  /** Undefined for a band over hosts. */
  host: string | undefined;
  label: string;
  value: string;
  note: string;
  standsOut: boolean;
  /** Whether it is shown below its host in the Hosts view. */
  isPinned: boolean;
  /** The number of its colour; undefined for what is not drawn. */
  colour: number | undefined;
}

export interface ChartFrame extends ChartLayout {
  title: string;
  unit: string;
  /** Whether it has counters. */
  canCount: boolean;
  /** What a chart shows, for those who do not see it. */
  summary: string;
  series: DrawnSeries[];
  legend: LegendRow[];
  /** What is not drawn or listed; empty for nothing. */
  more: string;
}

/** All that is shown at a time. */
export interface MetricsFrame extends RowStatus {
  /** Milliseconds since 1970. */
  from: number;
  to: number;
  buckets: number;
  rangeMs: number;
  isZoomed: boolean;
  tone: 'info' | 'warning' | 'error';
  state: string;
  /** Sources that could not be read, with why. */
  failures: { source: string; reason: string }[];
  charts: ChartFrame[];
  /** What is said where there is no chart. */
  empty: string;
}

export interface MetricsWords {
  ranges: string[];
  range: string;
  addChart: string;
  removeChart: string;
  exportCsv: string;
  exportPng: string;
  resetZoom: string;
  lines: string;
  band: string;
  mode: string;
  rate: string;
  counter: string;
  logs: string;
  capture: string;
  pin: string;
  unpin: string;
  columns: { series: string; value: string; note: string; actions: string };
  keyboard: string;
  /** `{0}` is the time at the crosshair. */
  at: string;
  failures: string;
}

export interface MetricsRequests {
  /** How many pixels a chart is wide. */
  size: { args: { buckets: number }; result: void };
  /** Undefined for the times until now. */
  zoom: { args: { range?: { from: number; to: number } | undefined }; result: void };
  range: { args: { rangeMs: number }; result: void };
  look: { args: { chart: number; mode: ChartMode; asCounter: boolean }; result: void };
  addChart: { args: NoArgs; result: void };
  removeChart: { args: { chart: number }; result: void };
  exportCsv: { args: NoArgs; result: void };
  /** A picture in Base64. */
  exportPng: { args: { chart: number; png: string }; result: void };
  /** `at`: ms since 1970. */
  logs: { args: { chart: number; id: string; at: number }; result: void };
  capture: { args: { chart: number; id: string }; result: void };
  /** Pins a series, or unpins one that is pinned. */
  pin: { args: { chart: number; id: string }; result: void };
}

type All = RowRequests<never> & MetricsRequests;

export interface MetricsBeginning {
  words: MetricsWords;
  state: MetricsState;
}

/** From the editor. */
export type ToMetrics =
  ({ type: 'begin' } & MetricsBeginning) | RowNews<never, MetricsFrame> | AnswerMessage<All>;

/** From the page. */
export type FromMetrics = RequestMessage<All>;
