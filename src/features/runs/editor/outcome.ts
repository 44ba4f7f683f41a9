import { l10n } from 'vscode';
import type { RunResult, RunStatus } from '../core/runBatch';
import type { RunTiming } from '../core/timing';
import { latency } from '../../../shell/editor/hosts/wording';

/** How a host ended, in a word or two. */
export function outcomeText({ status, signal, exitCode, error }: RunResult): string {
  if (status === 'ok') return l10n.t('ok');
  if (status === 'stopped') return l10n.t('stopped while running');
  if (status === 'skipped') return l10n.t('not started');
  if (signal) return l10n.t('signal {0}', signal);
  if (error && error.code !== 'EXIT_STATUS') return error.code;
  return exitCode === null ? l10n.t('no exit status') : l10n.t('exit status {0}', exitCode);
}

/** How long a host took in all, and of that to connect and to run. */
export function timingWords({ totalMs, connectMs, runMs }: RunTiming): string[] {
  return [
    ...(totalMs === undefined ? [] : [latency(totalMs)]),
    ...(connectMs === undefined ? [] : [l10n.t('connect {0}', latency(connectMs))]),
    ...(runMs === undefined ? [] : [l10n.t('run {0}', latency(runMs))]),
  ];
}

/** Runs stored by earlier versions do not count those stopped while running: they were counted as skipped. */
type RunCounts = Readonly<Record<Exclude<RunStatus, 'stopped'>, number> & { stopped?: number }>;

/** `2 ok, 1 failed`: how many hosts ended how. */
export function summaryText({ ok, failed, stopped = 0, skipped }: RunCounts): string {
  return [
    ...(ok > 0 ? [l10n.t('{0} ok', ok)] : []),
    ...(failed > 0 ? [l10n.t('{0} failed', failed)] : []),
    ...(stopped > 0 ? [l10n.t('{0} stopped while running', stopped)] : []),
    ...(skipped > 0 ? [l10n.t('{0} not started', skipped)] : []),
  ].join(', ');
}
