import { setImmediate } from 'node:timers/promises';
import { l10n } from 'vscode';
import { compactHostSet } from '../../../../platform/inventory/selection/hostSet';
import { printableText } from '../../../../platform/text/printable';
import { foldResults, type FoldedGroup } from '../../core/fold';
import type { RunReport } from '../../core/runBatch';
import { type AnsiText, joinedTexts, plainText } from '../../../../shell/editor/text/ansiText';
import { outcomeText, summaryText } from '../outcome';
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

/** The run as text: a head, then the groups of hosts with the same outcome, the biggest last. */
export async function runText(record: RunRecord): Promise<AnsiText> {
  const groups = foldResults(record.report.results);
  const share = Math.min(groupLimit, Math.floor(documentLimit / Math.max(1, groups.length)));
  const blocks = [plainText(headOf(record))];
  for (const group of groups) {
    blocks.push(groupText(group, share));
    // Cleaning megabytes takes a while: others get their turn.
    await setImmediate();
  }
  return joinedTexts([joinedTexts(blocks, '\n\n'), plainText('')], '\n');
}

function headOf({ command, selector, inventory, startedAt, report }: RunRecord): string {
  const { summary, traceId, results } = report;
  const hosts = compactHostSet(results.map(({ host }) => host));
  const rows = [
    [l10n.t('Command'), command],
    [l10n.t('Targets'), `${selector} (${summary.total}: ${hosts})`],
    [l10n.t('Inventory'), inventory],
    [l10n.t('Started'), startedAt.toISOString()],
    [l10n.t('Duration'), l10n.t('{0} s', (summary.durationMs / 1000).toFixed(2))],
    [l10n.t('Verdict'), summaryText(summary)],
    [l10n.t('Trace'), traceId],
  ] as const;
  return headText(rows.map(([name, value]) => [name, printableText(value)]));
}

function groupText({ hosts, hostSet, result }: FoldedGroup, limit: number): AnsiText {
  const title = `──── ${hostSet} (${hostCount(hosts.length)}) · ${outcomeText(result)} ────`;
  const output = outputText(result, limit);
  return joinedTexts([plainText(title), output.text === '' ? note(l10n.t('no output')) : output], '\n');
}
