import { l10n, MarkdownString } from 'vscode';
import type { CheckResult } from '../../../features/checks/core/checkBatch';
import { errorChain } from '../../../platform/errors/errors';
import { printable } from '../../../platform/text/printable';
import { valueWithoutCredentials } from '../../../platform/redaction/withoutCredentials';
import { age } from '../text/age';
import { sparkline } from '../../../features/checks/editor/historyFigures';
import { figuresText } from '../../../features/checks/editor/historyWording';
import type { Fleet } from '../fleets/fleet';
import { escapeMarkdown } from './escapeMarkdown';
import type { BranchNode, CheckNode, GroupNode, HostNode, HostsNode } from './hostNodes';
import { foundByLines, groupOf, isUnknown, originLines, originWords } from './originWording';
import { latency, statusWord, tallyText, turningWord } from './wording';

/** What the rows have no room for. Values of hosts are text, never markup. */
export function hostTooltip(node: Exclude<HostsNode, BranchNode>): MarkdownString {
  const tooltip = new MarkdownString();
  tooltip.isTrusted = false;
  tooltip.supportHtml = false;
  switch (node.kind) {
    case 'fleet':
      return lines(tooltip, [node.fleet.file, tallyText(node.fleet.verdicts.tally(node.hosts))]);
    case 'group':
      return groupLines(tooltip, node);
    case 'host':
      return hostLines(tooltip, node);
    case 'check':
      return checkLines(tooltip, node);
  }
}

function groupLines(tooltip: MarkdownString, node: GroupNode): MarkdownString {
  const group = groupOf(node);
  return lines(tooltip, [
    groupTitle(node),
    ...(group && isUnknown(group) ? originWords(group) : [tallyText(node.fleet.verdicts.tally(node.hosts))]),
    ...(group ? originLines(group) : []),
  ]);
}

function groupTitle({ name, label }: GroupNode): string {
  if (label !== undefined) return name === undefined ? l10n.t('without {0}', label) : `${label}=${name}`;
  return name ?? l10n.t('Hosts that no group holds');
}

function hostLines(tooltip: MarkdownString, { fleet, host }: HostNode): MarkdownString {
  const labels = Object.entries(valueWithoutCredentials(host.labels)).map(
    ([label, value]) => `${label}=${value}`,
  );
  heading(tooltip, host.name);
  lines(tooltip, [
    l10n.t('Address: {0}', host.address),
    ...(host.transport === 'local' ? [l10n.t('This machine, without SSH')] : []),
    ...(labels.length > 0 ? [l10n.t('Labels: {0}', labels.join(', '))] : []),
    ...(host.groups.length > 0 ? [l10n.t('Groups: {0}', host.groups.join(', '))] : []),
    ...foundByLines(host.foundBy, fleet.inventory),
    ...(host.readOnly ? [l10n.t('Read-only through the group {0}.', host.readOnly.group)] : []),
  ]);
  for (const check of fleet.checksOf(host.name)) {
    const result = fleet.verdicts.result(host.name, check.name);
    if (result) resultLines(tooltip, result, fleet);
  }
  return tooltip;
}

function checkLines(tooltip: MarkdownString, { fleet, host, check }: CheckNode): MarkdownString {
  const result = fleet.verdicts.result(host.name, check.name);
  if (result) return resultLines(tooltip, result, fleet);
  heading(tooltip, check.name);
  return lines(tooltip, [l10n.t('{0} check, not run yet', check.type)]);
}

function resultLines(tooltip: MarkdownString, result: CheckResult, fleet: Fleet): MarkdownString {
  const { check, status, turning, latencyMs } = result;
  const state = [
    statusWord(status),
    ...(turning ? [turningWord(turning)] : []),
    ...(status === 'skipped' ? [] : [latency(latencyMs)]),
  ];
  heading(tooltip, `${check}: ${state.join(' · ')}`);
  const phases = Object.entries(result.phases ?? {}).filter(
    ([phase, ms]) => ms !== undefined && phase !== 'total',
  );
  lines(tooltip, [
    ...(result.error ? errorChain(result.error) : [result.message]),
    ...(result.warning ? [result.warning] : []),
    ...(phases.length > 0
      ? [phases.map(([phase, ms]) => `${phase} ${latency(ms as number)}`).join(' · ')]
      : []),
  ]);
  return historyLines(tooltip, result, fleet);
}

/** When it was checked and how it was before: a character for each result, and the same in words. */
function historyLines(tooltip: MarkdownString, { host, check }: CheckResult, fleet: Fleet): MarkdownString {
  const at = fleet.verdicts.checkedAt(host, check);
  if (at !== undefined) lines(tooltip, [l10n.t('Checked {0}', age(Date.now() - at))]);
  const results = fleet.history.results(host, check);
  if (results.length < 2) return tooltip;
  tooltip.appendMarkdown(`\`${sparkline(results)}\`  \n`);
  return lines(tooltip, [figuresText(results)]);
}

function heading(tooltip: MarkdownString, text: string): void {
  tooltip.appendMarkdown(`\n\n**${escapeMarkdown(printable(text, 200))}**  \n`);
}

function lines(tooltip: MarkdownString, texts: readonly string[]): MarkdownString {
  for (const text of texts) tooltip.appendMarkdown(`${escapeMarkdown(printable(text, 500))}  \n`);
  return tooltip;
}
