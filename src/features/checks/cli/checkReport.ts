import { type CheckReport, type CheckResult, percentile } from '../core/checkBatch';
import { errorChain } from '../../../platform/errors/errors';
import { compactHostSet } from '../../../platform/inventory/selection/hostSet';
import { printable } from '../../../platform/text/printable';
import { exampleOf, withoutNames } from '../../../platform/batch/exampleOf';
import { checkCount, hostCount, t } from '../../../shell/cli/l10n';
import type { Colors } from '../../../shell/cli/output/outputStream';
import { paintStatus } from '../../../shell/cli/output/status';
import { formatTable } from '../../../shell/cli/output/table';

/** More results than this are summed up by check instead of being listed. */
const mostListed = 20;
const sickStatuses = ['unhealthy', 'degraded', 'skipped'] as const;
const statuses = ['healthy', ...sickStatuses] as const;

/** What was found as people read it: the sick with their reasons, the healthy, the sum. */
export async function checkReportText(report: CheckReport, colors: Colors): Promise<string> {
  const { results } = report;
  const sections = [
    sickStatuses
      .flatMap((status) => foldChecks(results.filter((result) => result.status === status)))
      .map((group) => sickText(group, colors))
      .join(''),
    warningsText(results, colors),
    await (results.length <= mostListed ? healthyTable(results, colors) : checksTable(results, colors)),
    summaryText(report, colors),
  ];
  return sections.filter((section) => section !== '').join('\n');
}

/** Hosts on which a check came out the same. */
export interface CheckGroup {
  hostSet: string;
  count: number;
  result: CheckResult;
}

export function foldChecks(results: readonly CheckResult[]): CheckGroup[] {
  const groups = groupBy(results, (result) => {
    const { check, host, error, message } = result;
    return JSON.stringify([check, error?.code, withoutNames([message, ...(error?.causes ?? [])], host)]);
  });
  return [...groups.values()].map((group) => ({
    hostSet: compactHostSet(group.map(({ host }) => host)),
    count: group.length,
    result: exampleOf(group),
  }));
}

/** The chain from the symptom down to what can be done about it. */
function sickText({ hostSet, count, result }: CheckGroup, colors: Colors): string {
  const { status, check, message, error, latencyMs } = result;
  const [, ...below] = error && error.code !== 'EXPECTATION' ? errorChain(error) : [];
  const code = error && error.code !== 'EXPECTATION' && error.code !== 'CANCELLED' ? `${error.code}: ` : '';
  const place = count === 1 ? formatMs(latencyMs) : hostCount(count);
  const head = `${paintStatus(colors, status, t(status).padEnd(9))}  ${colors.bold(hostSet)}  ${check}  ${colors.dim(place)}`;
  return [head, code + printable(message, 300), ...below.map((line) => printable(line, 300))]
    .map((line, index) => `${index === 0 ? '' : '    '}${line}\n`)
    .join('');
}

function warningsText(results: readonly CheckResult[], colors: Colors): string {
  const warned = results.filter(({ warning }) => warning !== undefined);
  const groups = groupBy(warned, ({ check, warning }) => `${check}: ${printable(warning!, 300)}`);
  return [...groups]
    .map(
      ([text, group]) =>
        `${colors.yellow(t('warning'))}: ${compactHostSet(group.map(({ host }) => host))} ${text}\n`,
    )
    .join('');
}

async function healthyTable(results: readonly CheckResult[], colors: Colors): Promise<string> {
  const rows = results
    .filter(({ status }) => status === 'healthy')
    .map(({ host, check, status, latencyMs, message }) => [
      paintStatus(colors, status, t(status)),
      host,
      check,
      formatMs(latencyMs),
      printable(message),
    ]);
  return rows.length === 0
    ? ''
    : formatTable([t('STATUS'), t('HOST'), t('CHECK'), t('LATENCY'), t('MESSAGE')], rows, colors);
}

async function checksTable(results: readonly CheckResult[], colors: Colors): Promise<string> {
  const rows = [...groupBy(results, ({ check }) => check)].map(([check, group]) => {
    const latencies = group
      .filter(({ status }) => status !== 'skipped')
      .map(({ latencyMs }) => latencyMs)
      .sort((a, b) => a - b);
    const counts = statuses.map((status) => {
      const count = group.filter((result) => result.status === status).length;
      return count === 0 ? colors.dim('0') : paintStatus(colors, status, String(count));
    });
    return [check, ...counts, ...[50, 95].map((percent) => formatMs(percentile(latencies, percent)))];
  });
  const head = [t('CHECK'), ...statuses.map((status) => t(status).toUpperCase()), 'P50', 'P95'];
  return formatTable(head, rows, colors);
}

function summaryText({ summary, results, traceId }: CheckReport, colors: Colors): string {
  const counts = statuses
    .filter((status) => summary[status] > 0)
    .map((status) => paintStatus(colors, status, `${summary[status]} ${t(status)}`));
  const hosts = new Set(results.map(({ host }) => host)).size;
  const { total, durationMs, perSecond, p50Ms, p95Ms, p99Ms } = summary;
  const latency = `P50 ${formatMs(p50Ms)}, P95 ${formatMs(p95Ms)}, P99 ${formatMs(p99Ms)}`;
  const seconds = (durationMs / 1000).toFixed(2);
  return [
    t('{0} on {1}: {2}', checkCount(total), hostCount(hosts), counts.join(', ')),
    colors.dim(t('{0} s, {1} per second, latency {2}, trace {3}', seconds, perSecond, latency, traceId)),
    '',
  ].join('\n');
}

/** Map.groupBy is not in Node 20. */
function groupBy<T>(values: readonly T[], keyOf: (value: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const value of values) {
    const key = keyOf(value);
    const group = groups.get(key);
    if (group) group.push(value);
    else groups.set(key, [value]);
  }
  return groups;
}

function formatMs(ms: number): string {
  return ms < 10
    ? `${ms.toFixed(1)} ms`
    : ms < 10_000
      ? `${Math.round(ms)} ms`
      : `${(ms / 1000).toFixed(1)} s`;
}
