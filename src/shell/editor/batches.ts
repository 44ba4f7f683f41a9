import { setMaxListeners } from 'node:events';
import { type Disposable, EventEmitter, l10n, ProgressLocation, window, workspace } from 'vscode';
import type { Traced } from '../../platform/batch/conduct';
import { MusterError } from '../../platform/errors/errors';
import { isFailure, type Outcome } from '../../platform/errors/outcome';
import { Throttle } from '../../platform/batch/throttle';
import { allEnded } from './allEnded';
import type { Fleet } from './fleets/fleet';
import { fileUri } from './fleets/fleets';
import { showHostKeyMismatches } from './prompts/hostKeyMismatch';
import { concurrencySetting } from './settings';
import { setContext } from './setContext';
import { shellContext } from './contextKeys';

export interface BatchOptions {
  title: string;
  total: number;
  /** Ends the batch, beside the user's own cancel. */
  signal?: AbortSignal;
  /** No notification: whoever asked shows the progress. */
  quiet?: boolean;
  /** What to say once so many have ended. */
  message?: (ended: number, failed: number) => string;
  /** Milliseconds after which it is said anew, though nothing has ended. */
  everyMs?: number;
  /** Nobody asked for it: what was declined in an earlier batch is not asked about again. */
  unattended?: boolean;
}

/** How a batch tells of its progress. */
export interface BatchProgress {
  signal: AbortSignal;
  /** One more target has ended. */
  readonly ended: (failed: boolean) => void;
}

/** What the editor gives to each of the core's batches. */
export interface BatchControl<Result> {
  /** As the settings have it; undefined leaves it to the inventory. */
  concurrency?: number;
  signal: AbortSignal;
  onResult: (result: Traced<Result>) => void;
}

/** One of the core's batches, on targets of a fleet. */
export interface FleetBatch<Result, Report> {
  fleet: Fleet;
  start: (control: BatchControl<Result>) => Promise<Report>;
}

interface ConductOptions<Result> extends BatchOptions {
  /** Whether a changed host key was shown before: the same alarm every few minutes would be one that nobody reads. */
  isKnown?: (result: Result) => boolean;
}

const reportMs = 100;

/** The batches under way: each with one cancellable notification unless quiet, none in an untrusted workspace. */
export class Batches implements Disposable {
  private readonly running = new Set<AbortController>();
  private readonly began = new EventEmitter<void>();
  /** Fires before a batch's first connection. */
  readonly onDidBegin = this.began.event;

  get busy(): boolean {
    return this.running.size > 0;
  }

  /** @throws MusterError UNTRUSTED when the workspace is not trusted */
  async run<T>(batch: BatchOptions, work: (batch: BatchProgress) => Promise<T>): Promise<T> {
    assertTrusted();
    const controller = new AbortController();
    const signal = batch.signal ? AbortSignal.any([controller.signal, batch.signal]) : controller.signal;
    // Every target in flight listens.
    setMaxListeners(0, signal);
    this.running.add(controller);
    await setBusy(true);
    if (!batch.unattended) this.began.fire();
    try {
      if (batch.quiet) return await work({ signal, ended: () => {} });
      return await window.withProgress(
        { location: ProgressLocation.Notification, title: batch.title, cancellable: true },
        (progress, token) => {
          token.onCancellationRequested(() => controller.abort());
          const counter = new ProgressCounter(batch, (message, increment) =>
            progress.report({ message, increment }),
          );
          return work({ signal, ended: counter.ended }).finally(() => counter.dispose());
        },
      );
    } finally {
      this.running.delete(controller);
      await setBusy(this.busy);
    }
  }

  /**
   * Conducts batches of the core, one for each fleet, as one: their results are counted, and changed host keys shown.
   * @throws MusterError UNTRUSTED when the workspace is not trusted
   */
  async conduct<Result extends Outcome & { host: string }, Report extends { results: readonly Result[] }>(
    { isKnown = () => false, ...options }: ConductOptions<Result>,
    batches: readonly FleetBatch<Result, Report>[],
  ): Promise<Report[]> {
    const reports = await this.run(options, ({ signal, ended }) =>
      allEnded(
        batches.map(async ({ fleet, start }) => {
          const concurrency = concurrencySetting.get(fileUri(fleet));
          return start({
            ...(concurrency !== undefined && { concurrency }),
            ...{ signal, onResult: (result) => ended(isFailure(result)) },
          });
        }),
      ),
    );
    showHostKeyMismatches(reports.flatMap(({ results }) => results).filter((result) => !isKnown(result)));
    return reports;
  }

  cancelAll(): void {
    for (const controller of this.running) controller.abort();
  }

  dispose(): void {
    this.cancelAll();
    this.began.dispose();
  }
}

/** Gathers what ended and reports it ten times a second. */
class ProgressCounter implements Disposable {
  private done = 0;
  private failed = 0;
  private reported = 0;
  private readonly throttle = new Throttle(() => this.tell(), reportMs);
  private readonly repeating: NodeJS.Timeout | undefined;

  constructor(
    private readonly batch: Pick<BatchOptions, 'total' | 'message' | 'everyMs'>,
    private readonly report: (message: string, increment: number) => void,
  ) {
    if (batch.everyMs !== undefined) this.repeating = setInterval(() => this.tell(), batch.everyMs);
  }

  readonly ended = (failed: boolean): void => {
    this.done++;
    if (failed) this.failed++;
    this.throttle.request();
  };

  dispose(): void {
    clearInterval(this.repeating);
    this.throttle.flush();
  }

  private tell(): void {
    const { total, message } = this.batch;
    const text = (message ?? countsText(total))(this.done, this.failed);
    this.report(text, ((this.done - this.reported) / total) * 100);
    this.reported = this.done;
  }
}

/** How many of `total` have ended, and how many of those failed. */
export const countsText =
  (total: number) =>
  (ended: number, failed: number): string => {
    const counts = `${ended}/${total}`;
    return failed > 0 ? l10n.t('{0}, {1} failed', counts, failed) : counts;
  };

/** The rule of Restricted Mode: nothing connects, nothing runs. @throws MusterError */
export function assertTrusted(): void {
  if (workspace.isTrusted) return;
  throw new MusterError('UNTRUSTED', l10n.t('Muster connects to nothing in Restricted Mode.'), {
    hint: l10n.t('Trust the workspace first.'),
  });
}

function setBusy(busy: boolean): Thenable<unknown> {
  return setContext(shellContext.busy, busy);
}
