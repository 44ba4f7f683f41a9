import { l10n, ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState } from 'vscode';
import { linkTo } from '../../../../shell/editor/commands/musterCommands';
import { printable } from '../../../../platform/text/printable';
import { dateAndTime, timeOfDay } from '../../../../shell/editor/text/localTime';
import { hostCount, latency } from '../../../../shell/editor/hosts/wording';
import type { RunStatus } from '../../core/runBatch';
import { outcomeText, summaryText, timingWords } from '../outcome';
import type { RunEntry } from '../runHistory';
import type { RunGroupNode, RunHostNode, RunNode, RunsNode } from './runNodes';

const ok = new ThemeIcon('pass', new ThemeColor('testing.iconPassed'));
const failed = new ThemeIcon('error', new ThemeColor('testing.iconFailed'));
/** Nothing failed, but hosts were stopped or never started. */
const incomplete = new ThemeIcon('circle-slash', new ThemeColor('problemsWarningIcon.foreground'));
const notStarted = new ThemeIcon('circle-slash', new ThemeColor('testing.iconSkipped'));
const running = new ThemeIcon('loading~spin');
const interrupted = new ThemeIcon('debug-disconnect', new ThemeColor('problemsWarningIcon.foreground'));

const groupIcons: Readonly<Record<RunStatus, ThemeIcon>> = {
  ...{ ok, failed, stopped: incomplete, skipped: notStarted },
};

/** How a row of the Runs view looks. */
export function runItem(node: RunsNode): TreeItem {
  switch (node.kind) {
    case 'run':
      return entryItem(node);
    case 'runGroup':
      return groupItem(node);
    case 'runHost':
      return hostItem(node);
  }
}

function entryItem({ entry }: RunNode): TreeItem {
  const { head, state } = entry;
  // How it went comes first: in a narrow view the rest is cut off.
  const label = `${verdict(entry)} · ${printable(head.title, 32)}`;
  const item = new TreeItem(label, TreeItemCollapsibleState.Collapsed);
  item.id = head.id;
  item.contextValue = `run-${settlesIn(entry) > 0 ? 'settling' : state}`;
  item.iconPath = iconOf(entry);
  const words = [printable(head.selector), timeText(head.startedAt), ...durationOf(entry)];
  item.description = words.join(' · ');
  item.tooltip = [
    printable(head.title, 1000),
    l10n.t('On {0}: {1}', printable(head.selector, 500), hostCount(head.hosts.length)),
    [verdict(entry), ...durationOf(entry)].join(' · '),
    dateAndTime(head.startedAt),
    head.inventory,
  ].join('\n');
  item.accessibilityInformation = { label: [label, ...words].join(', ') };
  return item;
}

/** Milliseconds after the end in which a row offers nothing where it offered to cancel: the pointer may still be there. */
const settlingMs = 2_000;

/** Milliseconds until the row of a run that has just ended offers to run it again; 0 for others. */
export function settlesIn({ head, end }: RunEntry, now = Date.now()): number {
  if (!end) return 0;
  const left = head.startedAt + end.summary.durationMs + settlingMs - now;
  return left > settlingMs ? 0 : Math.max(0, left);
}

function iconOf({ state, counts }: RunEntry): ThemeIcon {
  if (state === 'running') return running;
  if (state === 'interrupted') return interrupted;
  if (counts.failed > 0) return failed;
  return counts.stopped + counts.skipped > 0 ? incomplete : ok;
}

function verdict(entry: RunEntry): string {
  const { state, head, done, end } = entry;
  const total = head.hosts.length;
  if (state === 'running') {
    // No rate: a row is drawn when a result comes, so it would stand still when none does.
    const counts = l10n.t('{0} of {1} hosts', done, total);
    const { failed: failures } = entry.counts;
    return failures > 0 ? `${counts} · ${l10n.t('{0} failed', failures)}` : counts;
  }
  if (!end) return l10n.t('interrupted');
  return summaryText(end.summary);
}

function durationOf({ end }: RunEntry): string[] {
  return end ? [latency(end.summary.durationMs)] : [];
}

/** Today's runs by time, others by date too. */
function timeText(at: number): string {
  const isToday = new Date(at).toDateString() === new Date().toDateString();
  return isToday ? timeOfDay(at) : dateAndTime(at);
}

function groupItem({ entry, group }: RunGroupNode): TreeItem {
  const { hosts, hostSet, result } = group;
  const item = new TreeItem(printable(hostSet), TreeItemCollapsibleState.Collapsed);
  item.id = `${entry.head.id}\0${result.host}`;
  item.contextValue = 'runGroup';
  item.iconPath = groupIcons[result.status];
  const preview = printable(result.stdout.trimStart() || result.stderr.trimStart(), 80);
  const words = [hostCount(hosts.length), outcomeText(result), ...(preview === '' ? [] : [preview])];
  item.description = words.join(' · ');
  item.tooltip = hosts.slice(0, 50).join('\n');
  item.accessibilityInformation = { label: [item.label as string, ...words].join(', ') };
  item.command = linkTo('muster.openRunOutput', l10n.t('Open Output'));
  return item;
}

function hostItem({ entry, host, parent, timing }: RunHostNode): TreeItem {
  const item = new TreeItem(printable(host), TreeItemCollapsibleState.None);
  item.id = `${entry.head.id}\0${parent.group.result.host}\0${host}`;
  item.contextValue = 'runHost';
  item.iconPath = new ThemeIcon('server');
  const words = timingWords(timing);
  item.description = words.join(' · ');
  const outcome = outcomeText(parent.group.result);
  item.accessibilityInformation = { label: [printable(host), outcome, ...words].join(', ') };
  return item;
}
