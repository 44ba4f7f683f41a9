import { errorChain } from '../../../platform/errors/errors';
import { printable } from '../../../platform/text/printable';
import { hostCount, t } from '../../../shell/cli/l10n';
import type { Colors, OutputStream } from '../../../shell/cli/output/outputStream';
import { paintOf } from '../../../shell/cli/output/paintOf';
import { paintStatus, runWords } from '../../../shell/cli/output/status';
import { harmless } from '../../../shell/cli/output/terminalText';
import type { TransferReport, TransferResult } from '../core/copyBatch';
import { type FoldedTransfer, foldTransfers } from '../core/foldTransfers';
import { type Change, type ChangeKind, sizeText } from '../core/transfer';

/** Names of files that a report lists for a group of hosts; `--json` has them all. */
const mostListed = 20;

/** What a dry run says, with each file that would be different. */
interface ReportOptions {
  dryRun?: boolean;
  diff?: boolean;
  verbose?: boolean;
}

/** Prints what came of it, each once with its hosts, the most frequent last, and the sum. */
export async function printTransferReport(
  report: TransferReport,
  output: OutputStream,
  options: ReportOptions,
): Promise<void> {
  const { colors } = output;
  for (const group of foldTransfers(report.results)) {
    await output.write(`${header(group, options, colors)}\n`);
    for (const line of details(group.result, options, output)) await output.write(`${line}\n`);
  }
  await output.write(`\n${summaryLine(report, options, colors)}\n`);
}

/** `web-[01-18] (18): 3 files changed, 40 same, 1.2 MB each` */
function header({ hostSet, hosts, result }: FoldedTransfer, options: ReportOptions, colors: Colors): string {
  const outcome = paintStatus(colors, result.status, outcomeOf(result, options));
  return `${colors.bold(hostSet)} (${hosts.length}): ${outcome}`;
}

function outcomeOf(result: TransferResult, { dryRun, diff }: ReportOptions): string {
  const { status, changedFiles, sameFiles, error, bytes } = result;
  if (status !== 'ok') return error ? `${error.code}: ${printable(error.message, 500)}` : t(runWords[status]);
  if (changedFiles === 0) return t('same');
  const files =
    dryRun || diff
      ? t('{0} would change', fileCount(changedFiles))
      : t('{0} changed', fileCount(changedFiles));
  const same = sameFiles > 0 ? `, ${t('{0} same', sameFiles)}` : '';
  return `${files}${same}, ${sizeText(bytes)}`;
}

function fileCount(count: number): string {
  return count === 1 ? t('1 file') : t('{0} files', count);
}

const marks: Readonly<Record<ChangeKind, string>> = { new: '+', changed: '~', attributes: '=' };

function details(result: TransferResult, options: ReportOptions, output: OutputStream): string[] {
  const { colors } = output;
  const { status, error, leftOut, leftBehind = [], partial = [], changedFiles } = result;
  const isListed = options.dryRun === true || options.diff === true || options.verbose === true;
  const done =
    status !== 'ok' && changedFiles > 0 ? [t('{0} changed before that', fileCount(changedFiles))] : [];
  const lines = [
    ...(error && status !== 'ok' ? errorChain(error).slice(1) : []),
    ...done,
    ...leftBehind.map((path) => t('left on the host: {0}', path)),
    ...partial.map((path) => t('kept for --resume: {0}', path)),
    ...cut(leftOut.map(({ path, reason }) => t('left out: {0}: {1}', path, reason))),
  ].map((line) => `  ${colors.dim(printable(line, 600))}`);
  if (!isListed) return lines;
  return [...cut(result.changes.map((change) => changeLines(change, output))), ...lines];
}

function changeLines({ path, kind, diff }: Change, { colors, isTTY }: OutputStream): string {
  const line = `  ${marks[kind]} ${printable(path, 500)}`;
  if (diff === undefined) return line;
  const shown = (isTTY ? harmless(diff, colors.isColorSupported) : diff).replace(/\n$/, '');
  const painted = shown.split('\n').map((text) => paintOf(text, colors)(text));
  return [line, ...painted].join('\n');
}

function cut(lines: readonly string[]): string[] {
  const more = lines.length - mostListed;
  return more > 0 ? [...lines.slice(0, mostListed), `  ${t('and {0} more', more)}`] : [...lines];
}

/** `37 hosts changed, 3 same, 1: no space left` */
function summaryLine(report: TransferReport, options: ReportOptions, colors: Colors): string {
  const { summary, results, traceId } = report;
  const { changed, same, bytes, durationMs } = summary;
  const wouldChange = options.dryRun || options.diff;
  const parts = [
    ...(changed > 0
      ? [wouldChange ? t('{0} would change', hostCount(changed)) : t('{0} changed', hostCount(changed))]
      : []),
    ...(same > 0 ? [t('{0} same', changed > 0 ? same : hostCount(same))] : []),
    ...foldedFailures(results, colors),
  ];
  const rate = sizeText(bytes / Math.max(0.001, durationMs / 1000));
  const time = t('in {0} s, trace {1}', (durationMs / 1000).toFixed(2), traceId);
  const speed = bytes > 0 && !wouldChange ? `${sizeText(bytes)}, ${rate}/s, ` : '';
  return `${parts.join(', ')} ${colors.dim(`${speed}${time}`)}`;
}

/** How many hosts failed in each way. */
function foldedFailures(results: readonly TransferResult[], colors: Colors): string[] {
  const counts = new Map<string, { status: TransferResult['status']; count: number }>();
  for (const { status, error } of results) {
    if (status === 'ok') continue;
    const words = status === 'failed' && error ? briefly(error.code) : t(runWords[status]);
    counts.set(words, { status, count: (counts.get(words)?.count ?? 0) + 1 });
  }
  return [...counts].map(([words, { status, count }]) => paintStatus(colors, status, `${count}: ${words}`));
}

const briefly = (code: string): string => (code === 'NO_SPACE' ? t('no space left') : code);
