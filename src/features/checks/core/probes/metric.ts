import { z } from 'zod';
import {
  aggregates,
  fewestToCompare,
  figureText,
  type Gap,
  type Group,
  type MetricQuestion,
  type NamedFigure,
  parseSeriesSelector,
} from '../../../metrics/core/contract';
import { MusterError } from '../../../../platform/errors/errors';
import { durationSchema } from '../../../../platform/inventory/schema/durationSchema';
import type { Host } from '../../../../platform/inventory/model';
import { t, text } from '../../../../platform/l10n/l10n';
import { printable } from '../../../../platform/text/printable';
import { conclude, matchThreshold, type Mismatch, thresholdSchema } from '../expectation';
import type { Finding, Probe, ProbeContext } from '../probe';
import { ProbeMeasurements } from '../probeMeasurements';

const settings = z
  .strictObject({
    source: z.string().min(1).meta({
      description: 'A source of the section `metrics`, which is read.',
      'x-muster': 'metric source',
    }),
    series: z
      .string()
      .refine(isSelector, text('expected a series: name, or name{label=value}'))
      .meta({
        description:
          'The series that are judged: `name`, `name{label=value}`, `name{label=~"a|b"}`; expressions (RE2) match all of a value. All that are selected must be sound.',
        examples: ['http_requests_total{code=~"5.."}'],
      }),
    rate: durationSchema('1h')
      .refine((ms) => ms > 0, text('more than 0'))
      .optional()
      .describe('Read twice, this far apart, and judge by how much it goes up a second.'),
    quantile: z
      .number()
      .min(0)
      .max(1)
      .optional()
      .describe('Of a histogram: the value below which this share of the observations lie, e.g. 0.99.'),
    aggregate: z.enum(aggregates).optional().describe('Judge one number of all series that are selected.'),
    value: thresholdSchema.optional().describe('Bounds on the number.'),
    outlier: z
      .number()
      .positive()
      .optional()
      .describe(
        'Unhealthy from so many deviations on from the median of all hosts of the source, of which 4 must have the number, e.g. 3.',
      ),
    expose: z
      .boolean()
      .default(false)
      .describe(
        'true: clients of `muster serve` may have the command of its source run, by a probe. Default: false.',
      ),
  })
  .refine(({ value, outlier }) => value !== undefined || outlier !== undefined, {
    error: text('needs value or outlier'),
  });
type Settings = z.output<typeof settings>;

function isSelector(selector: string): boolean {
  try {
    parseSeriesSelector(selector);
    return true;
  } catch {
    return false;
  }
}

const gapTexts: Readonly<Record<Gap, string>> = {
  nan: text('not a number'),
  absent: text('the series is absent'),
  stale: text('the value is stale'),
  reset: text('the counter began again meanwhile'),
  first: text('one value where two are needed'),
};

/** Series that are named one by one, and that are measured. */
const most = 20;

async function run(host: Host, settings: Settings, context: ProbeContext): Promise<Finding> {
  const { metrics, deadline, operation, become } = context;
  if (!metrics) throw new MusterError('PROTOCOL', t('metrics cannot be read from here'));
  const measured = new ProbeMeasurements();
  const { value, outlier, source, series, rate: rateMs, quantile, aggregate } = settings;
  const question: MetricQuestion = { source, series, rateMs, quantile, aggregate };
  const options = { deadline, operation, become };
  const { figures, groups } =
    outlier === undefined
      ? { figures: await metrics.ask(host, question, options), groups: undefined }
      : await metrics.compare(host, question, options);
  measured.total();
  for (const { name, figure } of figures.slice(0, most))
    if ('value' in figure) measured.record('value', figure.value, '1', { series: printable(name, 200) });
  const mismatches = figures.flatMap(({ name, figure }): Mismatch[] => {
    if ('gap' in figure)
      return [{ status: 'unhealthy', expected: t('a value of {0}', name), actual: t(gapTexts[figure.gap]) }];
    return value ? matchThreshold(name, value, figure.value) : [];
  });
  if (outlier !== undefined && groups)
    mismatches.push(...figures.flatMap((figure) => matchGroup(figure, groups.get(figure.name), outlier)));
  if (mismatches.length === 0 && outlier !== undefined) refuseFew(figures, groups);
  return conclude(mismatches, shown(figures, rateMs !== undefined), measured.found);
}

function matchGroup({ name, figure }: NamedFigure, group: Group | undefined, most: number): Mismatch[] {
  const deviations = group && 'value' in figure ? group.deviations(figure.value) : undefined;
  if (!group || deviations === undefined || deviations < most || !('value' in figure)) return [];
  return [
    {
      status: 'unhealthy',
      expected: t('{0} within {1} deviations of {2}', name, most, figureText(group.median)),
      actual: t('{0}, {1} deviations away', figureText(figure.value), deviations.toFixed(1)),
    },
  ];
}

/** That a host is like the others is not known where there are too few. */
function refuseFew(figures: readonly NamedFigure[], groups: ReadonlyMap<string, Group> | undefined): void {
  const few = figures.find(
    ({ name, figure }) => 'value' in figure && groups?.get(name)?.deviations(figure.value) === undefined,
  );
  if (few)
    throw new MusterError(
      'UNAVAILABLE',
      t('fewer than {0} hosts have {1}, so none stands out', fewestToCompare, printable(few.name, 100)),
      { phase: 'request', hint: t('Add hosts to the source, or judge the number by “value”.') },
    );
}

function shown(figures: readonly NamedFigure[], isRate: boolean): string {
  const texts = figures
    .slice(0, 3)
    .map(({ name, figure, unit }) =>
      'value' in figure ? `${printable(name, 80)} = ${figureText(figure.value, { unit, isRate })}` : '',
    );
  const more = figures.length - texts.length;
  return [...texts, ...(more > 0 ? [t('{0} more', more)] : [])].join(', ');
}

export const metric: Probe<Settings> = {
  type: 'metric',
  description: 'Judges series of a source of metrics: values, rates, quantiles, and hosts unlike the others.',
  settings,
  fault: ({ rate = 0 }, timeoutMs) =>
    timeoutMs > 0 && rate >= timeoutMs
      ? t('the rate takes longer than the timeout: raise “timeout” above {0} ms', rate)
      : undefined,
  run,
};
