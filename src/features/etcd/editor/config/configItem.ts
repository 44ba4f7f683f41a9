import { l10n, MarkdownString, ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState } from 'vscode';
import { linkTo } from '../../../../shell/editor/commands/musterCommands';
import { entryLabel } from '../../core/keys/keyFolders';
import { keyText } from '../../core/keys/keyText';
import { printable } from '../../../../platform/text/printable';
import { escapeMarkdown } from '../../../../shell/editor/hosts/escapeMarkdown';
import { clusterWords } from '../clusters/clusterWords';
import { sizeText } from '../../../../shell/editor/text/sizeText';
import {
  type ClusterNode,
  type ConfigNode,
  type FolderNode,
  isUnreachable,
  type KeyNode,
  type NoteNode,
  prefixOf,
} from './configNodes';
import type { EtcdClusters } from '../clusters/etcdClusters';
import { uriOfKey } from '../documents/uriOfKey';

const icons = {
  unknown: new ThemeIcon('database'),
  healthy: new ThemeIcon('database', new ThemeColor('testing.iconPassed')),
  ailing: new ThemeIcon('warning', new ThemeColor('problemsWarningIcon.foreground')),
  locked: new ThemeIcon('lock', new ThemeColor('problemsWarningIcon.foreground')),
  down: new ThemeIcon('error', new ThemeColor('testing.iconFailed')),
};

/**
 * How a row of the Config view looks. Folders and keys have no ids: VS Code refuses a row whose id it still knows, which
 * happens when rows are refreshed while their parent is.
 */
export function configItem(node: ConfigNode, clusters: EtcdClusters): TreeItem {
  switch (node.kind) {
    case 'cluster':
      return clusterItem(node, clusters);
    case 'folder':
      return folderItem(node, clusters);
    case 'key':
      return keyItem(node, clusters);
    case 'more':
    case 'failed':
      return noteItem(node);
  }
}

function clusterItem(node: ClusterNode, clusters: EtcdClusters): TreeItem {
  const { cluster, status } = node;
  const { settings, fleet, name } = cluster;
  const label = clusters.isNamesake(cluster) ? `${name} (${fleet.label})` : name;
  const item = new TreeItem(label, TreeItemCollapsibleState.Collapsed);
  item.id = `${fleet.id}/${name}`;
  const healthy = status?.endpoints.filter((endpoint) => endpoint.healthy).length ?? 0;
  const words = clusterWords(node);
  item.description = words.join(' · ');
  item.iconPath = cluster.isLocked
    ? icons.locked
    : !status
      ? icons.unknown
      : healthy === 0 || isUnreachable(node)
        ? icons.down
        : healthy < settings.endpoints.length || (status.alarms ?? []).length > 0
          ? icons.ailing
          : icons.healthy;
  item.contextValue = cluster.isLocked
    ? 'etcdCluster-locked'
    : settings.readOnly
      ? 'etcdCluster-readOnly'
      : 'etcdCluster';
  item.accessibilityInformation = { label: [label, ...words].join(', ') };
  return item;
}

/** The members as they are, for the tooltip. */
export function clusterTooltip({ cluster, status }: ClusterNode): MarkdownString {
  const lines = [
    `**${escapeMarkdown(cluster.name)}**`,
    ...(status?.revision === undefined ? [] : [l10n.t('revision {0}', status.revision)]),
    ...(cluster.settings.through === undefined
      ? []
      : [escapeMarkdown(l10n.t('through {0}', cluster.settings.through))]),
    ...(status?.endpoints ?? []).map((endpoint) => {
      const role = endpoint.leads
        ? l10n.t('leader')
        : endpoint.learner
          ? l10n.t('learner')
          : l10n.t('follower');
      const known = [
        ...(endpoint.version === undefined ? [] : [endpoint.version, role]),
        ...(endpoint.dbSize === undefined ? [] : [sizeText(endpoint.dbSize)]),
        ...(endpoint.latencyMs === undefined ? [] : [l10n.t('{0} ms', endpoint.latencyMs.toFixed(1))]),
        ...endpoint.errors,
        ...(endpoint.error ? [endpoint.error.message] : []),
      ];
      const mark = endpoint.healthy ? '$(pass)' : '$(error)';
      return `${mark} ${escapeMarkdown(endpoint.endpoint)}: ${escapeMarkdown(printable(known.join(' · '), 300))}`;
    }),
    ...(status?.alarms ?? []).map(
      ({ alarm, memberId }) => `$(warning) ${escapeMarkdown(`${alarm} ${memberId}`)}`,
    ),
  ];
  return new MarkdownString(lines.join('  \n'), true);
}

