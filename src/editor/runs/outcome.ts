import { l10n } from 'vscode';
import type { RunResult } from '../../core/runs/runBatch';

/** How a host ended, in a word or two. */
export function outcomeText({ status, signal, exitCode, error }: RunResult): string {
  if (status === 'ok') return l10n.t('ok');
  if (signal) return l10n.t('signal {0}', signal);
  if (error?.code === 'CANCELLED') return l10n.t('cancelled');
  if (error && error.code !== 'EXIT_STATUS') return error.code;
  return exitCode === null ? l10n.t('skipped') : l10n.t('exit status {0}', exitCode);
}
