import type { Host, Inventory } from '../../../platform/inventory/model';
import { selectHosts, type SelectorScope } from '../../../platform/inventory/selection/selector';
import { UsageError } from '../../../shell/cli/exitStatus';
import { t } from '../../../shell/cli/l10n';
import type { LastRunFile } from './lastRun';

/** Those of the hosts that `--limit` names as well. @throws UsageError, MusterError INVENTORY */
export async function limited(
  inventory: Inventory,
  hosts: Host[],
  limits: readonly string[],
  lastRun: LastRunFile,
): Promise<Host[]> {
  if (limits.length === 0) return hosts;
  let scope: SelectorScope = inventory;
  if (limits.some((limit) => /(?:^|,)\s*!?\s*@failed\s*(?:,|$)/.test(limit))) {
    if (inventory.groups.has('failed'))
      throw new UsageError(
        t('--limit @failed: the inventory has a group of that name: for the group write “failed”'),
      );
    const failed = { hosts: await lastRun.failed(inventory) };
    scope = { hosts: inventory.hosts, groups: new Map([...inventory.groups, ['failed', failed]]) };
  }
  const named = new Set(selectHosts(scope, limits));
  const left = hosts.filter((host) => named.has(host));
  if (left.length > 0) return left;
  throw new UsageError(t('--limit {0}: none of the selected hosts is among these', limits.join(' ')));
}
