import { z } from 'zod';
import type { Schemas } from '../../../../shell/editor/panels/pageRequests';
import {
  chartModes,
  type MetricsLayout,
  type MetricsRequests,
  type MetricsState,
  ranges,
} from '../../protocol/metricsPanel';

/** A line of a screen is no wider. */
const mostBuckets = 2_000;
/** Base64 of a picture of a chart. */
const longestPicture = 16_000_000;
export const mostCharts = 12;

const place = z.int().nonnegative().max(mostCharts);
const time = z.number().nonnegative();
const row = { chart: place, id: z.string().max(100_000) };

/** What the page of metrics may ask. */
export const metricsRequests: Schemas<MetricsRequests> = {
  size: z.object({ buckets: z.int().min(10).max(mostBuckets) }),
  zoom: z.object({
    range: z
      .object({ from: time, to: time })
      .refine(({ from, to }) => to > from)
      .optional(),
  }),
  range: z.object({ rangeMs: z.literal(ranges) }),
  look: z.object({ chart: place, mode: z.enum(chartModes), asCounter: z.boolean() }),
  addChart: z.object({}),
  removeChart: z.object({ chart: place }),
  exportCsv: z.object({}),
  exportPng: z.object({ chart: place, png: z.base64().max(longestPicture) }),
  logs: z.object({ ...row, at: time }),
  capture: z.object(row),
  pin: z.object(row),
};

const stateSchema = z.object({ inventory: z.string(), selector: z.string(), hosts: z.array(z.string()) });

/** What a page kept over a reload; undefined when it makes no sense, as after an update. */
export function readMetricsState(stored: unknown): MetricsState | undefined {
  return stateSchema.safeParse(stored).data;
}

const layoutSchema = z.object({
  charts: z
    .array(
      z.object({ source: z.string(), name: z.string(), mode: z.enum(chartModes), asCounter: z.boolean() }),
    )
    .max(mostCharts),
  rangeMs: z.literal(ranges),
});

/** The layout that the workspace keeps, or one without charts. */
export function readLayout(stored: unknown): MetricsLayout {
  return layoutSchema.safeParse(stored).data ?? { charts: [], rangeMs: ranges[1] };
}
