import type { CheckStatus } from '../../../checks/core/probe';
import { printable } from '../../../../platform/text/printable';
import type { CheckState } from '../checkStates';

/** What is alerted of a check on a host, as Alertmanager has it. */
export interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  readonly startsAt: number;
}

const names: Partial<Record<CheckStatus, { alertname: string; severity: string }>> = {
  unhealthy: { alertname: 'MusterCheckUnhealthy', severity: 'critical' },
  degraded: { alertname: 'MusterCheckDegraded', severity: 'warning' },
};

/** Undefined while nothing is wrong; what was skipped since then takes nothing back. */
export function alertOf({ target, judged, since, result }: CheckState): Alert | undefined {
  const name = judged && names[judged];
  if (!name || since === undefined) return undefined;
  const { host, check } = target;
  return {
    labels: { ...name, host: host.name, check: check.name, type: check.type },
    annotations: {
      summary: `${check.name} on ${host.name} is ${judged}`,
      description: printable(result?.message ?? '', 500),
    },
    startsAt: since,
  };
}
