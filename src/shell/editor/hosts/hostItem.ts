import { l10n, ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState } from 'vscode';
import type { Check } from '../../../features/checks/core/check';
import { printable } from '../../../platform/text/printable';
import { age } from '../text/age';
import { type HostVerdict, isTurning, tallyStatus, type Verdict } from '../fleets/checkVerdicts';
import type { Fleet } from '../fleets/fleet';
import type { BranchNode, CheckNode, FleetNode, GroupNode, HostNode, HostsNode } from './hostNodes';
import { groupOf, isUnknown, originWords } from './originWording';
import { hindranceOf, latency, readOnlyWord, statusWord, tallyText, turningWord } from './wording';

const icons: Record<Verdict, ThemeIcon> = {
  healthy: new ThemeIcon('pass', new ThemeColor('testing.iconPassed')),
  degraded: new ThemeIcon('warning', new ThemeColor('problemsWarningIcon.foreground')),
  unhealthy: new ThemeIcon('error', new ThemeColor('testing.iconFailed')),
  skipped: new ThemeIcon('circle-slash', new ThemeColor('testing.iconSkipped')),
  unknown: new ThemeIcon('circle-outline', new ThemeColor('testing.iconUnset')),
};
const staleColor = new ThemeColor('disabledForeground');
const turningColor = new ThemeColor('problemsWarningIcon.foreground');
const pendingIcon = new ThemeIcon('loading~spin');

interface Row {
  label: string;
  description: string;
  status: Verdict;
  pending: boolean;
  /** Whether the state is out of date. */
  stale: boolean;
  /** Whether the last results speak against the state, which they have not changed yet. */
  isTurning?: boolean;
  state: TreeItemCollapsibleState;
}

/** How a node looks; the tooltip is made when it is asked for. A host can be opened if anything is below it. */
export function hostItem(node: HostsNode, hasBranches = false): TreeItem {
  if (node.kind === 'branch') return Object.assign(node.row.item(), { id: node.id });
  const row = rowOf(node);
  const canOpen = row.state === TreeItemCollapsibleState.None && hasBranches;
  const item = new TreeItem(row.label, canOpen ? TreeItemCollapsibleState.Collapsed : row.state);
  item.id = node.id;
  item.description = row.description;
  item.iconPath = row.pending ? pendingIcon : iconOf(row);
  item.contextValue = node.kind;
  item.accessibilityInformation = { label: spokenLabel(row) };
  return item;
}

function iconOf({ status, stale, isTurning: turns }: Row): ThemeIcon {
  if (turns && !stale) return new ThemeIcon(icons[status].id, turningColor);
  return stale ? new ThemeIcon(icons[status].id, staleColor) : icons[status];
}

function rowOf(node: Exclude<HostsNode, BranchNode>): Row {
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
  const group = node.kind === 'group' ? groupOf(node) : undefined;
  return {
    label: node.kind === 'fleet' ? node.fleet.label : groupLabel(node),
    description: [
      ...(group && isUnknown(group) ? [] : [tallyText(tally)]),
      ...(group ? originWords(group) : []),
      ...readOnlyWord(node.fleet.inventory, node.hosts),
    ].join(' · '),
    status: tallyStatus(tally),
    isTurning: isTurning(tally),
    pending: tally.pending > 0,
    stale: tally.stale > 0 && tally.stale === tally.total - tally.unknown - tally.skipped,
    state:
      node.kind === 'fleet' || isOnlyGroup(node)
        ? TreeItemCollapsibleState.Expanded
        : TreeItemCollapsibleState.Collapsed,
  };
}

function isOnlyGroup({ fleet, label }: GroupNode): boolean {
  return label === undefined && fleet.inventory?.groups.size === 1;
}

function groupLabel({ name, label }: GroupNode): string {
  if (label === undefined) return name ?? l10n.t('Ungrouped');
  return name === undefined ? l10n.t('without {0}', label) : `${label}=${name}`;
}

function hostRow({ fleet, host }: HostNode): Row {
  const verdict = fleet.verdicts.host(host.name);
  const { status, becoming, pending, checkedAt } = verdict;
  const checks = fleet.checksOf(host.name);
  const address = host.address === host.name ? [] : [host.address];
  const unknown = () => (pending ? [l10n.t('checking…')] : address);
  const state = status === 'unknown' ? unknown() : knownState(fleet, host.name, checks, verdict);
  return {
    label: host.name,
    description: [...state, ...readOnlyWord(fleet.inventory, [host.name])].join(' · '),
    status,
    isTurning: becoming !== undefined,
    pending,
    stale: isStale(fleet, checkedAt),
    state: checks.length > 0 ? TreeItemCollapsibleState.Collapsed : TreeItemCollapsibleState.None,
  };
}

/**
 * The state of a host that was checked: which checks keep it from being healthy, or may soon, why what was skipped was, how
 * fast it answered, how long ago.
 */
function knownState(
  fleet: Fleet,
  host: string,
  checks: readonly Check[],
  { status, becoming, latencyMs, checkedAt }: HostVerdict,
): string[] {
  const word = statusWord(status);
  const results = checks.flatMap(({ name }) => fleet.verdicts.result(host, name) ?? []);
  const deciding = results.filter((result) => result.status === status);
  const turning = becoming === undefined ? [] : results.filter((result) => result.turning);
  return [
    status === 'healthy' ? word : `${word}: ${deciding.map(({ check }) => check).join(', ')}`,
    ...turning.map((result) => `${result.check}: ${turningWord(result.turning!)}`),
    ...(status === 'skipped' ? new Set(deciding.flatMap(hindranceOf)) : []),
    ...(latencyMs === undefined ? [] : [latency(latencyMs)]),
    ...ageOf(fleet, checkedAt),
  ];
}

function checkRow({ fleet, host, check }: CheckNode): Row {
  const result = fleet.verdicts.result(host.name, check.name);
  const pending = fleet.verdicts.isPending(host.name, check.name);
  const checkedAt = fleet.verdicts.checkedAt(host.name, check.name);
  const parts = result && [
    statusWord(result.status),
    ...(result.turning ? [turningWord(result.turning)] : []),
    ...(result.status === 'healthy' && !result.turning ? [] : [printable(result.message)]),
    ...(result.warning ? [printable(result.warning)] : []),
    ...(result.status === 'skipped' ? [] : [latency(result.latencyMs)]),
    ...ageOf(fleet, checkedAt),
  ];
  return {
    label: check.name,
    description: parts?.join(' · ') ?? (pending ? l10n.t('checking…') : check.type),
    status: result?.status ?? 'unknown',
    pending,
    stale: isStale(fleet, checkedAt),
    isTurning: result?.turning !== undefined,
    state: TreeItemCollapsibleState.None,
  };
}

function isStale({ verdicts }: Fleet, checkedAt: number | undefined): boolean {
  return checkedAt !== undefined && checkedAt < verdicts.staleBefore;
}

/** How old a result is that this session did not find, or that is out of date. */
function ageOf({ verdicts }: Fleet, checkedAt: number | undefined): string[] {
  return checkedAt !== undefined && checkedAt < verdicts.agedBefore ? [age(Date.now() - checkedAt)] : [];
}

/** The row as a screen reader says it: always with the state, which others see as an icon. */
function spokenLabel({ label, description, status, pending }: Row): string {
  const state = pending ? l10n.t('checking…') : statusWord(status);
  const rest = description.startsWith(state) ? [description] : [state, description];
  return [label, ...rest].filter((part) => part !== '').join(', ');
}
