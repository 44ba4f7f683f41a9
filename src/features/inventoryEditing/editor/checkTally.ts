import type { Check } from '../../checks/core/check';
import type { Tally } from '../../../shell/editor/fleets/checkVerdicts';
import type { Fleet } from '../../../shell/editor/fleets/fleet';

/** The last results of one check on its hosts. */
export function checkTally({ verdicts }: Pick<Fleet, 'verdicts'>, { name, hosts }: Check): Tally {
  const tally: Tally = {
    ...{ unhealthy: 0, degraded: 0, healthy: 0, skipped: 0, unknown: 0 },
    ...{ pending: 0, total: hosts.length, stale: 0, turning: 0 },
  };
  for (const host of hosts) {
    const { status = 'unknown', turning } = verdicts.result(host, name) ?? {};
    tally[status]++;
    if (status === 'healthy' && turning) tally.turning++;
    if (verdicts.isPending(host, name)) tally.pending++;
  }
  return tally;
}
