import { l10n } from 'vscode';
import { printable } from '../../../../platform/text/printable';
import { sizeText } from '../../../../shell/editor/text/sizeText';
import { spanText } from '../../../../shell/editor/text/spanText';
import { type ClusterNode, isUnreachable, wantsLogin } from '../config/configNodes';

/** How a cluster is; of one that cannot be reached, how it was when it last could. */
export function clusterWords(node: ClusterNode): string[] {
  const { settings } = node.cluster;
  const access = settings.readOnly ? [l10n.t('read-only')] : settings.protected ? [l10n.t('protected')] : [];
  const locked = lockedWord(node);
  const state =
    locked !== undefined ? [locked] : isUnreachable(node) ? lastKnownWords(node) : presentWords(node);
  return [...state, ...access];
}

/** What a cluster that answers wants of its user first. */
function lockedWord({ cluster, status }: ClusterNode): string | undefined {
  if (cluster.login === 'needed') return l10n.t('password needed');
  if (cluster.login === 'refused') return l10n.t('password refused');
  const wantsUser = cluster.settings.username === undefined && status?.endpoints.every(wantsLogin);
  return wantsUser ? l10n.t('user name needed') : undefined;
}

function presentWords({ status, cluster }: ClusterNode): string[] {
  if (!status) return [];
  const { endpoints, alarms = [] } = status;
  const healthy = endpoints.filter((endpoint) => endpoint.healthy).length;
  const size = Math.max(0, ...endpoints.map(({ dbSize = 0 }) => dbSize));
  return [
    l10n.t('{0}/{1} healthy', healthy, cluster.settings.endpoints.length),
    ...alarms.map(({ alarm }) => printable(alarm)),
    ...(size > 0 ? [sizeText(size)] : []),
  ];
}

function lastKnownWords({ lastHealthy, cluster }: ClusterNode): string[] {
  const unreachable = l10n.t('not reachable');
  if (!lastHealthy) return [unreachable];
  const { members, at } = lastHealthy;
  const age = spanText(Math.max(0, Date.now() - at));
  return [unreachable, l10n.t('{0}/{1} healthy {2} ago', members, cluster.settings.endpoints.length, age)];
}
