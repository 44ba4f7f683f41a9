import { errorChain } from '../../../platform/errors/errors';
import { foldBy } from '../../../platform/batch/foldBy';
import { printable } from '../../../platform/text/printable';
import { foldResults, type FoldedGroup } from '../core/fold';
import type { RunReport, RunResult } from '../core/runBatch';
import { bySlowness, timingOf } from '../core/timing';
import { hostCount, t } from '../../../shell/cli/l10n';
import type { Colors, OutputStream } from '../../../shell/cli/output/outputStream';
import { outputText } from '../../../shell/cli/output/outputText';
import { paintStatus, runCounts, runWords } from '../../../shell/cli/output/status';
import { harmless } from '../../../shell/cli/output/terminalText';
import { formatTable } from '../../../shell/cli/output/table';
import { textDifference } from '../../../shell/cli/output/textDifference';

/** Prints each outcome once with the hosts that had it, the most frequent last. */
export async function printRunReport(
  report: RunReport,
  output: OutputStream,
  options: { diff?: boolean; timing?: boolean },
): Promise<void> {
  const { colors, isTTY } = output;
  const groups = foldResults(report.results);
  const reference = options.diff ? groups.findLast(({ result }) => result.exitCode !== null) : undefined;
  for (const group of groups) {
    await output.write(groupHeader(group, colors));
    const { result } = group;
    const disarmed = (text: string) => (isTTY ? harmless(text, colors.isColorSupported) : text);
    const isDifferent = reference && reference !== group && result.exitCode !== null;
    await output.write(disarmed(isDifferent ? difference(reference, group, colors) : outputText(result)));
    for (const line of remarksOn(result)) await output.write(`${colors.dim(line)}\n`);
  }
  if (options.timing) await output.write(`\n${await timingTable(report.results, colors)}`);
  const lines = [...attemptLines(report).map(colors.dim), summaryLine(report, colors)];
  await output.write(`\n${lines.join('\n')}\n`);
}

const rule = '-'.repeat(16);

/** As clubak has it: the hosts and how they ended between two rules. */
function groupHeader({ hostSet, hosts, result }: FoldedGroup, colors: Colors): string {
  const outcome = paintStatus(colors, result.status, outcomeOf(result));
  return [
    colors.dim(rule),
    `${colors.bold(hostSet)} (${hosts.length}) ${outcome}`,
    colors.dim(rule),
    '',
  ].join('\n');
}

function outcomeOf({ status, exitCode, signal, error }: RunResult): string {
  if (exitCode !== null) return t('exit {0}', exitCode);
  if (signal !== null) return t('signal {0}', signal);
  if (status !== 'failed') return t(runWords[status]);
  return error?.code === 'EXIT_STATUS' ? t('no exit status') : (error?.code ?? t(runWords.failed));
}

/** What there is to say beside the outputs. */
function remarksOn({ truncated, droppedBytes, error }: RunResult): string[] {
  const cut = t('[{0} more bytes were received and not kept; see --max-output]', droppedBytes);
  // The header tells an exit status already, and a signal.
  const chain = error && (error.code !== 'EXIT_STATUS' || error.hint !== undefined) ? errorChain(error) : [];
  return [...(truncated ? [cut] : []), ...chain.map((line) => printable(line, 500))];
}

/** Which hosts were tried more than once, folded by how often. */
function attemptLines({ results }: RunReport): string[] {
  const repeated = results
    .filter(({ attempts }) => attempts !== undefined)
    .toSorted((a, b) => a.attempts! - b.attempts!);
  return foldBy(repeated, ({ attempts }) => String(attempts)).map(({ hostSet, result }) =>
    t('{0} attempts: {1}', result.attempts!, hostSet),
  );
}

function summaryLine({ summary, traceId }: RunReport, colors: Colors): string {
  const { total, durationMs } = summary;
  const time = t('in {0} s, trace {1}', (durationMs / 1000).toFixed(2), traceId);
  return `${hostCount(total)}: ${runCounts(summary, colors)} ${colors.dim(time)}`;
}

/** What is different in a group's output, as a unified diff from the reference's. */
function difference(reference: FoldedGroup, group: FoldedGroup, colors: Colors): string {
  const [from, to] = [outputText(reference.result), outputText(group.result)];
  return from === to
    ? `${t('[the same output as {0}]', reference.hostSet)}\n`
    : textDifference({ name: reference.hostSet, text: from }, { name: group.hostSet, text: to }, colors);
}

/** How long each host took, the slowest first. */
function timingTable(results: RunReport['results'], colors: Colors): Promise<string> {
  const seconds = (ms: number | undefined) => (ms === undefined ? '-' : (ms / 1000).toFixed(2));
  const rows = bySlowness(results).map((result) => {
    const { connectMs, runMs, totalMs } = timingOf(result);
    const outcome = paintStatus(colors, result.status, outcomeOf(result));
    return [result.host, outcome, ...[connectMs, runMs, totalMs].map(seconds)];
  });
  return formatTable([t('HOST'), t('OUTCOME'), t('CONNECT s'), t('RUN s'), t('TOTAL s')], rows, colors);
}
