import { l10n, type QuickPickItem, QuickPickItemKind } from 'vscode';
import { labelSelector } from '../../../platform/inventory/selection/labelSelector';
import type { Inventory } from '../../../platform/inventory/model';
import { resolveSelectors } from '../../../platform/inventory/selection/selector';
import { hostCount } from '../hosts/wording';
import { splitSelectors } from './splitSelectors';

/** The item without a selector stands for what is typed. */
export interface SelectorItem extends QuickPickItem {
  selector?: string;
}

/** Groups and labels: what an inventory offers by itself. */
export function suggestSelectors(inventory: Inventory): SelectorItem[] {
  const labels = new Map<string, number>();
  for (const host of inventory.hosts.values()) {
    for (const [label, value] of Object.entries(host.labels)) {
      const selector = labelSelector(label, value);
      if (selector !== undefined) labels.set(selector, (labels.get(selector) ?? 0) + 1);
    }
  }
  const shownLabels = 50;
  const shared = [...labels]
    .filter(([, count]) => count < inventory.hosts.size)
    .sort(([, a], [, b]) => b - a)
    .slice(0, shownLabels)
    .filter((offered) => selects(inventory, offered));
  return [
    { label: l10n.t('All hosts'), description: hostCount(inventory.hosts.size), selector: '*' },
    ...section(
      l10n.t('Groups'),
      [...inventory.groups.values()]
        .map(({ name, hosts }): [string, number] => [`@${name}`, hosts.length])
        .filter((offered) => selects(inventory, offered)),
    ),
    ...section(l10n.t('Labels'), shared),
  ];
}

/** Whether what is offered can be chosen, and selects as many hosts as it says. */
function selects(inventory: Inventory, [selector, count]: [string, number]): boolean {
  const { hosts, problem } = resolveSelectors(inventory, splitSelectors(selector));
  return hosts.length === count && (!problem || problem.kind === 'empty');
}

function section(title: string, entries: readonly (readonly [string, number])[]): SelectorItem[] {
  if (entries.length === 0) return [];
  return [
    { label: title, kind: QuickPickItemKind.Separator },
    ...entries.map(([selector, count]) => ({ label: selector, description: hostCount(count), selector })),
  ];
}
