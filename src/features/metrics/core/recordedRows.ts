import { type ReadingPair, latestByKey } from './fold';
import { type Figure, figureOf, rateOf } from './rates';
import { seriesText } from './seriesText';

/** How a record is written. */
export type RecordFormat = 'ndjson' | 'csv';

/** A series of a host at one time. */
export interface RecordedRow {
  readonly time: string;
  readonly host: string;
  readonly source: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly kind: string;
  /** A number, or what is none: `NaN`, `+Inf`, `stale`. */
  readonly value: number | string;
  /** Of a counter, a second; or why it is not known. */
  readonly rate?: number | string;
  readonly unit?: string;
}

/** The series of a reading, each with its rate. */
export function* recordedRows({ target, before, now }: ReadingPair): Generator<RecordedRow> {
  const time = new Date(now.at).toISOString();
  const earlier = latestByKey(before);
  for (const [key, series] of latestByKey(now)!) {
    const { name, labels, kind, unit } = series;
    const rate =
      kind === 'counter' && before
        ? rateOf({ series: earlier?.get(key), reading: before }, { series, reading: now })
        : undefined;
    yield {
      ...{ time, host: target.host.name, source: target.entry.name, name },
      labels: Object.fromEntries(labels.map((label) => [label.name, label.value])),
      ...{ kind, value: written(figureOf(series, now)) },
      ...(rate && { rate: written(rate) }),
      ...(unit !== undefined && { unit }),
    };
  }
}

/** JSON has no NaN and no infinities. */
function written(figure: Figure): number | string {
  if ('gap' in figure) return figure.gap === 'nan' ? 'NaN' : figure.gap;
  if (Number.isFinite(figure.value)) return figure.value;
  return figure.value > 0 ? '+Inf' : '-Inf';
}

export const csvHead = 'time,host,source,series,kind,value,rate,unit\n';

/** Spreadsheets calculate what begins so, also what is in quotes, and the full-width forms with it. */
const formula = /^[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/;

/** A line of CSV, as RFC 4180 has it; what a spreadsheet would take for a formula begins with an apostrophe. */
export function csvLine({ time, host, source, name, labels, kind, value, rate, unit }: RecordedRow): string {
  const series = seriesText(
    name,
    Object.entries(labels).map(([label, text]) => ({ name: label, value: text })),
  );
  const fields = [time, host, source, series, kind, value, rate ?? '', unit ?? ''];
  return `${fields.map(csvField).join(',')}\n`;
}

function csvField(field: string | number): string {
  if (typeof field === 'number') return String(field);
  const harmless = formula.test(field) && !/^[+-]Inf$/.test(field) ? `'${field}` : field;
  return /[",;\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
