import type { CheckStatus } from '../../core/checks/probe';
import type { RunStatus } from '../../core/runs/runBatch';
import type { Colors } from './outputStream';

export type Status = CheckStatus | RunStatus;

const hues = {
  healthy: 'green',
  ok: 'green',
  degraded: 'yellow',
  unhealthy: 'red',
  failed: 'red',
  skipped: 'dim',
} as const satisfies Record<Status, keyof Colors>;

export function paintStatus(colors: Colors, status: Status, text: string): string {
  return colors[hues[status]](text);
}
