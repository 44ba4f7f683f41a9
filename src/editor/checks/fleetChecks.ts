import { l10n } from 'vscode';
import type { CheckOptions, CheckResult, CheckTarget } from '../../core/checks/checkBatch';
import type { Logger } from '../../core/host';
import type { Batches } from '../batches';
import type { Fleet } from '../fleets/fleet';
import { fileUri } from '../fleets/fleets';
import { showHostKeyMismatches } from '../prompts/hostKeyMismatch';
import { concurrencySetting, timeoutSetting } from '../settings';

export type CheckPlan = ReadonlyMap<Fleet, readonly CheckTarget[]>;

export interface FleetCheckOptions extends Pick<Partial<CheckOptions>, 'maxFailures' | 'overrideCircuit'> {
  /** Ends the batch, beside the user's own cancel. */
  signal?: AbortSignal;
  /** No notification: whoever asked shows the progress, or nobody is waiting. */
  quiet?: boolean;
  onResult?: (result: CheckResult, fleet: Fleet) => void;
}

/** Every check that the editor makes goes through here: verdicts on screen, progress, trust and the log. */
export class FleetChecks {
  constructor(
    private readonly batches: Batches,
    private readonly logger: Logger,
  ) {}

  /** @throws MusterError CANCELLED when the workspace is not trusted */
  async check(plan: CheckPlan, options: FleetCheckOptions = {}): Promise<CheckResult[]> {
    const total = [...plan.values()].reduce((sum, targets) => sum + targets.length, 0);
    const title = l10n.t('Muster: checking');
    const results = await this.batches.run({ title, total, ...options }, async ({ signal, ended }) => {
      const reports = [...plan].map(([fleet, targets]) =>
        this.checkFleet(fleet, targets, { ...options, signal }, (result) =>
          ended(result.status === 'unhealthy'),
        ),
      );
      return (await Promise.all(reports)).flat();
    });
    showHostKeyMismatches(results);
    return results;
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
          fleet.record(result);
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
