import { l10n, ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState } from 'vscode';
import { printable } from '../../core/printable';
import { tallyStatus, type Verdict } from '../fleets/checkVerdicts';
import type { CheckNode, FleetNode, GroupNode, HostNode, HostsNode } from './hostNodes';
import { latency, statusWord, tallyText } from './wording';

const icons: Record<Verdict, ThemeIcon> = {
  healthy: new ThemeIcon('pass', new ThemeColor('testing.iconPassed')),
  degraded: new ThemeIcon('warning', new ThemeColor('list.warningForeground')),
  unhealthy: new ThemeIcon('error', new ThemeColor('testing.iconFailed')),
  skipped: new ThemeIcon('circle-slash', new ThemeColor('testing.iconSkipped')),
  unknown: new ThemeIcon('circle-outline', new ThemeColor('testing.iconUnset')),
};
const pendingIcon = new ThemeIcon('loading~spin');

interface Row {
  label: string;
  description: string;
  status: Verdict;
  pending: boolean;
  state: TreeItemCollapsibleState;
}

/** How a node looks; the tooltip is made when it is asked for. */
export function hostItem(node: HostsNode): TreeItem {
  const row = rowOf(node);
  const item = new TreeItem(row.label, row.state);
  item.id = node.id;
  item.description = row.description;
  item.iconPath = row.pending ? pendingIcon : icons[row.status];
  item.contextValue = node.kind;
  const spoken = [row.label, row.pending ? l10n.t('checking…') : statusWord(row.status), row.description];
  item.accessibilityInformation = { label: [...new Set(spoken)].filter((part) => part !== '').join(', ') };
  return item;
}

function rowOf(node: HostsNode): Row {
  switch (node.kind) {
    case 'fleet':
    case 'group':
      return setRow(node);
    case 'host':
      return hostRow(node);
    case 'check':
      return checkRow(node);
  }
}

function setRow(node: FleetNode | GroupNode): Row {
  const tally = node.fleet.verdicts.tally(node.hosts);
  return {
    label: node.kind === 'fleet' ? node.fleet.label : (node.name ?? l10n.t('Ungrouped')),
    description: tallyText(tally),
    status: tallyStatus(tally),
    pending: tally.pending > 0,
    state:
      node.kind === 'fleet' || node.fleet.inventory?.groups.size === 1
        ? TreeItemCollapsibleState.Expanded
        : TreeItemCollapsibleState.Collapsed,
  };
}

function hostRow({ fleet, host }: HostNode): Row {
  const { status, pending, deciding, latencyMs } = fleet.verdicts.host(host.name);
  const known = [statusWord(status), ...(latencyMs === undefined ? [] : [latency(latencyMs)])];
  const reason =
    deciding && status !== 'healthy' ? [`${deciding.check}: ${printable(deciding.message)}`] : [];
  const nothingKnown = pending ? l10n.t('checking…') : host.address === host.name ? '' : host.address;
  return {
    label: host.name,
    description: status === 'unknown' ? nothingKnown : [...known, ...reason].join(' · '),
    status,
    pending,
    state:
      fleet.checksOf(host.name).length > 0
        ? TreeItemCollapsibleState.Collapsed
        : TreeItemCollapsibleState.None,
  };
}

function checkRow({ fleet, host, check }: CheckNode): Row {
  const result = fleet.verdicts.result(host.name, check.name);
  const pending = fleet.verdicts.isPending(host.name, check.name);
  const parts = result && [
    statusWord(result.status),
    ...(result.status === 'skipped' ? [] : [latency(result.latencyMs)]),
    ...(result.status === 'healthy' ? [] : [printable(result.message)]),
    ...(result.warning ? [printable(result.warning)] : []),
  ];
  return {
    label: check.name,
    description: parts?.join(' · ') ?? (pending ? l10n.t('checking…') : check.type),
    status: result?.status ?? 'unknown',
    pending,
    state: TreeItemCollapsibleState.None,
  };
}
