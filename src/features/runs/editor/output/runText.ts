import { setImmediate } from 'node:timers/promises';
import { l10n } from 'vscode';
import stringWidth from 'string-width';
import { compactHostSet } from '../../../../platform/inventory/selection/hostSet';
import { printableText } from '../../../../platform/text/printable';
import { foldResults, type FoldedGroup } from '../../core/fold';
import type { RunReport } from '../../core/runBatch';
import { type AnsiText, joinedTexts, plainText } from '../../../../shell/editor/text/ansiText';
import { bySlowness, timingOf } from '../../core/timing';
import { outcomeText, summaryText, timingWords } from '../outcome';
import { note, outputText } from './outputText';
import { hostCount } from '../../../../shell/editor/hosts/wording';
import { headText } from '../../../../shell/editor/documents/headText';

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

/** Hosts whose time is listed. */
const mostTimes = 20;

/** The run as text: a head, the groups of hosts with the same outcome, the biggest last, then who took the longest. */
export async function runText(record: RunRecord): Promise<AnsiText> {
  const groups = foldResults(record.report.results);
  const share = Math.min(groupLimit, Math.floor(documentLimit / Math.max(1, groups.length)));
  const blocks = [plainText(headOf(record))];
  for (const group of groups) {
    blocks.push(groupText(group, share));
    // Cleaning megabytes takes a while: others get their turn.
    await setImmediate();
  }
  const started = record.report.results.filter(({ status }) => status !== 'skipped');
  if (started.length > 1) blocks.push(plainText(timingBlock(started)));
  return joinedTexts([joinedTexts(blocks, '\n\n'), plainText('')], '\n');
}

function headOf({ command, selector, inventory, startedAt, report }: RunRecord): string {
  const { summary, traceId, results } = report;
  const hosts = compactHostSet(results.map(({ host }) => host));
  // Of several hosts there is a table.
  const phases = results.length === 1 ? timingWords(timingOf(results[0]!)).slice(1) : [];
  const rows = [
    [l10n.t('Command'), command],
    [l10n.t('Targets'), `${selector} (${summary.total}: ${hosts})`],
    [l10n.t('Inventory'), inventory],
    [l10n.t('Started'), startedAt.toISOString()],
    [l10n.t('Duration'), [l10n.t('{0} s', (summary.durationMs / 1000).toFixed(2)), ...phases].join(' · ')],
    [l10n.t('Verdict'), summaryText(summary)],
    [l10n.t('Trace'), traceId],
  ] as const;
  return headText(rows.map(([name, value]) => [name, printableText(value)]));
}

function timingBlock(results: RunReport['results']): string {
  const slowest = bySlowness(results).slice(0, mostTimes);
  const width = slowest.reduce((widest, { host }) => Math.max(widest, stringWidth(host)), 0);
  const rows = slowest.map((result) => {
    const name = result.host + ' '.repeat(width - stringWidth(result.host));
    return `${name}  ${timingWords(timingOf(result)).join(' · ')}`;
  });
  return [`──── ${l10n.t('Time for each host, the slowest first')} ────`, ...rows].join('\n');
}

function groupText({ hosts, hostSet, result }: FoldedGroup, limit: number): AnsiText {
  const title = `──── ${hostSet} (${hostCount(hosts.length)}) · ${outcomeText(result)} ────`;
  const output = outputText(result, limit);
  return joinedTexts([plainText(title), output.text === '' ? note(l10n.t('no output')) : output], '\n');
}
