import type { CheckResult } from '../../../features/checks/core/checkBatch';
import type { CheckStatus } from '../../../features/checks/core/probe';

export type Verdict = CheckStatus | 'unknown';

/** What is known of one check, one host or a set of hosts. */
export interface HostVerdict {
  status: Verdict;
  /** Another status that it has if results go on as the last ones were. */
  becoming?: Verdict;
  /** Whether a check of the host is under way or waits for its turn. */
  pending: boolean;
  /** The slowest check, in milliseconds. */
  latencyMs?: number;
  /** When the oldest of the checks that decide was made, in milliseconds since the epoch. */
  checkedAt?: number;
}

export type Tally = Record<Verdict, number> & {
  pending: number;
  total: number;
  /** Hosts whose verdict is out of date. */
  stale: number;
  /** Healthy hosts that are about to be something else. */
  turning: number;
};

/** A check that was not made may hide trouble, so it outweighs those that went well. */
const worstFirst: readonly Verdict[] = ['unhealthy', 'degraded', 'skipped', 'healthy', 'unknown'];

function isWorse(one: Verdict, other: Verdict): boolean {
  return worstFirst.indexOf(one) < worstFirst.indexOf(other);
}

/** Why a check is skipped that is more than this moment's: what was known before is not shown on. */
const lasting: ReadonlySet<string | undefined> = new Set(['DEPENDENCY', 'UNAVAILABLE', 'INTERNAL']);

/** Whether it says nothing: cancelled, or out of the means of this machine for a moment. */
function wasNotMade({ status, error }: CheckResult): boolean {
  return status === 'skipped' && !lasting.has(error?.code);
}

/** The last result of every check on every host of one inventory. */
export class CheckVerdicts {
  /** Results from before this time, in milliseconds since the epoch, are out of date. */
  staleBefore = 0;
  /** Results from before this time are shown with their age. */
  agedBefore = 0;

  private readonly results = new Map<string, Map<string, CheckResult>>();
  private readonly times = new WeakMap<CheckResult, number>();
  private readonly pending = new Map<string, Map<string, number>>();
  private readonly verdicts = new Map<string, HostVerdict>();

  begin(host: string, check: string): void {
    const checks = this.pending.get(host) ?? new Map<string, number>();
    checks.set(check, (checks.get(check) ?? 0) + 1);
    this.pending.set(host, checks);
    this.verdicts.delete(host);
  }

  /**
   * Ends what `begin` began. A check that was not made keeps its earlier verdict, which is still the last one known; one
   * that could not be made does not.
   */
  record(result: CheckResult, at = Date.now()): void {
    this.end(result.host, result.check);
    if (result.status !== 'skipped') this.times.set(result, at);
    const results = this.results.get(result.host) ?? new Map<string, CheckResult>();
    if (!wasNotMade(result) || !results.has(result.check)) results.set(result.check, result);
    this.results.set(result.host, results);
    this.verdicts.delete(result.host);
  }

  /** Ends what `begin` began without a result. */
  abandon(host: string, check: string): void {
    this.end(host, check);
    this.verdicts.delete(host);
  }

  /** Takes what an earlier session found, unless something is known; tells whether it did. */
  restore(result: CheckResult, at: number): boolean {
    const results = this.results.get(result.host) ?? new Map<string, CheckResult>();
    const known = results.get(result.check);
    if (known && !wasNotMade(known)) return false;
    this.times.set(result, at);
    this.results.set(result.host, results.set(result.check, result));
    this.verdicts.delete(result.host);
    return true;
  }

  /** When the last result was found, in milliseconds since the epoch; undefined for a skipped one. */
  checkedAt(host: string, check: string): number | undefined {
    const result = this.result(host, check);
    return result && this.times.get(result);
  }

  result(host: string, check: string): CheckResult | undefined {
    return this.results.get(host)?.get(check);
  }

  isPending(host: string, check: string): boolean {
    return this.pending.get(host)?.has(check) ?? false;
  }

  /** The worst of the host's checks. */
  host(host: string): HostVerdict {
    let verdict = this.verdicts.get(host);
    if (!verdict) this.verdicts.set(host, (verdict = this.summarise(host)));
    return verdict;
  }

  /** Whether nothing of these hosts is under way. */
  isSettled(hosts: readonly string[]): boolean {
    return this.pending.size === 0 || !hosts.some((host) => this.pending.has(host));
  }

  tally(hosts: Iterable<string>): Tally {
    const tally: Tally = {
      unhealthy: 0,
      degraded: 0,
      healthy: 0,
      skipped: 0,
      unknown: 0,
      pending: 0,
      total: 0,
      stale: 0,
      turning: 0,
    };
    for (const name of hosts) {
      const { status, becoming, pending, checkedAt } = this.host(name);
      tally[status]++;
      tally.total++;
      if (status === 'healthy' && becoming) tally.turning++;
      if (pending) tally.pending++;
      if (checkedAt !== undefined && checkedAt < this.staleBefore) tally.stale++;
    }
    return tally;
  }

  /** Forgets results of checks that the inventory no longer has, or has as something else. */
  retain(has: (host: string, check: string) => boolean): void {
    for (const [host, results] of this.results) {
      for (const check of results.keys()) if (!has(host, check)) results.delete(check);
      if (results.size === 0) this.results.delete(host);
    }
    this.verdicts.clear();
  }

  private end(host: string, check: string): void {
    const checks = this.pending.get(host);
    const left = (checks?.get(check) ?? 0) - 1;
    if (left > 0) checks?.set(check, left);
    else checks?.delete(check);
    if (checks?.size === 0) this.pending.delete(host);
  }

  private summarise(host: string): HostVerdict {
    const verdict: HostVerdict = { status: 'unknown', pending: this.pending.has(host) };
    let becoming: Verdict = 'unknown';
    for (const result of this.results.get(host)?.values() ?? []) {
      const { status, turning, latencyMs } = result;
      const next = turning?.to ?? status;
      if (isWorse(next, becoming)) becoming = next;
      if (isWorse(status, verdict.status)) {
        verdict.status = status;
        delete verdict.checkedAt;
      }
      if (status === 'skipped') continue;
      verdict.latencyMs = Math.max(verdict.latencyMs ?? 0, latencyMs);
      const at = this.times.get(result);
      if (status === verdict.status && at !== undefined)
        verdict.checkedAt = Math.min(verdict.checkedAt ?? Infinity, at);
    }
    return becoming === verdict.status ? verdict : { ...verdict, becoming };
  }
}

/** Whether a set stands as healthy while one of its hosts may not stay so. */
export function isTurning(tally: Tally): boolean {
  return tally.turning > 0 && tallyStatus(tally) === 'healthy';
}

/** The tally's worst status; a set is only as healthy as its sickest host. */
export function tallyStatus(tally: Tally): Verdict {
  return worstFirst.find((status) => tally[status] > 0) ?? 'unknown';
}
