import type { Check } from './check';
import type { CheckResult } from './checkBatch';
import type { CheckStatus } from './probe';

/** As much of a result as its state comes from. */
type Held = Pick<CheckResult, 'host' | 'check' | 'status' | 'turning'>;

interface State {
  status: CheckStatus;
  /** Results in a row that speak against it. */
  against: number;
}

/**
 * The states of checks that are made again and again: `unhealthyAfter` unhealthy results in a row make one unhealthy,
 * `healthyAfter` others end that. The first result counts at once, and what was not checked says nothing.
 */
export class Steadiness {
  private readonly states = new Map<string, State>();

  /** The result with the state that the check is in now; where that is not what was found, `turning` says so. */
  hold<Result extends CheckResult>(result: Result, { unhealthyAfter = 1, healthyAfter = 1 }: Check): Result {
    const { host, check, status } = result;
    if (status === 'skipped') return result;
    const key = `${host}\0${check}`;
    const state = this.states.get(key);
    const needed = status === 'unhealthy' ? unhealthyAfter : healthyAfter;
    if (
      !state ||
      (state.status === 'unhealthy') === (status === 'unhealthy') ||
      state.against + 1 >= needed
    ) {
      this.states.set(key, { status, against: 0 });
      return result;
    }
    state.against++;
    return { ...result, status: state.status, turning: { to: status, count: state.against, of: needed } };
  }

  /** What a person was shown, or an earlier process has held, is the state from now on, however it was found. */
  settle({ host, check, status, turning }: Held): void {
    if (status !== 'skipped') this.states.set(`${host}\0${check}`, { status, against: turning?.count ?? 0 });
  }
}
