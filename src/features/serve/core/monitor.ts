import type { Traced } from '../../../platform/batch/conduct';
import { errorReport } from '../../../platform/errors/errors';
import type { CheckTarget } from '../../checks/core/check';
import type { CheckResult } from '../../checks/core/checkBatch';
import { CheckStates, type CheckState, type KeptState, type StateChange } from './checkStates';
import { Schedule } from './schedule';
import { Slots } from './slots';

/** Makes one check; never rejects: what goes wrong is in its result. */
export type MakeCheck = (
  target: CheckTarget,
  options: { signal: AbortSignal; timeoutMs?: number },
) => Promise<Traced<CheckResult>>;

export interface MonitorOptions {
  check: MakeCheck;
  /** Milliseconds, where a check does not say. */
  defaultIntervalMs: number;
  /** Checks under way at most. */
  concurrency: number;
  changed: (change: StateChange) => void;
}

/** Makes the checks of an inventory at their intervals for as long as it runs. */
export class Monitor {
  readonly states: CheckStates;
  readonly schedule: Schedule<CheckState>;
  readonly slots: Slots;
  private readonly ending = new AbortController();
  /** What is under way, by the keys of the checks: the last of each, which those before it end before. */
  private readonly underWay = new Map<string, Promise<CheckResult>>();

  constructor(private readonly options: MonitorOptions) {
    this.states = new CheckStates(options.defaultIntervalMs, options.changed);
    this.slots = new Slots(options.concurrency);
    this.schedule = new Schedule(this.slots, (state) => this.make(state));
  }

  /** From now on these are its checks. */
  replace(targets: readonly CheckTarget[], kept?: ReadonlyMap<string, KeptState>): void {
    this.states.replace(targets, kept);
    this.schedule.replace(this.states.all);
  }

  /** Begins no more checks by itself and waits for those under way; all that there are, are cancelled when `limit` aborts. */
  async stop(limit: AbortSignal): Promise<void> {
    limit.addEventListener('abort', () => this.ending.abort(), { once: true });
    await this.schedule.stop();
  }

  /** Makes a check out of turn, when a slot is free. */
  async makeNow(state: CheckState): Promise<CheckResult> {
    const release = await this.slots.take();
    return this.make(state).finally(release);
  }

  /** A check does not overlap itself: one that is asked for while it is under way follows. */
  private make(state: CheckState): Promise<CheckResult> {
    const { key } = state;
    const before = this.underWay.get(key);
    const made = before ? before.then(() => this.perform(state)) : this.perform(state);
    this.underWay.set(key, made);
    return made.finally(() => {
      if (this.underWay.get(key) === made) this.underWay.delete(key);
    });
  }

  private async perform(state: CheckState): Promise<CheckResult> {
    const hindrance = this.states.hindrance(state);
    const { host, check } = state.target;
    const result: Traced<CheckResult> = hindrance
      ? {
          ...{ host: host.name, check: check.name, status: 'skipped', latencyMs: 0 },
          ...{ message: hindrance.message, error: errorReport(hindrance), traceId: '', measurements: [] },
        }
      : await this.options.check(state.target, { signal: this.ending.signal });
    // A check that was cut short has found nothing.
    if (result.error?.code !== 'CANCELLED') this.states.take(state, result);
    return result;
  }
}
