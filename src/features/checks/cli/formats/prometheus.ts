import { type CheckResult } from '../../core/checkBatch';
import { checkStatuses } from '../../core/probe';
import { type Format, line } from './format';

/** The text format of Prometheus, as node_exporter's textfile collector and the Pushgateway take it. */
export const prometheus: Format = function* ({ results, summary }, { startedAt }) {
  yield head('muster_check_status', 'Whether the last verdict of the check is this status.');
  for (const result of results)
    for (const status of checkStatuses)
      yield `muster_check_status{${labels(result)},status="${status}"} ${result.status === status ? 1 : 0}\n`;
  yield head('muster_check_latency_seconds', 'Time to the verdict, of the last attempt.');
  for (const result of results)
    if (result.status !== 'skipped')
      yield `muster_check_latency_seconds{${labels(result)}} ${seconds(result.latencyMs)}\n`;
  yield head('muster_check_attempts', 'Attempts that the verdict took.');
  for (const result of results)
    if (result.status !== 'skipped')
      yield `muster_check_attempts{${labels(result)}} ${result.attempts ?? 1}\n`;
  yield head('muster_checks', 'Checks by status.');
  for (const status of checkStatuses) yield `muster_checks{status="${status}"} ${summary[status]}\n`;
  yield head('muster_checks_duration_seconds', 'Time that all checks took together.');
  yield `muster_checks_duration_seconds ${seconds(summary.durationMs)}\n`;
  yield head('muster_checks_start_time_seconds', 'When the checks began, since the epoch.');
  yield `muster_checks_start_time_seconds ${startedAt.getTime() / 1000}\n`;
};

/** Without what a division of binary numbers leaves behind. */
function seconds(ms: number): number {
  return Number((ms / 1000).toFixed(6));
}

function head(name: string, help: string): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n`;
}

function labels({ host, check }: CheckResult): string {
  return `host="${value(host)}",check="${value(check)}"`;
}

function value(text: string): string {
  return line(text).replace(/[\\"]/g, '\\$&');
}
