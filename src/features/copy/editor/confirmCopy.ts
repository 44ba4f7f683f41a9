import { l10n } from 'vscode';
import { compactHostSet } from '../../../platform/inventory/selection/hostSet';
import { printable } from '../../../platform/text/printable';
import { namesOf } from '../../../shell/editor/commands/pickHosts';
import { hostCount } from '../../../shell/editor/hosts/wording';
import { askBefore } from '../../../shell/editor/prompts/askBefore';
import {
  confirmByTyping,
  protectedHosts,
  protectionText,
  thisMachineText,
} from '../../../shell/editor/prompts/protection';
import type { TransferReport } from '../core/copyBatch';
import { sizeText } from '../core/transfer';
import { type CopyOrder, nameOf } from './transferOrder';
import { verdictText } from './transferText';

/**
 * Asks whether to copy, with what was found to be different, and for the selector to be typed where hosts are protected.
 * `plan`: the person wants to read it first.
 */
export async function confirmCopy(
  order: CopyOrder,
  plan: TransferReport,
): Promise<'copy' | 'plan' | undefined> {
  const protection = await protectedHosts(order.fleet, order.hosts);
  const isProtected = protection.hosts.length > 0;
  const copy = isProtected ? l10n.t('Continue…') : l10n.t('Copy');
  const show = l10n.t('Show Plan');
  const detail = [
    planText(plan),
    namesOf(order.hosts),
    ...thisMachineText(order.hosts),
    ...settingsText(order),
    ...(isProtected ? [protectionText(protection)] : []),
  ].join('\n\n');
  const answer = await askBefore(copyQuestion(order), { refusal: l10n.t("Don't Copy"), detail }, copy, show);
  if (answer === undefined) return undefined;
  if (answer === show) return 'plan';
  return !isProtected || (await typeSelector(order, protection.hosts.length)) ? 'copy' : undefined;
}

/** Names the files, the destination and how many hosts. */
export function copyQuestion(order: CopyOrder): string {
  const { destination, hosts } = order;
  const place = printable(destination, 200);
  return hosts.length === 1
    ? l10n.t('Copy {0} to {1} on {2}?', nameOf(order), place, hosts[0]!.name)
    : l10n.t('Copy {0} to {1} on {2} hosts?', nameOf(order), place, hosts.length);
}

function planText(plan: TransferReport): string {
  const verdict = verdictText(plan, 'plan');
  const { bytes } = plan.summary;
  return bytes > 0 ? `${verdict} (${sizeText(bytes)})` : verdict;
}

function settingsText({ settings: { checksum, backup, resume } }: CopyOrder): string[] {
  const lines = [
    ...(checksum ? [l10n.t('Contents are compared by their SHA-256.')] : []),
    ...(backup ? [l10n.t('What is replaced is kept beside it.')] : []),
    ...(resume ? [l10n.t('A part that was sent is kept, to go on after it.')] : []),
  ];
  return lines.length > 0 ? [lines.join('\n')] : [];
}

function typeSelector(order: CopyOrder, count: number): Promise<boolean> {
  const expected = order.selector.trim() || compactHostSet(order.hosts.map(({ name }) => name));
  return confirmByTyping(expected, {
    title: l10n.t('Copy to protected hosts ({0})', hostCount(count)),
    prompt: l10n.t('Type “{0}” to copy {1} there.', expected, nameOf(order)),
  });
}
