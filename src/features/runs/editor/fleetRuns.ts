import { EventEmitter, l10n, type Disposable } from 'vscode';
import type { Traced } from '../../../platform/batch/conduct';
import type { Host } from '../../../platform/inventory/model';
import type { RunRequest } from '../core/remoteCommand';
import type { RunOptions, RunReport, RunResult } from '../core/runBatch';
import { type BatchControl, type Batches, countsText } from '../../../shell/editor/batches';
import type { Fleet } from '../../../shell/editor/fleets/fleet';
import { fileUri } from '../../../shell/editor/fleets/fleets';
import type { RunControl } from '../../../shell/editor/commands/runChoices';
import { timeoutSetting } from '../../../shell/editor/settings';
import { hostCount } from '../../../shell/editor/hosts/wording';

/** Bytes kept of each of a host's outputs: a document is read, not piped. */
const maxOutput = 1024 * 1024;

/** What to run and where; whoever makes one has asked the user already. */
export interface RunOrder {
  fleet: Fleet;
  hosts: readonly Host[];
  /** The words that chose the hosts. */
  selector: string;
  request: RunRequest;
  /** Who asks, where it is not the user: an extension. */
  askedBy?: string;
  /** What led to it, where it is not the user's own idea. */
  reason?: string;
  /** What to call it instead of its command line, such as the name of a script's file. */
  label?: string;
  options?: Partial<Pick<RunOptions, keyof RunControl | 'stdin' | 'maxOutput'>>;
  /** Ends the batch, beside the user's own cancel. */
  signal?: AbortSignal;
  /** No notification: whoever asked shows the progress. */
  quiet?: boolean;
  /** Called for each host as it ends. */
  onResult?: (result: Traced<RunResult>) => void;
  /** Called with each piece of a host's output as it arrives. */
  onOutput?: RunOptions['onOutput'];
}

/** A run from its first connection on; `report` settles when it has ended. */
export interface LiveRun {
  order: RunOrder;
  startedAt: Date;
  /** Fires for each host as it ends. */
  onResult(listener: (result: Traced<RunResult>) => void): Disposable;
  report: Promise<RunReport>;
  /** Ends it; what was received is kept. */
  cancel: () => void;
}

/** Every run that the editor starts goes through here: progress, trust, the log, and whoever shows runs. */
export class FleetRuns implements Disposable {
  private readonly started = new EventEmitter<LiveRun>();
  readonly onDidStart = this.started.event;

  constructor(private readonly batches: Batches) {}

  /** Resolves when every host has ended. @throws MusterError UNTRUSTED when the workspace is not trusted */
  async run(order: RunOrder, startedAt = new Date()): Promise<RunReport> {
    const results = new EventEmitter<Traced<RunResult>>();
    const ending = new AbortController();
    const signals = [ending.signal, ...(order.signal ? [order.signal] : [])];
    try {
      const cancellable = { ...order, signal: AbortSignal.any(signals) };
      const report = this.start(cancellable, (result) => results.fire(result));
      const cancel = () => ending.abort();
      this.started.fire({ order, startedAt, onResult: results.event, report, cancel });
      return await report;
    } finally {
      results.dispose();
    }
  }

  dispose(): void {
    this.started.dispose();
  }

  private async start(order: RunOrder, onResult: (result: Traced<RunResult>) => void): Promise<RunReport> {
    const { fleet, hosts, request, options } = order;
    const title = l10n.t('Muster: running on {0}', hostCount(hosts.length));
    const message = await progressText(hosts.length, options?.serial);
    const timeoutMs = timeoutSetting.get(fileUri(fleet));
    const start = (control: BatchControl<RunResult>) =>
      fleet.use((core) =>
        core.run(hosts, request, {
          ...{ ...control, timeoutMs, maxOutput, ...options },
          onResult: (result) => {
            control.onResult(result);
            onResult(result);
            order.onResult?.(result);
          },
          ...(order.onOutput && { onOutput: order.onOutput }),
        }),
      );
    const [report] = await this.batches.conduct<RunResult, RunReport>(
      { title, total: hosts.length, message, signal: order.signal, quiet: order.quiet },
      [{ fleet, start }],
    );
    return report!;
  }
}

/** The count of hosts that have ended, how many failed, and which of several batches is under way. */
async function progressText(
  total: number,
  serial: RunOptions['serial'],
): Promise<(ended: number, failed: number) => string> {
  const { batchAt, batchSizes } = await import('../../../platform/batch/fanOut');
  const sizes = batchSizes(total, serial);
  const counts = countsText(total);
  return (ended, failed) => {
    const text = counts(ended, failed);
    return sizes.length > 1
      ? l10n.t('{0} · batch {1} of {2}', text, batchAt(ended, sizes), sizes.length)
      : text;
  };
}

declare module '../../../shell/editor/services' {
  interface Services {
    readonly runs: FleetRuns;
  }
}
