import { z } from 'zod';
import { MusterError } from '../../../../platform/errors/errors';
import { t } from '../../../../platform/l10n/l10n';
import { printable } from '../../../../platform/text/printable';
import type { Family, Sample } from '../exposition/family';
import { acceptedFormats, formatOf } from '../exposition/formats';
import { ExpositionReader } from '../exposition/readExposition';
import type { Series, SeriesKind } from '../reading';
import type { MetricSource } from './contract';
import { fetchPage, pageSettings } from './fetchPage';

const settings = z.strictObject(pageSettings);
type Settings = z.output<typeof settings>;

export const prometheus: MetricSource<Settings> = {
  type: 'prometheus',
  description: 'Reads a page in the text format of Prometheus or in OpenMetrics.',
  settings,
  runsCommands: () => false,
  async read(host, settings, context) {
    const { contentType, hasEnd, pieces } = await fetchPage(host, settings, acceptedFormats, context);
    const format = formatOf(contentType);
    if (!format)
      throw new MusterError(
        'PROTOCOL',
        t('the page is not metrics but “{0}”', printable(contentType ?? '', 100)),
        {
          ...{ host: host.name, phase: 'request' },
          hint: t('Check the path of the URL: most services have /metrics.'),
        },
      );
    const reader = new ExpositionReader(format);
    for await (const piece of pieces) reader.push(piece);
    const { families, ...rest } = reader.end(hasEnd);
    return { at: Date.now(), series: families.flatMap(seriesOf), ...rest };
  },
};

function seriesOf(family: Family): Series[] {
  return family.samples
    .filter(({ name }) => !isCreation(family, name))
    .map(({ name, labels, value, timestampMs }) => ({
      ...{ name, labels, value, kind: kindOf(family, name) },
      ...(family.unit !== undefined && { unit: unitCodes[family.unit] ?? family.unit }),
      ...(timestampMs !== undefined && { timestampMs }),
    }));
}

/** When a series began is no number to chart. */
function isCreation({ type, name: family }: Family, name: Sample['name']): boolean {
  return type !== 'gauge' && type !== 'unknown' && name === `${family}_created`;
}

function kindOf({ type, name: family }: Family, name: string): SeriesKind {
  switch (type) {
    case 'counter':
    case 'histogram':
      return 'counter';
    case 'summary':
      return name === family ? 'gauge' : 'counter';
    case 'unknown':
      return 'unknown';
    default:
      return 'gauge';
  }
}

/** UCUM of the units that OpenMetrics names. */
const unitCodes: Readonly<Record<string, string>> = {
  seconds: 's',
  bytes: 'By',
  celsius: 'Cel',
  meters: 'm',
  ratio: '1',
  volts: 'V',
  amperes: 'A',
  joules: 'J',
  grams: 'g',
};
