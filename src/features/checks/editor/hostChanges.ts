import type { Verdict } from '../../../shell/editor/fleets/checkVerdicts';

/** Names of hosts by what became of them in one batch. */
export interface HostChanges {
  unhealthy: string[];
  degraded: string[];
  recovered: string[];
}

/** A host that was never checked before has not changed. */
export function hostChanges(
  before: ReadonlyMap<string, Verdict>,
  now: (host: string) => Verdict,
): HostChanges {
  const changes: HostChanges = { unhealthy: [], degraded: [], recovered: [] };
  for (const [host, earlier] of before) {
    const later = now(host);
    if (earlier === later || !isKnown(earlier)) continue;
    if (later === 'unhealthy') changes.unhealthy.push(host);
    else if (later === 'degraded' && earlier === 'healthy') changes.degraded.push(host);
    else if (later === 'healthy') changes.recovered.push(host);
  }
  return changes;
}

function isKnown(verdict: Verdict): boolean {
  return verdict === 'healthy' || verdict === 'degraded' || verdict === 'unhealthy';
}
