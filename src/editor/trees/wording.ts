import { l10n } from 'vscode';
import type { Tally, Verdict } from '../fleets/checkVerdicts';

export function statusWord(status: Verdict): string {
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

/** Milliseconds as people read them: `3.4 ms`, `120 ms`, `2.5 s`. */
export function latency(ms: number): string {
  if (ms >= 1000) return l10n.t('{0} s', (ms / 1000).toFixed(1));
  return l10n.t('{0} ms', ms < 10 ? ms.toFixed(1) : Math.round(ms));
}

export function hostCount(count: number): string {
  return count === 1 ? l10n.t('1 host') : l10n.t('{0} hosts', count);
}

/** `18/20 healthy · 2 unhealthy`, or how many hosts there are while none was checked. */
export function tallyText(tally: Tally): string {
  const checked = tally.total - tally.unknown;
  if (checked === 0) return tally.pending > 0 ? l10n.t('checking…') : hostCount(tally.total);
  return [
    l10n.t('{0}/{1} healthy', tally.healthy, tally.total),
    ...(tally.degraded > 0 ? [l10n.t('{0} degraded', tally.degraded)] : []),
    ...(tally.unhealthy > 0 ? [l10n.t('{0} unhealthy', tally.unhealthy)] : []),
  ].join(' · ');
}