function folderItem(node: FolderNode, clusters: EtcdClusters): TreeItem {
  const { cluster, prefix, parent, count } = node;
  const label = entryLabel(prefixOf(parent), { kind: 'folder', bytes: prefix }, cluster.separator);
  const item = new TreeItem(label, TreeItemCollapsibleState.Collapsed);
  // Has the mark of what changed in it. Paths have folders where keys have slashes.
  if (cluster.settings.separator === '/')
    item.resourceUri = uriOfKey(clusters, cluster, prefix.subarray(0, -1));
  // Many an icon theme has none for folders that have a resource.
  item.iconPath = new ThemeIcon('symbol-folder');
  item.description = count === undefined ? '' : keyCount(count);
  item.tooltip = keyText(prefix);
  item.contextValue = cluster.settings.readOnly ? 'etcdFolder-readOnly' : 'etcdFolder';
  item.accessibilityInformation = {
    label: [l10n.t('folder {0}', label), item.description].filter(Boolean).join(', '),
  };
  return item;
}

function keyItem(node: KeyNode, clusters: EtcdClusters): TreeItem {
  const { cluster, kv, parent } = node;
  const label = entryLabel(prefixOf(parent), { kind: 'key', bytes: kv.key }, cluster.separator);
  const item = new TreeItem(label, TreeItemCollapsibleState.None);
  // Gives the row the icon of its language, and the badge of what has changed.
  item.resourceUri = uriOfKey(clusters, cluster, kv.key);
  item.iconPath = ThemeIcon.File;
  item.description = kv.lease === undefined ? '' : l10n.t('lease');
  item.command = linkTo('muster.openKey', l10n.t('Open'), node);
  item.accessibilityInformation = { label: [label, item.description].filter(Boolean).join(', ') };
  item.contextValue = cluster.settings.readOnly ? 'etcdKey-readOnly' : 'etcdKey';
  return item;
}

/** What changes with every write of a key, so it is made when somebody points at the row. */
export function keyTooltip({ kv }: KeyNode): string {
  return [
    keyText(kv.key),
    l10n.t(
      'changed at revision {0}, created at {1}, version {2}',
      kv.modRevision,
      kv.createRevision,
      kv.version,
    ),
    ...(kv.lease === undefined ? [] : [l10n.t('lease {0}', kv.lease)]),
  ].join('\n');
}

function noteItem({ kind, error, parent, cluster }: NoteNode): TreeItem {
  const enters = kind === 'failed' && cluster.isLocked;
  const label = enters
    ? l10n.t('Enter Password…')
    : kind === 'more'
      ? l10n.t('Show more…')
      : printable(error?.message ?? '', 200);
  const item = new TreeItem(label, TreeItemCollapsibleState.None);
  item.iconPath = kind === 'more' ? new ThemeIcon('ellipsis') : enters ? new ThemeIcon('key') : icons.down;
  if (error) item.tooltip = [error.message, ...error.causes, error.hint].filter(Boolean).join('\n');
  item.command = enters
    ? linkTo('muster.enterClusterPassword', label, parent)
    : kind === 'more'
      ? linkTo('muster.showMoreKeys', label, parent)
      : linkTo('muster.refreshConfig', l10n.t('Try Again'), parent);
  item.contextValue = `etcd-${kind}`;
  return item;
}

export function keyCount(count: number): string {
  return count === 1 ? l10n.t('1 key') : l10n.t('{0} keys', count.toLocaleString('en'));
}
