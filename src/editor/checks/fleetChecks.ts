import { type Disposable, EventEmitter, l10n } from 'vscode';
import type { CheckOptions, CheckResult, CheckTarget } from '../../core/checks/checkBatch';
import type { Logger } from '../../core/host';
import type { Batches } from '../batches';
import type { Verdict } from '../fleets/checkVerdicts';
import type { Fleet } from '../fleets/fleet';
import { fileUri } from '../fleets/fleets';
import { unattended } from '../prompts/unattended';
import { showHostKeyMismatches } from '../prompts/hostKeyMismatch';
import { concurrencySetting, timeoutSetting } from '../settings';

export type CheckPlan = ReadonlyMap<Fleet, readonly CheckTarget[]>;

export interface FleetCheckOptions extends Pick<Partial<CheckOptions>, 'maxFailures' | 'overrideCircuit'> {
  /** Ends the batch, beside the user's own cancel. */
  signal?: AbortSignal;
  /** No notification: whoever asked shows the progress, or nobody is waiting. */
  quiet?: boolean;
  onResult?: (result: CheckResult, fleet: Fleet) => void;
  /** Nobody asked for this one, so nobody is asked anything either. */
  automatic?: boolean;
}

/** A result as it came. */
export interface RecordedResult {
  fleet: Fleet;
  result: CheckResult;
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
  private underWay = 0;
  readonly onDidRecord = this.recorded.event;
  readonly onDidEnd = this.ended.event;
  /** Fires when no check is under way any more, however the last one ended. */
  readonly onDidSettle = this.settled.event;

  constructor(
    private readonly batches: Batches,
    private readonly logger: Logger,
  ) {}

  /** Whether any check is under way. */
  get busy(): boolean {
    return this.underWay > 0;
  }

  dispose(): void {
    this.recorded.dispose();
    this.ended.dispose();
    this.settled.dispose();
  }

  /** @throws MusterError CANCELLED when the workspace is not trusted */
  async check(plan: CheckPlan, options: FleetCheckOptions = {}): Promise<CheckResult[]> {
    const automatic = options.automatic ?? false;
    const before = new Map([...plan].map(([fleet, targets]) => [fleet, verdictsOf(fleet, targets)]));
    const mismatched = mismatchesOf(plan);
    this.underWay++;
    try {
      const results = await (automatic
        ? unattended(() => this.checkAll(plan, { ...options, quiet: true }))
        : this.checkAll(plan, options));
      // Every few minutes the same alarm would be one that nobody reads.
      showHostKeyMismatches(automatic ? results.filter((result) => !mismatched.has(keyOf(result))) : results);
      this.ended.fire({ automatic, before });
      return results;
    } finally {
      if (--this.underWay === 0) this.settled.fire();
    }
  }

  private async checkAll(plan: CheckPlan, options: FleetCheckOptions): Promise<CheckResult[]> {
    const total = [...plan.values()].reduce((sum, targets) => sum + targets.length, 0);
    const title = l10n.t('Muster: checking');
    return this.batches.run(
      { title, total, unattended: options.automatic, ...options },
      async ({ signal, ended }) => {
        const reports = [...plan].map(([fleet, targets]) =>
          this.checkFleet(fleet, targets, { ...options, signal }, (result) =>
            ended(result.status === 'unhealthy'),
          ),
        );
        return (await Promise.all(reports)).flat();
      },
    );
  }

  private async checkFleet(
    fleet: Fleet,
    targets: readonly CheckTarget[],
    { signal, maxFailures, overrideCircuit = true, onResult }: FleetCheckOptions,
    ended: (result: CheckResult) => void,
  ): Promise<CheckResult[]> {
    if (targets.length === 0) return [];
    const concurrency = concurrencySetting.get(fileUri(fleet));
    fleet.begin(targets);
    const report = await fleet.use((core) =>
      core.check(targets, {
        ...(concurrency !== undefined && { concurrency }),
        timeoutMs: timeoutSetting.get(fileUri(fleet)),
        maxFailures,
        signal,
        overrideCircuit,
        onResult: (result) => {
          const at = Date.now();
          fleet.record(result, at);
          this.recorded.fire({ fleet, result, at });
          ended(result);
          onResult?.(result, fleet);
        },
      }),
    );
    const { healthy, degraded, unhealthy, skipped, durationMs } = report.summary;
    this.logger.info(
      `checked ${targets.length} targets of ${fleet.file} in ${durationMs} ms: ${healthy} healthy, ${degraded} degraded, ${unhealthy} unhealthy, ${skipped} skipped (${report.traceId})`,
    );
    return report.results;
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

function keyOf({ host, check }: CheckResult): string {
  return `${host}\0${check}`;
}
