import { setImmediate as rest } from 'node:timers/promises';
import { z } from 'zod';
import { MusterError } from '../../../../platform/errors/errors';
import { t } from '../../../../platform/l10n/l10n';
import { printable } from '../../../../platform/text/printable';
import type { Exposition, Family, Label, Sample } from '../exposition/family';
import { acceptedFormats, formatOf } from '../exposition/formats';
import { ExpositionReader, seriesKey } from '../exposition/readExposition';
import type { Series, SeriesKind } from '../reading';
import type { MetricSource } from './contract';
import { fetchPage, pageSettings } from './fetchPage';

const settings = z.strictObject(pageSettings);
type Settings = z.output<typeof settings>;

export const prometheus: MetricSource<Settings> = {
  type: 'prometheus',
  description: 'Reads a page in the text format of Prometheus or in OpenMetrics.',
  settings,
  async read(host, settings, context) {
    const { contentType, hasEnd, pieces, sourceClockMs } = await fetchPage(
      host,
      settings,
      acceptedFormats,
      context,
    );
    const format = formatOf(contentType);
    const hint = t('Check the path of the URL: most services have /metrics.');
    if (!format) {
      await drop(pieces);
      throw new MusterError(
        'PROTOCOL',
        t('the page is not metrics but “{0}”', printable(contentType ?? '', 100)),
        { host: host.name, phase: 'request', hint },
      );
    }
    const reader = new ExpositionReader(format);
    for await (const piece of pieces) {
      reader.push(piece);
      if (reader.isFull) break;
    }
    const exposition = reader.end(hasEnd);
    const { problems, problemCount, isComplete } = exposition;
    const series = await seriesIn(exposition);
    const [first] = problems;
    if (series.length === 0 && first)
      throw new MusterError(
        'PROTOCOL',
        t('no line of the page is a metric; line {0}: {1}', first.line, first.message),
        { host: host.name, phase: 'request', hint },
      );
    const started = series.find(({ name }) => name === 'process_start_time_seconds');
    return {
      ...{ at: Date.now(), series, problems, problemCount, isComplete },
      ...(sourceClockMs !== undefined && { sourceClockMs }),
      ...(started && { incarnation: String(started.value) }),
    };
  },
};

/** Closes the connection without reading on. */
async function drop(pieces: AsyncIterable<string>): Promise<void> {
  for await (const _ of pieces) return;
}

/** Samples between which others get their turn: some 5 ms. */
const samplesAtOnce = 5_000;

/** The samples as series, each with the time at which it began to count where the page has that. */
export async function seriesIn({ families }: Pick<Exposition, 'families'>): Promise<Series[]> {
  const stems = new Set(families.filter(isCounting).map(stemOf));
  const created = new Map<string, number>();
  const creations = new Set(families.filter((family) => takeCreations(family, stems, created)));
  const all: Series[] = [];
  for (const family of families) {
    if (creations.has(family)) continue;
    const toSeries = seriesFor(family, created);
    for (const sample of family.samples) {
      const series = toSeries(sample);
      if (!series) continue;
      all.push(series);
      if (all.length % samplesAtOnce === 0) await rest();
    }
  }
  return all;
}

const creation = '_created';
const countingTypes: ReadonlySet<string> = new Set(['counter', 'histogram', 'summary']);
const isCounting = ({ type }: Family) => countingTypes.has(type);
const stemOf = ({ type, name }: Family) => (type === 'counter' ? name.replace(/_total$/, '') : name);

/**
 * Keeps when series of counting families were created. In the older format, which knows nothing of it, these times are
 * a family of gauges of their own: then it resolves to true.
 */
function takeCreations(family: Family, stems: ReadonlySet<string>, created: Map<string, number>): boolean {
  const { name, type, samples } = family;
  const isOwn = type === 'gauge' && name.endsWith(creation) && stems.has(name.slice(0, -creation.length));
  if (!isOwn && !isCounting(family)) return false;
  const stem = isOwn ? name.slice(0, -creation.length) : stemOf(family);
  for (const sample of samples)
    if (sample.name === `${stem}${creation}` && Number.isFinite(sample.value))
      created.set(seriesKey(stem, sample.labels), sample.value * 1000);
  return isOwn;
}

/** Labels that tell the parts of one histogram or summary apart. */
const isPart = ({ name }: Label) => name === 'le' || name === 'quantile';

/** Makes a series of a sample of the family; undefined of one that only says when another began. */
function seriesFor(
  family: Family,
  created: ReadonlyMap<string, number>,
): (sample: Sample) => Series | undefined {
  const { unit } = family;
  const stem = stemOf(family);
  const hasCreations = created.size > 0 && isCounting(family);
  const code = unit === undefined || unit === '' ? undefined : (unitCodes.get(unit) ?? unit);
  return ({ name, labels, value, timestampMs }) => {
    if (isCounting(family) && name === `${stem}${creation}`) return undefined;
    const createdMs = hasCreations
      ? created.get(seriesKey(stem, labels.some(isPart) ? labels.filter((one) => !isPart(one)) : labels))
      : undefined;
    return {
      ...{ name, labels, value, kind: kindOf(family, name) },
      ...(code !== undefined && { unit: code }),
      ...(timestampMs !== undefined && { timestampMs }),
      ...(createdMs !== undefined && { createdMs }),
    };
  };
}

function kindOf({ type, name: family }: Family, name: string): SeriesKind {
  if (type === 'counter' || type === 'histogram' || (type === 'summary' && name !== family)) return 'counter';
  return type === 'unknown' ? 'unknown' : 'gauge';
}

/** UCUM of the units that OpenMetrics names. */
const unitCodes: ReadonlyMap<string, string> = new Map([
  ['seconds', 's'],
  ['bytes', 'By'],
  ['celsius', 'Cel'],
  ['meters', 'm'],
  ['ratio', '1'],
  ['volts', 'V'],
  ['amperes', 'A'],
  ['joules', 'J'],
  ['grams', 'g'],
]);
