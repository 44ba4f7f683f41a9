import { l10n } from 'vscode';
import { errorChain } from '../../../platform/errors/errors';
import { compactHostSet } from '../../../platform/inventory/selection/hostSet';
import { printable, printableText } from '../../../platform/text/printable';
import { headText } from '../../../shell/editor/documents/headText';
import { hostCount } from '../../../shell/editor/hosts/wording';
import type { TransferReport, TransferResult } from '../core/copyBatch';
import { foldTransfers, type FoldedTransfer } from '../core/foldTransfers';
import { type ChangeKind, sizeText } from '../core/transfer';
import type { TransferOrder } from './transferOrder';

export type RecordKind = 'plan' | 'copy' | 'fetch';

/** A copy, or the plan of one. */
export interface TransferRecord {
  order: TransferOrder;
  kind: RecordKind;
  startedAt: Date;
  report: TransferReport;
}

/** Lines shown of a group of hosts. */
const mostLines = 1000;

/** The copy as text: a head, then the groups of hosts with the same outcome, the biggest last. */
export function transferText(record: TransferRecord): string {
  const groups = foldTransfers(record.report.results);
  return [headOf(record), ...groups.map((group) => groupText(group, record.kind)), ''].join('\n\n');
}

function headOf({ order, kind, startedAt, report }: TransferRecord): string {
  const { summary, traceId, results } = report;
  const hosts = compactHostSet(results.map(({ host }) => host));
  const [from, to] =
    order.kind === 'copy'
      ? [order.sources.slice(0, 100).join('\n'), order.destination]
      : [order.source, order.folder];
  const rows: (readonly [string, string])[] = [
    ...(kind === 'plan' ? [[l10n.t('Dry run'), l10n.t('nothing was written')] as const] : []),
    [l10n.t('From'), from],
    [l10n.t('To'), to],
    [l10n.t('Targets'), `${order.selector} (${summary.total}: ${hosts})`],
    [l10n.t('Inventory'), order.fleet.file],
    [l10n.t('Started'), startedAt.toISOString()],
    [l10n.t('Duration'), l10n.t('{0} s', (summary.durationMs / 1000).toFixed(2))],
    [l10n.t('Verdict'), verdictText(report, kind)],
    [l10n.t('Trace'), traceId],
  ];
  return headText(rows.map(([name, value]) => [name, printableText(value)]));
}

/** `37 hosts changed, 3 same, 1: no space left` */
export function verdictText({ summary, results }: TransferReport, kind: RecordKind): string {
  const { changed, same } = summary;
  const failures = new Map<string, number>();
  for (const result of results)
    if (result.status !== 'ok') {
      const words = failureWords(result);
      failures.set(words, (failures.get(words) ?? 0) + 1);
    }
  const hosts = hostCount(changed);
  return [
    ...(changed > 0 ? [doneText(kind, hosts)] : []),
    ...(same > 0 ? [l10n.t('{0} same', changed > 0 ? same : hostCount(same))] : []),
    ...[...failures].map(([words, count]) => `${count}: ${words}`),
  ].join(', ');
}

/** What was done, or would be, with so many hosts or files. Fetching changes nothing on hosts. */
function doneText(kind: RecordKind, count: string): string {
  if (kind === 'plan') return l10n.t('{0} would change', count);
  return kind === 'copy' ? l10n.t('{0} changed', count) : l10n.t('{0} fetched', count);
}

function failureWords({ status, error }: TransferResult): string {
  if (status === 'stopped') return l10n.t('stopped while copying');
  if (status === 'skipped') return l10n.t('not started');
  if (error?.code === 'NO_SPACE') return l10n.t('no space left');
  return error?.code ?? l10n.t('failed');
}

function groupText({ hostSet, hosts, result }: FoldedTransfer, kind: RecordKind): string {
  const title = `──── ${hostSet} (${hostCount(hosts.length)}) · ${outcomeText(result, kind)} ────`;
  return [title, ...linesOf(result)].join('\n');
}

function outcomeText(result: TransferResult, kind: RecordKind): string {
  const { status, changedFiles, sameFiles, bytes } = result;
  if (status !== 'ok') return failureWords(result);
  if (changedFiles === 0) return l10n.t('same');
  const files = fileCount(changedFiles);
  return [
    doneText(kind, files),
    ...(sameFiles > 0 ? [l10n.t('{0} same', sameFiles)] : []),
    sizeText(bytes),
  ].join(', ');
}

export function fileCount(count: number): string {
  return count === 1 ? l10n.t('1 file') : l10n.t('{0} files', count);
}

const marks: Readonly<Record<ChangeKind, string>> = { new: '+', changed: '~', attributes: '=' };

function linesOf({ status, error, changes, changedFiles, leftOut, ...rest }: TransferResult): string[] {
  const { leftBehind = [], partial = [] } = rest;
  const lines = [
    ...(error ? errorChain(error) : []),
    ...(status !== 'ok' && changedFiles > 0
      ? [l10n.t('{0} changed before that', fileCount(changedFiles))]
      : []),
    ...leftBehind.map((path) => l10n.t('left on the host: {0}', path)),
    ...partial.map((path) => l10n.t('kept, to go on after it: {0}', path)),
    ...leftOut.map(({ path, reason }) => l10n.t('left out: {0}: {1}', path, reason)),
    ...changes.map(({ path, kind }) => `${marks[kind]} ${path}`),
  ];
  const more = lines.length - mostLines;
  const shown = lines.slice(0, mostLines).map((line) => printable(line, 600));
  const all = more > 0 ? [...shown, l10n.t('and {0} more', more)] : shown;
  // What is further in can be folded.
  return all.map((line) => `  ${line}`);
}
