import { l10n } from 'vscode';
import type { RunReport, RunResult } from '../../core/runs/runBatch';

/** How a host ended, in a word or two. */
export function outcomeText({ status, signal, exitCode, error }: RunResult): string {
  if (status === 'ok') return l10n.t('ok');
  if (signal) return l10n.t('signal {0}', signal);
  if (error?.code === 'CANCELLED') return l10n.t('cancelled');
  if (error && error.code !== 'EXIT_STATUS') return error.code;
  return exitCode === null ? l10n.t('skipped') : l10n.t('exit status {0}', exitCode);
}

/** `2 ok, 1 failed`: how many hosts ended how. */
export function summaryText({ ok, failed, skipped }: RunReport['summary']): string {
  return [
    ...(ok > 0 ? [l10n.t('{0} ok', ok)] : []),
    ...(failed > 0 ? [l10n.t('{0} failed', failed)] : []),
    ...(skipped > 0 ? [l10n.t('{0} skipped', skipped)] : []),
  ].join(', ');
}
