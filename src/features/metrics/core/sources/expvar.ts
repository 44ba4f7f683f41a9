import { z } from 'zod';
import { MusterError } from '../../../../platform/errors/errors';
import type { Host } from '../../../../platform/inventory/model';
import { t } from '../../../../platform/l10n/l10n';
import type { Series, SeriesKind } from '../reading';
import type { MetricSource } from './contract';
import { fetchPage, pageSettings } from './fetchPage';

const settings = z.strictObject(pageSettings);
type Settings = z.output<typeof settings>;

/** UTF-16 units of JSON, which is read at once: this many take some 20 ms. /debug/vars has 10,000. */
const largestPage = 2 * 1024 * 1024;
const deepest = 16;
const mostSeries = 20_000;

/**
 * What Go's runtime.MemStats counts from the start of the process (https://pkg.go.dev/runtime#MemStats); all others may
 * go down.
 */
const memoryCounters = new Set(
  'TotalAlloc Lookups Mallocs Frees PauseTotalNs NumGC NumForcedGC'
    .split(' ')
    .map((name) => `memstats.${name}`),
);
/** Rings of the last 256 collections, and a table by size: hundreds of numbers that are no series. */
const memoryTables = new Set(['PauseNs', 'PauseEnd', 'BySize'].map((name) => `memstats.${name}`));

export const expvar: MetricSource<Settings> = {
  type: 'expvar',
  description: 'Reads the numbers of a page of variables, such as /debug/vars of a Go service.',
  settings,
  async read(host, settings, context) {
    const { pieces, sourceClockMs } = await fetchPage(host, settings, 'application/json', context);
    let text = '';
    for await (const piece of pieces) {
      text += piece;
      if (text.length > largestPage)
        throw new MusterError('TOO_LARGE', t('the page is larger than {0} MB', largestPage / 1024 / 1024), {
          ...{ host: host.name, phase: 'request' },
        });
    }
    const series = readVariables(variablesOf(host, text));
    return {
      ...{ at: Date.now(), series, problems: [], problemCount: 0, isComplete: series.length < mostSeries },
      ...(sourceClockMs !== undefined && { sourceClockMs }),
    };
  },
};

function variablesOf(host: Host, text: string): Record<string, unknown> {
  let variables: unknown;
  try {
    variables = JSON.parse(text);
  } catch (error) {
    throw notVariables(host, error);
  }
  if (typeof variables === 'object' && variables !== null && !Array.isArray(variables))
    return variables as Record<string, unknown>;
  throw notVariables(host, undefined);
}

function notVariables(host: Host, cause: unknown): MusterError {
  return new MusterError('PROTOCOL', t('the page is not an object of variables in JSON'), {
    ...{ host: host.name, phase: 'request', cause },
    hint: t('Check the path of the URL: Go services have /debug/vars.'),
  });
}

/**
 * The numbers of nested objects, their names joined by dots. Texts are no series, and `cmdline` is never read: arguments
 * hold secrets.
 */
export function readVariables(variables: Readonly<Record<string, unknown>>): Series[] {
  const series: Series[] = [];
  const visit = (value: unknown, name: string, depth: number) => {
    if (series.length >= mostSeries || memoryTables.has(name)) return;
    if (typeof value === 'number' || typeof value === 'boolean')
      series.push({ name, labels: [], kind: kindOf(name), value: Number(value) });
    else if (typeof value === 'object' && value !== null && depth < deepest)
      for (const [key, inner] of Object.entries(value)) visit(inner, `${name}.${key}`, depth + 1);
  };
  for (const [name, value] of Object.entries(variables)) if (name !== 'cmdline') visit(value, name, 0);
  return series;
}

/** The page does not say what counts; names that end in total do, as everywhere. */
function kindOf(name: string): SeriesKind {
  if (memoryCounters.has(name) || /[._]total$/i.test(name)) return 'counter';
  return name.startsWith('memstats.') ? 'gauge' : 'unknown';
}
