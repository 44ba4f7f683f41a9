import { createHash } from 'node:crypto';
import type { Inventory } from '../../../../platform/inventory/model';
import type { EtcdSettings } from '../client/etcdSettings';
import { namesHost } from '../keys/keyPatternProblem';
import type { ChangeRule } from './changeRule';
import type { ChangeSet } from './changeRules';

/** What a standing consent is for: the rule to the letter, the cluster to the letter, and the inventory that they are in. */
export function consentId(
  inventory: Pick<Inventory, 'file'> & Partial<Pick<Inventory, 'hosts'>>,
  settings: EtcdSettings,
  rule: ChangeRule,
): string {
  // The text leaves out where they stand and which hosts the selector means today, but says whether this machine is among them.
  const here = rule.hosts.filter((name) => inventory.hosts?.get(name)?.transport === 'local');
  const text = (name: string, value: unknown) => (name === 'source' || name === 'hosts' ? undefined : value);
  return createHash('sha256')
    .update(JSON.stringify([inventory.file, settings, rule, ...here], text))
    .digest('hex');
}

/** The names of the hosts that changes affect, in the inventory's order. */
export function affectedHosts(rule: ChangeRule, { affectsAll, gap, names }: ChangeSet): readonly string[] {
  const isAll = affectsAll || (gap !== undefined && !rule.keys.every(namesHost));
  return isAll ? rule.hosts : rule.hosts.filter((name) => names.has(name));
}
