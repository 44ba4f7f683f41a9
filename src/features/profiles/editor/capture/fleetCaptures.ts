// eslint-disable-next-line no-restricted-syntax -- a file that was captured into a new folder of our own
import { createReadStream } from 'node:fs';
import { runMuster } from '../../../../shell/editor/commands/musterCommands';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { l10n, Uri, window } from 'vscode';
import { t } from '../../../../platform/l10n/l10n';
import { errorChain, type ErrorReport } from '../../../../platform/errors/errors';
import type { Logger } from '../../../../platform/host/host';
import { tracedLogger } from '../../../../platform/operation/operation';
import type { CapturePlan, CaptureReport, CaptureResult } from '../../core/capture/captureBatch';
import { lookIntoCaptures } from '../../core/capture/captureThread';
import type { SeenFile } from '../../core/capture/captureContract';
import type { CaptureStage } from '../../core/capture/profiler';
import { profilerOf } from '../../core/capture/profilers';
import type { HostChoice } from '../../../../shell/editor/commands/pickHosts';
import type { Ports } from '../../../../shell/editor/services';
import { hostCount } from '../../../../shell/editor/hosts/wording';
import type { CaptureEnding, CaptureStore } from './captureStore';
import type { CaptureDetails, StoredCapture } from './storedCapture';

export type CapturePorts = Ports<'fleets' | 'batches' | 'logger' | 'context'> & {
  store: CaptureStore;
  /** The bundle of capture.worker.ts. */
  worker: string;
};

/** What to capture from which hosts; whoever makes one has asked the user already. */
export interface CaptureJob extends HostChoice {
  plan: CapturePlan;
  /** What is profiled: the name of a profiler of muster.yaml, or of a process. */
  service: string;
  /** Where relative paths in the settings start. */
  directory: string;
}

/** A file that is sound, with what is known of it. */
type Sound = { result: CaptureResult; seen: SeenFile };

/** Captures from hosts: progress, trust, the store, what failed, and the flame graph. */
export class FleetCaptures {
  constructor(private readonly ports: CapturePorts) {}

