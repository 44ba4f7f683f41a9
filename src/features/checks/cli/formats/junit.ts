import type { CheckResult } from '../../core/checkBatch';
import { details, type Format, line, reason, type ReportSurroundings } from './format';

/**
 * JUnit's XML, as Jenkins, GitLab and others read it: a suite for each host, a case for each check. An expectation that
 * did not hold is a failure, no answer is an error; a degraded check has failed, as it has for the exit status.
 */
export const junit: Format = function* ({ results, summary }, surroundings) {
  yield '<?xml version="1.0" encoding="UTF-8"?>\n';
  // The schema of Jenkins knows no number of skipped cases here, and refuses the file for it.
  yield `<testsuites name="muster check" ${failedOf(results)} time="${seconds(summary.durationMs)}">\n`;
  const hosts = new Map<string, CheckResult[]>();
  for (const result of results) {
    const known = hosts.get(result.host);
    if (known) known.push(result);
    else hosts.set(result.host, [result]);
  }
  for (const [host, own] of hosts) yield* suite(host, own, surroundings);
  yield '</testsuites>\n';
};

function* suite(
  host: string,
  results: readonly CheckResult[],
  { startedAt }: ReportSurroundings,
): Generator<string> {
  const total = results.reduce((sum, { latencyMs }) => sum + latencyMs, 0);
  // The schema takes no fractions of a second and no zone.
  const timestamp = startedAt.toISOString().slice(0, 19);
  const name = attribute(host);
  yield `  <testsuite name="${name}" hostname="${name}" ${counts(results)} time="${seconds(total)}" timestamp="${timestamp}">\n`;
  for (const result of results) {
    yield `    <testcase name="${attribute(result.check)}" classname="${name}" time="${seconds(result.latencyMs)}"`;
    const outcome = outcomeOf(result);
    yield outcome === '' ? '/>\n' : `>${outcome}</testcase>\n`;
  }
  yield '  </testsuite>\n';
}

function outcomeOf(result: CheckResult): string {
  const message = attribute(reason(result));
  if (result.status === 'healthy') return '';
  if (result.status === 'skipped') return `<skipped message="${message}"/>`;
  const element = isFailure(result) ? 'failure' : 'error';
  const type = result.error?.code ?? result.status;
  const text = [reason(result), ...details(result)].map(escaped).join('\n');
  return `<${element} message="${message}" type="${type}">${text}</${element}>`;
}

function isFailure({ status, error }: CheckResult): boolean {
  return status === 'degraded' || error?.code === 'EXPECTATION';
}

function counts(results: readonly CheckResult[]): string {
  const skipped = results.filter(({ status }) => status === 'skipped').length;
  return `${failedOf(results)} skipped="${skipped}"`;
}

function failedOf(results: readonly CheckResult[]): string {
  const sick = results.filter(({ status }) => status === 'unhealthy' || status === 'degraded');
  const failures = sick.filter(isFailure).length;
  return `tests="${results.length}" failures="${failures}" errors="${sick.length - failures}"`;
}

/** The schema of Jenkins takes three decimals at most. */
function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

function attribute(text: string): string {
  return escaped(line(text));
}

const entities: Record<string, string> = {
  ...{ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' },
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character]!);
}
