import { l10n } from 'vscode';
import type { CheckResult } from '../../../checks/core/checkBatch';
import type { ChangeSet } from '../../core/rules/changeRules';
import { keyText } from '../../core/keys/keyText';
import { compactHostSet } from '../../../../platform/inventory/selection/hostSet';
import type { ChangeRule } from '../../core/rules/changeRule';
import type { Host } from '../../../../platform/inventory/model';
import { printable } from '../../../../platform/text/printable';
import type { RunReport } from '../../../runs/core/runBatch';
import type { Cluster } from '../clusters/cluster';
import { hostCount, statusWord } from '../../../../shell/editor/hosts/wording';

const namesLength = 60;
/** Keys named in the log. */
const loggedKeys = 20;

/** The patterns of a rule, as they were written. */
export function patternsOf({ keys }: ChangeRule): string {
  return printable(keys.join(', '), namesLength);
}

/** One sentence for what changed. */
export function changesText(cluster: Cluster, rule: ChangeRule, changes: ChangeSet): string {
  const { gap, keys, isEmpty } = changes;
  const patterns = patternsOf(rule);
  const unknown = gap
    ? l10n.t('Revisions {0} to {1} of etcd {2} are unknown.', gap.from, gap.to, cluster.name)
    : '';
  if (isEmpty) return [l10n.t('Keys of {0} may have changed.', patterns), unknown].join(' ').trim();
  const [first] = keys;
  const known =
    changes.unlisted > 0
      ? l10n.t('More than {0} keys of {1} changed in etcd {2}.', keys.length, patterns, cluster.name)
      : keys.length > 1
        ? l10n.t('{0} keys of {1} changed in etcd {2}.', keys.length, patterns, cluster.name)
        : l10n.t('{0} changed in etcd {1}.', keyText(first!.key, 100), cluster.name);
  return [known, unknown].join(' ').trim();
}

/** `web-1`, `12 hosts (role=web)`. */
export function hostsText(hosts: readonly Host[], selector: string): string {
  if (hosts.length === 1) return hosts[0]!.name;
  return `${hostCount(hosts.length)} (${printable(selector, namesLength)})`;
}

/** What became of a run: `2 ok, 1 failed (web-3)`. */
export function runText({ summary, results }: RunReport): string {
  const namesWith = (status: string) =>
    namesOf(results.filter((result) => result.status === status).map(({ host }) => host));
  return [
    ...(summary.ok > 0 ? [l10n.t('{0} ok', summary.ok)] : []),
    ...(summary.failed > 0 ? [l10n.t('{0} failed ({1})', summary.failed, namesWith('failed'))] : []),
    ...(summary.stopped > 0
      ? [l10n.t('{0} stopped while running ({1})', summary.stopped, namesWith('stopped'))]
      : []),
    ...(summary.skipped > 0 ? [l10n.t('{0} not started ({1})', summary.skipped, namesWith('skipped'))] : []),
  ].join(', ');
}

/** The checks of hosts: `11 healthy, 1 unhealthy (web-3)`; they count, not the hosts. */
export function checksText(results: readonly CheckResult[]): string {
  const statuses = ['healthy', 'degraded', 'unhealthy', 'skipped'] as const;
  return statuses
    .flatMap((status) => {
      const of = results.filter((result) => result.status === status);
      if (of.length === 0) return [];
      const counted = `${of.length} ${statusWord(status)}`;
      return status === 'healthy' ? [counted] : [`${counted} (${namesOf(of.map(({ host }) => host))})`];
    })
    .join(', ');
}

/** The names of hosts, as many as fit into a notification. */
export function namesOf(names: readonly string[]): string {
  return printable(compactHostSet([...new Set(names)].slice(0, 1000)), namesLength);
}

/** Keys and revisions; values may be secrets. */
export function logText({ keys, unlisted, gap }: ChangeSet): string {
  const named = keys.slice(0, loggedKeys).map(({ key, after, isDeleted }) => {
    return `${keyText(key, 100)} (${isDeleted ? 'deleted, ' : ''}revision ${after})`;
  });
  const more = keys.length - named.length + unlisted;
  return [
    `${keys.length}${unlisted > 0 ? '+' : ''} keys changed`,
    ...(gap ? [`revisions ${gap.from} to ${gap.to} are unknown`] : []),
    ...named,
    ...(more > 0 ? [`${more} more`] : []),
  ].join(', ');
}
