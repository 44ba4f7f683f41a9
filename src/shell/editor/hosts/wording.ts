import { l10n } from 'vscode';
import type { CheckResult } from '../../../features/checks/core/checkBatch';
import type { Inventory } from '../../../platform/inventory/model';
import { printable } from '../../../platform/text/printable';
import type { Tally, Verdict } from '../fleets/checkVerdicts';

const statusWords: Partial<Record<Verdict, string>> = {};

/** Every row of thousands has one, and looking up a translation takes longer than the rest of some of them. */
export function statusWord(status: Verdict): string {
  return (statusWords[status] ??= translated(status));
}

function translated(status: Verdict): string {
  switch (status) {
    case 'healthy':
      return l10n.t('healthy');
    case 'degraded':
      return l10n.t('degraded');
    case 'unhealthy':
      return l10n.t('unhealthy');
    case 'skipped':
      return l10n.t('skipped');
    case 'unknown':
      return l10n.t('not checked');
  }
}

/** What a check becomes if more results in a row are like the last: `unhealthy 1 of 3 times`. */
export function turningWord({ to, count, of }: NonNullable<CheckResult['turning']>): string {
  return l10n.t('{0} {1} of {2} times', statusWord(to), count, of);
}

/** Why a check was not made that comes after another one. */
export function hindranceOf({ message, error }: Pick<CheckResult, 'message' | 'error'>): string[] {
  return error?.code === 'DEPENDENCY' ? [printable(message)] : [];
}

/** Milliseconds as people read them: `3.4 ms`, `120 ms`, `2.5 s`. */
export function latency(ms: number): string {
  if (ms >= 1000) return l10n.t('{0} s', (ms / 1000).toFixed(1));
  return l10n.t('{0} ms', ms < 10 ? ms.toFixed(1) : Math.round(ms));
}

export function hostCount(count: number): string {
  return count === 1 ? l10n.t('1 host') : l10n.t('{0} hosts', count);
}

/** Whether nothing may be changed on any of the hosts, so that commands and terminals are refused. */
export function isReadOnly(inventory: Inventory | undefined, hosts: readonly string[]): boolean {
  return hosts.length > 0 && hosts.every((name) => inventory?.hosts.get(name)?.readOnly);
}

/** What a row of these hosts says of that. */
export function readOnlyWord(inventory: Inventory | undefined, hosts: readonly string[]): string[] {
  return isReadOnly(inventory, hosts) ? [l10n.t('read-only')] : [];
}

/** `20/20 healthy`, `17/20 · 2 unhealthy · 1 degraded`, or how many hosts there are while none was checked. */
export function tallyText(tally: Tally): string {
  const { healthy, degraded, unhealthy, skipped, turning, unknown, pending, total } = tally;
  if (unknown === total) return pending > 0 ? l10n.t('checking…') : hostCount(total);
  return [
    unhealthy + degraded === 0 ? l10n.t('{0}/{1} healthy', healthy, total) : `${healthy}/${total}`,
    ...(unhealthy > 0 ? [l10n.t('{0} unhealthy', unhealthy)] : []),
    ...(degraded > 0 ? [l10n.t('{0} degraded', degraded)] : []),
    ...(skipped > 0 ? [l10n.t('{0} skipped', skipped)] : []),
    ...(turning > 0 ? [l10n.t('{0} may change', turning)] : []),
  ].join(' · ');
}
