import {
  type FileDecoration,
  l10n,
  ThemeColor,
  ThemeIcon,
  TreeItem,
  TreeItemCheckboxState,
  TreeItemCollapsibleState,
  Uri,
} from 'vscode';
import { linkTo } from '../../../../shell/editor/commands/musterCommands';
import { type AppliedChange, appliedChange } from '../../core/compare/applyDifferences';
import { entryLabel } from '../../core/keys/keyFolders';
import { pathOfKey } from '../../core/keys/keyPath';
import { keyText } from '../../core/keys/keyText';
import { sizeText } from '../../../../shell/editor/text/sizeText';
import type {
  ChangeCounts,
  ComparisonNode,
  ComparisonNodes,
  DifferenceNode,
  FolderNode,
} from './comparisonNodes';
import { type Side, sideLabel } from './comparisonSide';

/** Only names rows: there are no such documents. */
export const comparisonScheme = 'muster-etcd-difference';

const badges: Record<AppliedChange, string> = { add: 'A', change: 'M', remove: 'D' };
const colors: Record<AppliedChange, ThemeColor> = {
  add: new ThemeColor('gitDecoration.addedResourceForeground'),
  change: new ThemeColor('gitDecoration.modifiedResourceForeground'),
  remove: new ThemeColor('gitDecoration.deletedResourceForeground'),
};

export interface RowParts {
  nodes: ComparisonNodes;
  left: Side;
  right: Side;
  separator: Buffer;
  /** Names whose change was refused, as latin1. */
  conflicts: ReadonlySet<string>;
}

/** How a row of the Comparison view looks. */
export function comparisonRow(node: ComparisonNode, parts: RowParts): TreeItem {
  if (node.kind === 'difference') return differenceRow(node, parts);
  if (node.kind === 'more') {
    const item = new TreeItem(l10n.t('Show more…'), TreeItemCollapsibleState.None);
    item.iconPath = new ThemeIcon('ellipsis');
    item.command = linkTo('muster.showMoreDifferences', l10n.t('Show more…'), node);
    return item;
  }
  return folderRow(node, parts);
}

function folderRow(node: FolderNode, { nodes, left, right, separator }: RowParts): TreeItem {
  const isRoot = node.kind === 'root';
  const places = `${sideLabel(left)} → ${sideLabel(right)}`;
  const label = isRoot
    ? l10n.t('All differences')
    : entryLabel(node.parent!.name, { kind: 'folder', bytes: node.name }, separator);
  const state = isRoot ? TreeItemCollapsibleState.Expanded : TreeItemCollapsibleState.Collapsed;
  const item = new TreeItem(label, state);
  item.id = isRoot ? '/' : `f${node.name.toString('base64')}`;
  item.iconPath = isRoot ? new ThemeIcon('git-compare') : ThemeIcon.Folder;
  item.contextValue = isRoot ? 'comparisonRoot' : 'comparisonFolder';
  const [counts, chosen] = [nodes.countsOf(node), nodes.chosenCountsOf(node)];
  item.description = badgeCounts(counts);
  item.tooltip = `${isRoot ? places : keyText(node.name)}\n${countsText(counts)}\n${chosenText(chosen, counts)}`;
  const isChosen = nodes.isFolderChosen(node);
  item.checkboxState = {
    state: isChosen ? TreeItemCheckboxState.Checked : TreeItemCheckboxState.Unchecked,
    tooltip: isChosen
      ? l10n.t('Leave all of it out')
      : counts.remove > 0 && counts.add + counts.change > 0
        ? l10n.t('Select all of it but the removals')
        : l10n.t('Select all of it'),
    accessibilityInformation: { label: isRoot ? label : l10n.t('folder {0}', label) },
  };
  item.accessibilityInformation = {
    label: [
      isRoot ? label : l10n.t('folder {0}', label),
      countsText(counts),
      chosenText(chosen, counts),
    ].join(', '),
  };
  return item;
}

function differenceRow(node: DifferenceNode, parts: RowParts): TreeItem {
  const { difference, index, parent } = node;
  const { name, left, right } = difference;
  const label = entryLabel(parent.name, { kind: 'key', bytes: name }, parts.separator);
  const change = appliedChange(difference);
  const item = new TreeItem(label, TreeItemCollapsibleState.None);
  item.id = `k${name.toString('base64')}`;
  item.resourceUri = Uri.from({ scheme: comparisonScheme, path: pathOfKey(name), query: change });
  item.contextValue = 'comparisonKey';
  const isRefused = parts.conflicts.has(name.toString('latin1'));
  const sizes =
    left && right && left.size !== right.size
      ? `${sizeText(right.size)} → ${sizeText(left.size)}`
      : sizeText((left ?? right)!.size);
  const words = [...(isRefused ? [l10n.t('was changed meanwhile')] : []), sizes];
  item.iconPath = isRefused
    ? new ThemeIcon('warning', new ThemeColor('problemsWarningIcon.foreground'))
    : ThemeIcon.File;
  item.description = words.join(' · ');
  item.tooltip = [
    keyText(name),
    changeText(change, sideLabel(parts.right)),
    ...[left, right]
      .filter((side) => side !== undefined && side.modRevision > 0)
      .map((side) => l10n.t('changed at revision {0}', side!.modRevision)),
    ...words,
  ].join('\n');
  item.checkboxState = {
    state: parts.nodes.isChosen(index) ? TreeItemCheckboxState.Checked : TreeItemCheckboxState.Unchecked,
    tooltip: changeText(change, sideLabel(parts.right)),
    accessibilityInformation: { label },
  };
  item.command = linkTo('muster.openDifference', l10n.t('Open Difference'), node);
  item.accessibilityInformation = {
    label: [label, changeText(change, sideLabel(parts.right)), ...words].join(', '),
  };
  return item;
}

export function differenceDecoration({ scheme, query }: Uri): FileDecoration | undefined {
  if (scheme !== comparisonScheme || !Object.hasOwn(badges, query)) return undefined;
  const change = query as AppliedChange;
  const tooltips: Record<AppliedChange, string> = {
    add: l10n.t('Only on the left'),
    change: l10n.t('Different'),
    remove: l10n.t('Only on the right'),
  };
  return { badge: badges[change], color: colors[change], tooltip: tooltips[change] };
}

export function changeText(change: AppliedChange, right: string): string {
  if (change === 'add') return l10n.t('only on the left: applying adds it to {0}', right);
  if (change === 'remove') return l10n.t('only on the right: applying removes it from {0}', right);
  return l10n.t('different: applying changes it in {0}', right);
}

/** `A 3 · M 2 · D 1`, as the badges of the rows. */
export function badgeCounts(counts: ChangeCounts): string {
  const kinds = (['add', 'change', 'remove'] as const).filter((change) => counts[change] > 0);
  return kinds.map((change) => `${badges[change]} ${counts[change].toLocaleString('en')}`).join(' · ');
}

export function badgeOf(change: AppliedChange): string {
  return badges[change];
}

export function countsText({ add, change, remove }: ChangeCounts): string {
  return l10n.t('{0} to add, {1} to change, {2} to remove', add, change, remove);
}

function chosenText(chosen: ChangeCounts, all: ChangeCounts): string {
  return l10n.t('{0} of {1} selected', totalOf(chosen), totalOf(all));
}

export function totalOf({ add, change, remove }: ChangeCounts): number {
  return add + change + remove;
}
