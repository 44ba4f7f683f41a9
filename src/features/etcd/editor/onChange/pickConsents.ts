import { l10n, type QuickPickItem, window } from 'vscode';
import { printable } from '../../../../platform/text/printable';
import type { RuleConsents } from './ruleConsents';
import { dateOnly } from '../../../../shell/editor/text/localTime';

/** Lists the standing consents, and withdraws those that are chosen. */
export async function pickConsents(consents: RuleConsents): Promise<void> {
  const items = consents.all.map(([id, { rule, cluster, inventory, command, selector, given }]) => ({
    id,
    label: printable(rule, 100),
    description: printable(`${command} · ${selector}`, 300),
    detail: l10n.t('etcd {0} · {1} · given on {2}', printable(cluster), inventory, dateOnly(new Date(given))),
  })) satisfies (QuickPickItem & { id: string })[];
  if (items.length === 0) {
    await window.showInformationMessage(l10n.t('No rule has your standing consent.'));
    return;
  }
  const chosen = await window.showQuickPick(items, {
    title: l10n.t('Withdraw Consent: these rules will ask again'),
    canPickMany: true,
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (chosen) await consents.withdraw(new Set(chosen.map(({ id }) => id)));
}
