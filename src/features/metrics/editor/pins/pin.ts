import { seriesText } from '../../core/seriesText';
import type { StoredSeries } from '../../core/seriesStore';

/** A series that is shown below its host. */
export interface Pin {
  readonly inventory: string;
  readonly host: string;
  readonly source: string;
  /** Its name and labels, as Prometheus writes them. */
  readonly series: string;
}

/** More are not read, since each is drawn again as often as it changes. */
export const mostPins = 50;
/** Of names and labels, which hosts choose. */
const longestSeries = 10_000;

export function pinOf(inventory: string, { host, source, name, labels }: StoredSeries): Pin {
  return { inventory, host, source, series: seriesText(name, labels) };
}

export const isSamePin = (one: Pin, other: Pin): boolean =>
  one.inventory === other.inventory &&
  one.host === other.host &&
  one.source === other.source &&
  one.series === other.series;

/** What the workspace keeps, without what makes no sense, as after an update. */
export function readPins(stored: unknown): Pin[] {
  return Array.isArray(stored) ? (stored as unknown[]).filter(isPin).slice(0, mostPins) : [];
}

function isPin(value: unknown): value is Pin {
  const { inventory, host, source, series } = (value ?? {}) as Partial<Record<keyof Pin, unknown>>;
  const isText = [inventory, host, source, series].every((text) => typeof text === 'string');
  return isText && (series as string).length <= longestSeries;
}
