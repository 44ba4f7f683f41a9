import type { Traced } from '../../../platform/batch/conduct';
import type { CheckTarget } from '../../checks/core/check';
import type { CheckResult } from '../../checks/core/checkBatch';
import { checkLabels } from '../../checks/core/checkFamilies';
import { type CheckOrder, orderOf } from '../../checks/core/checkOrder';
import type { CheckStatus } from '../../checks/core/probe';
import { Steadiness } from '../../checks/core/steadiness';
import type { Recurring } from './schedule';

/** A check on a host with what is known of it. */
export interface CheckState extends Recurring {
  readonly target: CheckTarget;
  /** As the exposition writes them. */
  readonly labels: string;
  /** The last result, held steady. */
  result: Traced<CheckResult> | undefined;
  /** The last judgement: what was skipped says nothing. */
  judged: CheckStatus | undefined;
  /** Milliseconds since the epoch of the last result, and of the last change of `judged`. */
  lastAt: number | undefined;
  since: number | undefined;
  runs: number;
}

/** As much of a state as outlives the process. */
export type KeptState = Pick<CheckState, 'result' | 'judged' | 'lastAt' | 'since'>;

/** A judgement that is not the one before. */
export interface StateChange {
  readonly state: CheckState;
  /** Undefined for the first judgement. */
  readonly before: CheckStatus | undefined;
}

export function stateKey(host: string, check: string): string {
  return `${host}\0${check}`;
}

/** What is known of all checks of an inventory on all of its hosts. */
export class CheckStates {
  private states = new Map<string, CheckState>();
  private steadiness = new Steadiness();
  private order: CheckOrder | undefined;
  private readonly latest = new Map<CheckTarget, CheckResult>();

  constructor(
    private readonly defaultIntervalMs: number,
    private readonly changed: (change: StateChange) => void,
  ) {}

  get all(): Iterable<CheckState> & { readonly size: number } {
    const { states } = this;
    return { [Symbol.iterator]: () => states.values(), size: states.size };
  }

  get(host: string, check: string): CheckState | undefined {
    return this.states.get(stateKey(host, check));
  }

  /** From now on these are the checks; what is known of those that stay is kept, and `kept` is known of others. */
  replace(targets: readonly CheckTarget[], kept: ReadonlyMap<string, KeptState> = this.states): void {
    this.steadiness = new Steadiness();
    this.order = orderOf(targets);
    this.latest.clear();
    this.states = new Map(
      targets.map((target) => {
        const state = this.stateOf(target, kept);
        return [state.key, state];
      }),
    );
  }

  /** Why a check is not made now. */
  hindrance({ target }: CheckState) {
    return this.order?.hindrance(target, this.latest);
  }

  take(state: CheckState, found: Traced<CheckResult>, now = Date.now()): void {
    // A reload may have replaced it meanwhile.
    const current = this.states.get(state.key);
    if (!current) return;
    const held = this.steadiness.hold(found, current.target.check);
    Object.assign(current, { result: held, lastAt: now, runs: current.runs + 1 });
    this.latest.set(current.target, held);
    const before = current.judged;
    if (held.status === 'skipped' || held.status === before) return;
    Object.assign(current, { judged: held.status, since: now });
    this.changed({ state: current, before });
  }

  private stateOf(target: CheckTarget, kept: ReadonlyMap<string, KeptState>): CheckState {
    const { host, check } = target;
    const key = stateKey(host.name, check.name);
    const { result, judged, lastAt, since } = kept.get(key) ?? {};
    if (result) {
      // What was skipped takes nothing back.
      const status = result.status === 'skipped' ? judged : result.status;
      if (status) this.steadiness.settle({ ...result, status });
      this.latest.set(target, result);
    }
    return {
      ...{ key, target, result, judged, lastAt, since },
      labels: checkLabels({ host: host.name, check: check.name }),
      intervalMs: check.intervalMs ?? this.defaultIntervalMs,
      runs: this.states.get(key)?.runs ?? 0,
    };
  }
}