  /** Resolves with what was opened. @throws MusterError UNTRUSTED when the workspace is not trusted */
  async carryOut(job: CaptureJob): Promise<StoredCapture | undefined> {
    const folder = await mkdtemp(join(tmpdir(), 'muster-capture-'));
    try {
      const { results, traceId } = await this.record(job, folder);
      const log = tracedLogger(this.ports.logger, traceId);
      const { captured, failures } = await this.keep(job, results, folder, log);
      this.tellFailures(job, failures, log);
      if (captured) await runMuster('muster.openFlameGraph', Uri.file(this.ports.store.pathOf(captured)));
      return captured;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  private async record(
    { fleet, hosts, plan, directory, service }: CaptureJob,
    folder: string,
  ): Promise<CaptureReport> {
    const { kind, durationMs } = plan.order;
    const clock = new RecordingClock(kind.timed ? durationMs : 0, hosts.length);
    const title = l10n.t(
      'Muster: capturing {0} of {1} from {2}',
      kind.name,
      service,
      hostCount(hosts.length),
    );
    const [report] = await this.ports.batches.conduct<CaptureResult, CaptureReport>(
      { title, total: hosts.length, message: clock.message, everyMs: 1000 },
      [
        {
          fleet,
          start: (control) =>
            fleet.use((core) =>
              core.capture(hosts, plan, {
                ...{ ...control, directory, folder },
                onProgress: ({ stage }) => clock.entered(stage),
              }),
            ),
        },
      ],
    );
    return report!;
  }

  /** Stores each host's own profile, and the one of all of them; that is what is opened. */
  private async keep(job: CaptureJob, results: readonly CaptureResult[], folder: string, log: Logger) {
    const { plan, service } = job;
    const { kind } = plan.order;
    const files = results.flatMap((result) =>
      result.file === undefined ? [] : [{ ...result, file: result.file }],
    );
    const failures = results.flatMap(({ host, error }) => (error ? [{ host, error }] : []));
    if (files.length === 0) return { captured: undefined, failures };
    const isMergeable = files.length > 1 && kind.ending !== '.jfr';
    const merged = isMergeable ? join(folder, 'merged.pb.gz') : undefined;
    const looked = await lookIntoCaptures(this.ports.worker, {
      files,
      ...(merged !== undefined && { merged }),
    });
    const sound: Sound[] = [];
    files.forEach((result, index) => {
      const seen = looked.files[index]!;
      if (seen.error) failures.push({ host: result.host, error: seen.error });
      else sound.push({ result, seen });
    });
    const detailsOf = (
      hosts: string[],
      { command, startedAt }: CaptureResult,
      valueTypes: SeenFile['valueTypes'],
    ): CaptureDetails => ({
      ...{ hosts, service, profiler: plan.type, command, startedAt, valueTypes },
      ...(kind.timed && { durationMs: plan.order.durationMs }),
    });
    const stored: StoredCapture[] = [];
    for (const { result, seen } of sound) {
      const details = detailsOf([result.host], result, seen.valueTypes);
      stored.push(await this.store(details, seen.ending, result.file!));
    }
    const first = sound[0]?.result;
    if (looked.merged && merged !== undefined && first)
      stored.push(
        await this.store(detailsOf(looked.merged.hosts, first, looked.merged.valueTypes), '.pb.gz', merged),
      );
    this.tellNotes(job, sound, looked.merged?.notes ?? [], log);
    return { captured: stored.at(-1), failures };
  }

  private store(details: CaptureDetails, ending: SeenFile['ending'], file: string): Promise<StoredCapture> {
    return this.ports.store.add(details, ending as CaptureEnding, createReadStream(file));
  }

  private tellNotes(
    { plan }: CaptureJob,
    sound: readonly Sound[],
    ofMerged: readonly string[],
    log: Logger,
  ): void {
    const ofHosts = sound.flatMap(({ result, seen }) => [
      ...result.notes.map((note) => `${result.host}: ${note}`),
      ...(seen.isEmpty
        ? [l10n.t('{0}: the profile holds no samples. {1}', result.host, t(plan.order.kind.whenEmpty ?? ''))]
        : []),
    ]);
    const notes = [...ofMerged, ...ofHosts];
    for (const note of notes) log.info(note);
    const [first] = notes;
    if (first === undefined) return;
    const more = notes.length > 1 ? l10n.t(' and {0} more', notes.length - 1) : '';
    void window.showInformationMessage(first.trim() + more);
  }

  /** The first failure at once, the chains of all of them in the log. */
  private tellFailures(
    { hosts, plan }: CaptureJob,
    failures: readonly { host: string; error: ErrorReport }[],
    log: Logger,
  ): void {
    const failed = failures.filter(({ error }) => error.code !== 'CANCELLED');
    for (const { host, error } of failed) log.error([host, ...errorChain(error)].join('\n  '));
    // Changed host keys have a message of their own.
    const told = failed.filter(({ error }) => error.code !== 'HOST_KEY_MISMATCH');
    const [first] = told;
    if (!first) return;
    const { message, hint } = first.error;
    const why = [`${first.host}: ${message}`, hint].filter(Boolean).join(' — ');
    const title = profilerOf(plan.type).title;
    const text =
      told.length === 1
        ? l10n.t('{0}: {1}', title, why)
        : l10n.t('{0} failed on {1} of {2} hosts, the first: {3}', title, told.length, hosts.length, why);
    const showLog = l10n.t('Show Log');
    void window
      .showErrorMessage(text, showLog)
      .then((choice) => (choice === showLog ? runMuster('muster.showLog') : undefined));
  }
}

/** How long it still takes, as far as that is known: from the first host that records on. */
class RecordingClock {
  private since: number | undefined;

  constructor(
    private readonly durationMs: number,
    private readonly total: number,
  ) {}

  entered(stage: CaptureStage): void {
    if (stage === 'recording') this.since ??= performance.now();
  }

  readonly message = (ended: number, failed: number): string => {
    const { durationMs, total } = this;
    const done = `${ended}/${total}`;
    const counts = total === 1 ? '' : failed > 0 ? l10n.t('{0}, {1} failed', done, failed) : done;
    const left = this.since === undefined ? undefined : this.since + durationMs - performance.now();
    const state =
      left === undefined
        ? l10n.t('connecting…')
        : left > 500
          ? l10n.t('recording, {0} s left', Math.ceil(left / 1000))
          : l10n.t('receiving…');
    return [counts, state].filter((part) => part !== '').join(' · ');
  };
}
