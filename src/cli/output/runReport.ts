import { createTwoFilesPatch } from 'diff';
import { errorChain } from '../../core/errors';
import { foldResults, type FoldedGroup } from '../../core/runs/fold';
import type { RunReport, RunResult } from '../../core/runs/runBatch';
import { printable } from '../../core/printable';
import type { Style } from './style';

/** Texts longer than this are too much to compare line by line. */
const maxDiffCharacters = 1024 * 1024;

/** The report in blocks: hosts with the same outcome in one, the biggest group last, then the summary. */
export function* runReportText(report: RunReport, style: Style, diff = false): Generator<string> {
  const groups = foldResults(report.results);
  const largest = groups.at(-1);
  for (const group of groups) {
    yield header(group, style);
    yield diff && largest && group !== largest
      ? difference(group, largest, style)
      : outputText(group.result, style);
  }
  const { summary, traceId } = report;
  const counts = [
    summary.ok > 0 && style.green(`${summary.ok} ok`),
    summary.failed > 0 && style.red(`${summary.failed} failed`),
    summary.skipped > 0 && style.yellow(`${summary.skipped} skipped`),
  ].filter(Boolean);
  const seconds = (summary.durationMs / 1000).toFixed(2);
  yield `\n${summary.total} hosts: ${counts.join(', ')} ${style.dim(`in ${seconds} s, trace ${traceId}`)}\n`;
}

function header({ hosts, hostSet, result }: FoldedGroup, style: Style): string {
  const paint = result.status === 'ok' ? style.green : result.status === 'failed' ? style.red : style.yellow;
  const line = '-'.repeat(16);
  return `${style.dim(line)}\n${style.bold(hostSet)} (${hosts.length}) ${paint(outcome(result))}\n${style.dim(line)}\n`;
}

function outcome({ status, exitCode, signal, error }: RunResult): string {
  if (signal) return `signal ${signal}`;
  if (exitCode !== null) return `exit ${exitCode}`;
  return error?.code ?? status;
}

function outputText(result: RunResult, style: Style): string {
  const parts = [
    ended(style.fromHost(result.stdout)),
    result.stderr && style.dim('[stderr]\n') + ended(style.fromHost(result.stderr)),
    result.truncated &&
      style.yellow(`[${result.droppedBytes} more bytes were received and not kept: --max-output]\n`),
    ...failureLines(result).map((line) => `${printable(line, 500)}\n`),
  ];
  return parts.filter(Boolean).join('');
}

function failureLines({ error }: RunResult): string[] {
  return error && error.code !== 'EXIT_STATUS' ? errorChain(error) : [];
}

function ended(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}

function difference(group: FoldedGroup, largest: FoldedGroup, style: Style): string {
  const [theirs, ours] = [largest, group].map(({ result }) => textOf(result)) as [string, string];
  if (group.result.error && group.result.exitCode === null) return outputText(group.result, style);
  if (theirs.length + ours.length > maxDiffCharacters) return outputText(group.result, style);
  const patch = createTwoFilesPatch(largest.hostSet, group.hostSet, theirs, ours, undefined, undefined, {
    context: 2,
  });
  return patch
    .split('\n')
    .slice(1)
    .map((line) => {
      const shown = style.fromHost(line);
      if (line.startsWith('+')) return style.green(shown);
      return line.startsWith('-') ? style.red(shown) : shown;
    })
    .join('\n');
}

const textOf = ({ stdout, stderr }: RunResult) => ended(stdout) + (stderr && `[stderr]\n${ended(stderr)}`);
