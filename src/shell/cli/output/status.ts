import type { CheckStatus } from '../../../features/checks/core/probe';
import type { RunStatus } from '../../../features/runs/core/runBatch';
import { t } from '../l10n';
import type { Colors } from './outputStream';

export type Status = CheckStatus | RunStatus;

const hues = {
  healthy: 'green',
  ok: 'green',
  degraded: 'yellow',
  unhealthy: 'red',
  failed: 'red',
  stopped: 'yellow',
  skipped: 'dim',
} as const satisfies Record<Status, keyof Colors>;

export function paintStatus(colors: Colors, status: Status, text: string): string {
  return colors[hues[status]](text);
}

/** How a host of a run or a capture ended. */
export const runWords: Readonly<Record<RunStatus, string>> = {
  ok: 'ok',
  failed: 'failed',
  stopped: 'stopped while running',
  skipped: 'not started',
};

/** `2 ok, 1 failed`: how many hosts ended how. */
export function runCounts(summary: Readonly<Record<RunStatus, number>>, colors: Colors): string {
  return (Object.keys(runWords) as RunStatus[])
    .filter((status) => summary[status] > 0)
    .map((status) => paintStatus(colors, status, `${summary[status]} ${t(runWords[status])}`))
    .join(', ');
}
