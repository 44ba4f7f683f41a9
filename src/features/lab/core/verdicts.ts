import type { CheckStatus } from '../../checks/core/probe';
import type { RunningHost } from './runningHost';
import { certificateWarnDays, diskWarnPercent } from './workspaceText';

/** A result of `muster check`. */
export interface Verdict {
  host: string;
  check: string;
  status: CheckStatus;
}

/** What the checks of the lab's inventory find on a host that is not broken, as far as it is not healthy. */
export function sickVerdicts({ plan, web }: RunningHost): Verdict[] {
  const verdict = (check: string, status: CheckStatus): Verdict => ({ host: plan.name, check, status });
  const { certificateDays = Infinity, diskPercent } = plan;
  return [
    ...(web && !web.nextHealthy() ? [verdict('health', 'unhealthy')] : []),
    ...(certificateDays < certificateWarnDays ? [verdict('certificate', 'degraded')] : []),
    ...(diskPercent >= diskWarnPercent ? [verdict('disk', 'degraded')] : []),
  ];
}
