import type { CheckReport, CheckResult } from '../../core/checks/checkBatch';
import type { CheckStatus } from '../../core/checks/probe';
import { errorChain } from '../../core/errors';
import { compactHostSet } from '../../core/inventory/hostSet';
import { printable } from '../../core/printable';
import { plainTable } from './plainTable';
import type { Style } from './style';

/** Columns are for people; a script takes `--json`. */
export function checkReportText({ summary, results, traceId }: CheckReport, style: Style): string {
  const sick = results.filter(({ status }) => status === 'unhealthy' || status === 'degraded');
  const sections = [perCheckTable(results, style), ...sick.map((result) => sickText(result, style))];
  const warned = results.filter(({ warning }) => warning !== undefined);
  for (const warning of new Set(warned.map((result) => result.warning!))) {
    const hosts = warned.filter((result) => result.warning === warning).map(({ host }) => host);
    sections.push(style.yellow(`warning: ${printable(warning, 300)} (${compactHostSet(new Set(hosts))})`));
  }
  const skipped = results.filter(({ status }) => status === 'skipped');
  if (skipped.length > 0) {
    sections.push(
      `skipped: ${compactHostSet(new Set(skipped.map(({ host }) => host)))}: ${skipped[0]!.message}`,
    );
  }
  const counts = (['healthy', 'degraded', 'unhealthy', 'skipped'] as const)
    .filter((status) => summary[status] > 0)
    .map((status) => paint(style, status)(`${summary[status]} ${status}`));
  sections.push(
    `${summary.total} checks: ${counts.join(', ')}\n` +
      style.dim(
        `${(summary.durationMs / 1000).toFixed(2)} s, ${summary.perSecond} per second, ` +
          `latency P50 ${summary.p50Ms} ms, P95 ${summary.p95Ms} ms, P99 ${summary.p99Ms} ms, trace ${traceId}`,
      ),
  );
  return `${sections.join('\n\n')}\n`;
}

function paint(style: Style, status: CheckStatus): (text: string) => string {
  return { healthy: style.green, degraded: style.yellow, unhealthy: style.red, skipped: style.dim }[status];
}

/** A row a check: how many hosts are in which state. */
function perCheckTable(results: readonly CheckResult[], style: Style): string {
  const byCheck = new Map<string, CheckResult[]>();
  for (const result of results) {
    const same = byCheck.get(result.check);
    if (same) same.push(result);
    else byCheck.set(result.check, [result]);
  }
  const rows = [...byCheck].map(([check, of]) => {
    const count = (status: CheckStatus) => of.filter((result) => result.status === status).length;
    const cell = (status: CheckStatus) =>
      count(status) > 0 ? paint(style, status)(String(count(status))) : style.dim('-');
    return [check, cell('healthy'), cell('degraded'), cell('unhealthy'), cell('skipped')];
  });
  return plainTable(['CHECK', 'HEALTHY', 'DEGRADED', 'UNHEALTHY', 'SKIPPED'], rows, style);
}

/** One that is not well: what was found, why, and what to do. */
function sickText(result: CheckResult, style: Style): string {
  const title = `${style.bold(result.host)} ${result.check}: ${paint(style, result.status)(result.status)}`;
  const lines =
    result.error && result.error.code !== 'EXPECTATION' ? errorChain(result.error) : [result.message];
  return [
    `${title} ${style.dim(`${result.latencyMs} ms`)}`,
    ...lines.map((line) => `  ${printable(line, 500)}`),
  ].join('\n');
}
