import { setImmediate } from 'node:timers/promises';
import { errorChain } from '../../core/errors';
import { compactHostSet } from '../../core/inventory/hostSet';
import { printableText } from '../../core/printable';
import { foldResults, type FoldedGroup } from '../../core/runs/fold';
import type { RunReport, RunResult } from '../../core/runs/runBatch';

/** What was run, when and on what. */
export interface RunRecord {
  command: string;
  selector: string;
  inventory: string;
  startedAt: Date;
  report: RunReport;
}

/** Characters shown of one group's outputs, and of the whole document. */
const groupLimit = 256 * 1024;
const documentLimit = 4 * 1024 * 1024;

/** The run as text: a head, then the groups of hosts with the same outcome, the biggest last. */
export async function runText(record: RunRecord): Promise<string> {
  const groups = foldResults(record.report.results);
  const share = Math.min(groupLimit, Math.floor(documentLimit / Math.max(1, groups.length)));
  const blocks = [headOf(record)];
  for (const group of groups) {
    blocks.push(groupText(group, share));
    // Cleaning megabytes takes a while: others get their turn.
    await setImmediate();
  }
  return `${blocks.join('\n\n')}\n`;
}

function headOf({ command, selector, inventory, startedAt, report }: RunRecord): string {
  const { summary, traceId, results } = report;
  const rows = [
    ['Command', command],
    ['Targets', `${selector} (${summary.total}: ${compactHostSet(results.map(({ host }) => host))})`],
    ['Inventory', inventory],
    ['Started', startedAt.toISOString()],
    ['Duration', `${(summary.durationMs / 1000).toFixed(2)} s`],
    ['Verdict', verdictOf(report)],
    ['Trace', traceId],
  ];
  return rows
    .map(
      ([name, value]) => `# ${name!.padEnd(9)} ${printableText(value!).replaceAll('\n', '\n#           ')}`,
    )
    .join('\n');
}

function verdictOf({ summary }: RunReport): string {
  const counts = [
    [summary.ok, 'ok'],
    [summary.failed, 'failed'],
    [summary.skipped, 'skipped'],
  ] as const;
  return counts
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count} ${word}`)
    .join(', ');
}

function groupText({ hosts, hostSet, result }: FoldedGroup, limit: number): string {
  const count = hosts.length === 1 ? '1 host' : `${hosts.length} hosts`;
  const title = `──── ${hostSet} (${count}) · ${outcomeOf(result)} ────`;
  const parts = [
    bounded(result.stdout, limit),
    ...(result.stderr === '' ? [] : ['[stderr]', bounded(result.stderr, limit)]),
    ...(result.truncated ? [`[${result.droppedBytes} more bytes were received and not kept]`] : []),
    ...(result.error && result.error.code !== 'EXIT_STATUS'
      ? errorChain(result.error).map(printableText)
      : []),
  ].filter((part) => part !== '');
  return [title, ...(parts.length > 0 ? parts : ['[no output]'])].join('\n');
}

function outcomeOf(result: RunResult): string {
  if (result.status === 'ok') return 'ok';
  if (result.signal) return `signal ${result.signal}`;
  if (result.exitCode !== null) return `exit status ${result.exitCode}`;
  return result.error?.code === 'CANCELLED' ? 'cancelled' : (result.error?.code ?? result.status);
}

function bounded(text: string, limit: number): string {
  const shown = printableText(text.slice(0, limit));
  return text.length > limit ? `${shown}\n[${text.length - limit} more characters are not shown]` : shown;
}
