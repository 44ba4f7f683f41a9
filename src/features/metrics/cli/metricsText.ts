import { errorChain } from '../../../platform/errors/errors';
import { foldBy } from '../../../platform/batch/foldBy';
import { withoutNames } from '../../../platform/batch/exampleOf';
import { compactHostSet } from '../../../platform/inventory/selection/hostSet';
import { printable } from '../../../platform/text/printable';
import { hostCount, t } from '../../../shell/cli/l10n';
import type { Colors } from '../../../shell/cli/output/outputStream';
import { paintStatus } from '../../../shell/cli/output/status';
import { formatTable } from '../../../shell/cli/output/table';
import type { FoldedSeries } from '../core/fold';
import { figureText } from '../core/figureText';
import type { Gap } from '../core/rates';
import type { MetricReport, MetricResult } from '../core/readMetrics';
import { seriesText } from '../core/seriesText';

/** What the gaps of a series are called. */
const gapWords: Readonly<Record<Gap, () => string>> = {
  nan: () => 'NaN',
  absent: () => t('absent'),
  stale: () => t('stale'),
  reset: () => t('began again'),
  first: () => t('not yet two values'),
};

const mostNamed = 3;
const longestSeries = 90;

/** The table of series and what is to be said below it. */
export async function metricsText(
  series: readonly FoldedSeries[],
  { most, hosts }: { most: number; hosts: number },
  colors: Colors,
): Promise<string> {
  if (series.length === 0) return `${t('No series.')}\n`;
  const shown = series.slice(0, most);
  const hasSources = new Set(series.map(({ source }) => source)).size > 1;
  const isSingle = hosts === 1;
  const head = [
    ...(hasSources ? [t('SOURCE')] : []),
    t('SERIES'),
    ...(isSingle ? [t('VALUE')] : [t('MIN'), t('MEDIAN'), t('MAX'), t('HOSTS')]),
    t('STANDS OUT'),
  ];
  const rows = shown.map((one) => {
    const { source, name, labels, unit, isRate, min, median, max } = one;
    const number = (value: number | undefined) =>
      value === undefined ? '—' : figureText(value, { unit, isRate });
    return [
      ...(hasSources ? [source] : []),
      printable(seriesText(name, labels), longestSeries),
      ...(isSingle
        ? [number(median)]
        : [number(min?.value), number(median), number(max?.value), String(one.hosts)]),
      notesOf(one, colors),
    ];
  });
  const left = series.length - shown.length;
  const isTotal = shown.some(({ kind, isRate }) => kind === 'counter' && !isRate);
  const lines = [
    ...(left > 0 ? [t('{0} more series: narrow them down with --series, or list all with -n 0.', left)] : []),
    ...(isTotal ? [t('Counters are totals; with --rate 5s they are rates.')] : []),
  ];
  const below = lines.map((line) => `${colors.dim(line)}\n`).join('');
  return `${await formatTable(head, rows, colors)}${below}`;
}

/** The hosts that stand out with their values, and those that have none. */
function notesOf({ outliers, gaps, unit, isRate }: FoldedSeries, colors: Colors): string {
  const named = outliers
    .slice(0, mostNamed)
    .map(({ host, value }) => `${host} ${figureText(value, { unit, isRate })}`);
  const more = outliers.length - named.length;
  const all = [...named, ...(more > 0 ? [t('{0} more', more)] : [])].join(', ');
  const lacking = Object.entries(gaps).map(
    ([gap, hosts]) => `${gapWords[gap as Gap]()}: ${printable(compactHostSet(hosts), 60)}`,
  );
  return [...(all === '' ? [] : [colors.yellow(all)]), ...lacking.map((text) => colors.dim(text))].join('; ');
}

/** What could not be read and why, hosts with the same folded, and the sum. */
export function problemLines({ results, summary, traceId }: MetricReport, colors: Colors): string[] {
  const lines: string[] = [];
  const failed = results.filter(({ error }) => error);
  for (const { hostSet, hosts, result } of foldBy(failed, keyOf)) {
    const { source, status, error } = result;
    const [first, ...rest] = errorChain(error!).map((line) => printable(line, 500));
    const count = hosts.length > 1 ? ` (${hostCount(hosts.length)})` : '';
    lines.push(`${colors.bold(hostSet)}${count} ${source}: ${paintStatus(colors, status, first!)}`);
    for (const line of rest) lines.push(`  ${colors.dim(line)}`);
  }
  const doubtful = results.filter(
    ({ problemCount, isComplete, error }) => !error && (problemCount > 0 || !isComplete),
  );
  for (const { hostSet, result } of foldBy(doubtful, ({ source, problems }) =>
    JSON.stringify([source, problems[0]]),
  ))
    lines.push(`${colors.bold(hostSet)} ${result.source}: ${colors.yellow(doubtText(result))}`);
  const { total, ok, durationMs } = summary;
  const time = colors.dim(t('in {0} s, trace {1}', (durationMs / 1000).toFixed(2), traceId));
  lines.push(`${t('{0} of {1} read', ok, total)} ${time}`);
  return lines;
}

function keyOf({ source, error, host }: MetricResult): string {
  return JSON.stringify([source, error?.code, withoutNames([error?.message ?? ''], host)]);
}

function doubtText({ problems, problemCount, isComplete }: MetricResult): string {
  const [first] = problems;
  const why = first && printable(first.message, 200);
  const parts = [
    ...(first && problemCount === 1 ? [t('line {0} could not be read: {1}', first.line, why!)] : []),
    ...(first && problemCount > 1
      ? [t('{0} lines could not be read; line {1}: {2}', problemCount, first.line, why!)]
      : []),
    ...(isComplete ? [] : [t('not all of it was read')]),
  ];
  return parts.join('; ');
}
