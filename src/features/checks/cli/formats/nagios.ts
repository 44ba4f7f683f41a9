import type { CheckReport, CheckResult } from '../../core/checkBatch';
import { type Format, reason, type ReportSurroundings } from './format';
import { plain, unknownState } from './nagiosUnknown';

/** Exit statuses of a plugin. */
const states = ['OK', 'WARNING', 'CRITICAL', 'UNKNOWN'] as const;

/** Of what is not healthy, this much is said. */
const shownReasons = 3;
/** More checks than this have no figures of their own: a plugin's output is cut at some kilobytes. */
const mostFigures = 20;

/** One line as plugins of Nagios, Icinga, Naemon and others print it, with figures behind the bar. */
export const nagios: Format = function* (report, surroundings) {
  const { results, summary } = report;
  const counts = (['unhealthy', 'degraded', 'skipped', 'healthy'] as const)
    .filter((status) => summary[status] > 0)
    .map((status) => `${summary[status]} ${status}`);
  const sick = results.filter(({ status }) => status !== 'healthy').sort(bySeverity);
  const reasons = sick
    .slice(0, shownReasons)
    .map((result) => `${name(result)} ${result.status}: ${plain(reason(result), 160)}`);
  const more = sick.length > shownReasons ? [`and ${sick.length - shownReasons} more`] : [];
  const unknown = surroundings.hasUnknownHosts ? ['some hosts are unknown'] : [];
  const state = states[nagiosState(report, surroundings)];
  const text = [`${counts.join(', ')} of ${summary.total}`, ...unknown, ...reasons, ...more].join('; ');
  yield `MUSTER ${state} - ${text} | ${figures(report).join(' ')}\n`;
};

/** The exit status: the worst that is known, and UNKNOWN where nothing worse is and something was not checked. */
export function nagiosState(
  { summary }: CheckReport,
  { hasUnknownHosts }: Pick<ReportSurroundings, 'hasUnknownHosts'>,
): number {
  if (summary.unhealthy > 0) return 2;
  if (summary.degraded > 0) return 1;
  return summary.skipped > 0 || hasUnknownHosts ? unknownState : 0;
}

function bySeverity(one: CheckResult, other: CheckResult): number {
  const order = ['unhealthy', 'degraded', 'skipped'];
  return order.indexOf(one.status) - order.indexOf(other.status);
}

function figures({ summary, results }: CheckReport): string[] {
  const { total, healthy, degraded, unhealthy, skipped } = summary;
  const counts = Object.entries({ healthy, degraded, unhealthy, skipped }).map(
    ([status, count]) => `${status}=${count};;;0;${total}`,
  );
  const made = results.filter(({ status }) => status !== 'skipped');
  if (made.length > mostFigures) return [...counts, `p95=${seconds(summary.p95Ms)};;;0`];
  return [...counts, ...made.map((result) => `'${label(result)}'=${seconds(result.latencyMs)};;;0`)];
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(6)}s`;
}

function name({ host, check }: CheckResult): string {
  return plain(`${host} ${check}`, 200);
}

/** A quote in a label is written twice, and no equals sign may stand in one. */
function label(result: CheckResult): string {
  return name(result).replaceAll("'", "''").replaceAll('=', '_');
}
