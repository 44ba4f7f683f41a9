import type { ExtraProbes } from '../core/extraProbes';
import { type Disposable, EventEmitter, l10n } from 'vscode';
import type { CheckOptions, CheckReport, CheckResult, CheckTarget } from '../core/checkBatch';
import { Steadiness } from '../core/steadiness';
import type { Traced } from '../../../platform/batch/conduct';
import type { Batches, FleetBatch } from '../../../shell/editor/batches';
import type { Verdict } from '../../../shell/editor/fleets/checkVerdicts';
import type { Fleet } from '../../../shell/editor/fleets/fleet';
import { fileUri } from '../../../shell/editor/fleets/fleets';
import { unattended } from '../../../shell/editor/prompts/unattended';
import { timeoutSetting } from '../../../shell/editor/settings';

export type CheckPlan = ReadonlyMap<Fleet, readonly CheckTarget[]>;

export interface FleetCheckOptions extends Pick<Partial<CheckOptions>, 'maxFailures' | 'overrideCircuit'> {
  /** Ends the batch, beside the user's own cancel. */
  signal?: AbortSignal;
  /** No notification: whoever asked shows the progress, or nobody is waiting. */
  quiet?: boolean;
  /** With the state that the check is in now. */
  onResult?: (result: Traced<CheckResult>, fleet: Fleet) => void;
  /** Nobody asked for this one, so nobody is asked anything either. */
  automatic?: boolean;
}

/** A result as it came. */
export interface RecordedResult {
  fleet: Fleet;
  result: Traced<CheckResult>;
  /** The same with the state that the check is in now, which a single result may not change. */
  held: Traced<CheckResult>;
  /** Milliseconds since the epoch. */
  at: number;
}

/** A batch that has ended, with what was known of its hosts before. */
export interface EndedChecks {
  automatic: boolean;
  before: ReadonlyMap<Fleet, ReadonlyMap<string, Verdict>>;
}

/** Every check that the editor makes goes through here: verdicts on screen, progress, trust and the log. */
export class FleetChecks implements Disposable {
  private readonly recorded = new EventEmitter<RecordedResult>();
  private readonly ended = new EventEmitter<EndedChecks>();
  private readonly settled = new EventEmitter<void>();
  private readonly states = new WeakMap<Fleet, Steadiness>();
  private underWay = 0;
  readonly onDidRecord = this.recorded.event;
  readonly onDidEnd = this.ended.event;
  /** Fires when no check is under way any more, however the last one ended. */
  readonly onDidSettle = this.settled.event;

  constructor(private readonly batches: Batches) {}

  /** Whether any check is under way. */
  get busy(): boolean {
    return this.underWay > 0;
  }

  dispose(): void {
    this.recorded.dispose();
    this.ended.dispose();
    this.settled.dispose();
  }

  /** @throws MusterError UNTRUSTED when the workspace is not trusted */
  async check(plan: CheckPlan, options: FleetCheckOptions = {}): Promise<Traced<CheckResult>[]> {
    const automatic = options.automatic ?? false;
    const before = new Map([...plan].map(([fleet, targets]) => [fleet, verdictsOf(fleet, targets)]));
    this.underWay++;
    try {
      const reports = await (automatic
        ? unattended(() => this.checkAll(plan, { ...options, quiet: true }))
        : this.checkAll(plan, options));
      this.ended.fire({ automatic, before });
      return reports.flatMap(({ results }) => results);
    } finally {
      if (--this.underWay === 0) this.settled.fire();
    }
  }

  private checkAll(plan: CheckPlan, options: FleetCheckOptions): Promise<CheckReport[]> {
    const batches = [...plan]
      .filter(([, targets]) => targets.length > 0)
      .map(([fleet, targets]) => this.batchOf(fleet, targets, options));
    const known = mismatchesOf(plan);
    const total = [...plan.values()].reduce((sum, targets) => sum + targets.length, 0);
    return this.batches.conduct<CheckResult, CheckReport>(
      {
        title: l10n.t('Muster: checking'),
        total,
        message: (ended, unhealthy) =>
          unhealthy > 0 ? l10n.t('{0}, {1} unhealthy', `${ended}/${total}`, unhealthy) : `${ended}/${total}`,
        ...{ unattended: options.automatic, signal: options.signal, quiet: options.quiet },
        ...(options.automatic && { isKnown: (result) => known.has(keyOf(result)) }),
      },
      batches,
    );
  }

  /** What a person asked for counts at once; what is repeated counts when it has come often enough. */
  private stateOf(
    fleet: Fleet,
    result: Traced<CheckResult>,
    { check }: CheckTarget,
    automatic: boolean,
  ): Traced<CheckResult> {
    const states = this.states.get(fleet) ?? new Steadiness();
    this.states.set(fleet, states);
    if (automatic) return states.hold(result, check);
    states.settle(result);
    return result;
  }

  private batchOf(
    fleet: Fleet,
    targets: readonly CheckTarget[],
    { maxFailures, overrideCircuit = true, onResult, automatic = false }: FleetCheckOptions,
  ): FleetBatch<CheckResult, CheckReport> {
    return {
      fleet,
      start: (control) =>
        fleet.use((core) => {
          const begun = new Map(
            targets.map((target) => [keyOf({ host: target.host.name, check: target.check.name }), target]),
          );
          // Not before there is an engine: nothing else would end what this begins.
          fleet.begin(targets);
          return core.check(targets, {
            ...{ ...control, maxFailures, overrideCircuit },
            timeoutMs: timeoutSetting.get(fileUri(fleet)),
            onResult: (result) => {
              const target = begun.get(keyOf(result))!;
              let held = result;
              // What was found at an old address says nothing of the host that has the name now.
              if (fleet.isSuperseded(target)) fleet.abandon(target);
              else {
                const at = Date.now();
                held = this.stateOf(fleet, result, target, automatic);
                fleet.record(held, at);
                this.recorded.fire({ fleet, result, held, at });
              }
              control.onResult(result);
              onResult?.(held, fleet);
            },
          });
        }),
    };
  }
}

function verdictsOf(fleet: Fleet, targets: readonly CheckTarget[]): Map<string, Verdict> {
  return new Map(targets.map(({ host }) => [host.name, fleet.verdicts.host(host.name).status]));
}

function mismatchesOf(plan: CheckPlan): Set<string> {
  const known = [...plan].flatMap(([fleet, targets]) =>
    targets.flatMap(({ host, check }) => fleet.verdicts.result(host.name, check.name) ?? []),
  );
  return new Set(known.filter(({ error }) => error?.code === 'HOST_KEY_MISMATCH').map(keyOf));
}

function keyOf({ host, check }: Pick<CheckResult, 'host' | 'check'>): string {
  return `${host}\0${check}`;
}

declare module '../../../shell/editor/services' {
  interface Services {
    readonly checks: FleetChecks;
    /** Kinds of checks that other extensions registered. */
    readonly extraProbes: ExtraProbes;
  }
}
