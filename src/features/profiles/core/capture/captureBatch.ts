import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type BatchOptions, type BatchReport, conduct } from '../../../../platform/batch/conduct';
import type { Deadline } from '../../../../platform/batch/deadline';
import {
  type ErrorReport,
  errorReport,
  MusterError,
  toMusterError,
} from '../../../../platform/errors/errors';
import type { Authority } from '../../../../platform/host/host';
import type { ProfilerEntry } from './profilerEntry';
import type { BecomeSettings, Host } from '../../../../platform/inventory/model';
import { t } from '../../../../platform/l10n/l10n';
import { roundMs } from '../../../../platform/operation/measurement';
import type { Operation } from '../../../../platform/operation/operation';
import { PhaseRecorder } from '../../../../platform/operation/phaseRecorder';
import { withoutCredentials } from '../../../../platform/redaction/withoutCredentials';
import { refuseReadOnly } from '../../../../platform/inventory/readOnly';
import { type RunStatus, type RunSummary, summariseRun } from '../../../runs/core/runBatch';
import type { HostTransport } from '../../../../platform/transport/hostTransport';
import { endedEarly } from './endedEarly';
import type { CaptureEnding, CaptureOrder, CaptureStage } from './profiler';
import { profilerOf } from './profilers';

/** What to capture, the same on every host. */
export interface CapturePlan {
  /** A profiler's type. */
  type: string;
  /** As the profiler's schema leaves them. */
  settings: ProfilerEntry['settings'];
  order: CaptureOrder;
  /** What runs on the hosts does so as another user, whatever the settings say. */
  become?: BecomeSettings;
  /** The processes that were picked, by host. */
  pids?: ReadonlyMap<string, number>;
}

/** `stopped`: cancelled while the host was being recorded; `skipped`: nothing was begun there. */
export type CaptureStatus = RunStatus;

export interface CaptureResult {
  host: string;
  status: CaptureStatus;
  /** The profile; undefined if there is none. */
  file?: string;
  ending: CaptureEnding;
  bytes: number;
  /** What was done, without secrets; empty if it failed. */
  command: string;
  notes: readonly string[];
  /** Milliseconds since the epoch. */
  startedAt: number;
  durationMs: number;
  error?: ErrorReport;
}

export type CaptureReport = BatchReport<CaptureResult, RunSummary>;

export interface CaptureProgress {
  host: string;
  stage: CaptureStage;
}

export interface CaptureOptions extends BatchOptions<CaptureResult> {
  transport: Pick<HostTransport, 'exec' | 'connect' | 'destinationThrough'>;
  authority: Authority;
  /** Milliseconds for everything on one host; by default the duration and a minute. */
  timeoutMs?: number;
  /** Where relative paths in the settings start. */
  directory: string;
  /** The folder that the files are written to, one for each host. */
  folder: string;
  /** Aborts when what was recorded until then is enough. */
  finish?: AbortSignal;
  onProgress?: (progress: CaptureProgress) => void;
}

/** Milliseconds beside the recording: connecting, logging in, looking at the host, and fetching the file. */
const besidesMs = 60_000;

/** @throws MusterError READ_ONLY when it runs commands on hosts that are read-only */
export function refuseCapture(
  hosts: readonly Host[],
  { type, settings }: Pick<CapturePlan, 'type' | 'settings'>,
): void {
  if (profilerOf(type).runsCommands(settings)) refuseReadOnly(hosts);
}

/**
 * Captures from every host. What goes wrong on a host is in its result; the files of the others are kept.
 * @throws MusterError READ_ONLY, PROTOCOL (a kind that is refused) before anything is connected to
 */
export async function captureProfiles(
  hosts: readonly Host[],
  plan: CapturePlan,
  options: CaptureOptions,
): Promise<CaptureReport> {
  refuseCapture(hosts, plan);
  const { refused, ending } = plan.order.kind;
  if (refused)
    throw new MusterError('PROTOCOL', t(refused.message), { hint: t(refused.hint), phase: 'inventory' });
  /** Hosts on which something was begun. */
  const begun = new Set<string>();
  const onProgress = (progress: CaptureProgress) => {
    if (progress.stage !== 'connecting') begun.add(progress.host);
    options.onProgress?.(progress);
  };
  const failed = (host: Host, thrown: unknown, elapsedMs: number): CaptureResult => {
    const error = toMusterError(thrown, { host: host.name });
    return {
      ...{ host: host.name, status: statusOf(error, begun.has(host.name)), ending },
      ...{ bytes: 0, command: '', notes: [], startedAt: Date.now() - elapsedMs },
      ...{ durationMs: roundMs(elapsedMs), error: errorReport(error) },
    };
  };
  const names = fileNames(hosts, ending);
  return conduct<Host, CaptureResult, RunSummary>(
    {
      ...{ name: 'capture', targets: hosts, failed, summarise: summariseRun },
      attributesOf: (host) => ({ host: host.name }),
      deadlineMs: () => options.timeoutMs ?? plan.order.durationMs + besidesMs,
      work: (host, deadline, operation) => {
        const file = join(options.folder, names.get(host)!);
        return captureOn(host, plan, file, { deadline, operation }, { ...options, onProgress });
      },
    },
    options,
  );
}

function statusOf(error: MusterError, isBegun: boolean): CaptureStatus {
  if (error.code !== 'CANCELLED') return 'failed';
  return isBegun ? 'stopped' : 'skipped';
}

async function captureOn(
  host: Host,
  { type, settings, order, become = becomeOf(settings), pids }: CapturePlan,
  file: string,
  { deadline, operation }: { deadline: Deadline; operation: Operation },
  { transport, authority, directory, onProgress, finish }: CaptureOptions,
): Promise<CaptureResult> {
  if (finish?.aborted) throw endedEarly();
  const begun = performance.now();
  const startedAt = Date.now();
  const phases = new PhaseRecorder(operation);
  const entered = (stage: CaptureStage) => {
    phases.enter(stage);
    onProgress?.({ host: host.name, stage });
  };
  entered('connecting');
  const { command, notes = [] } = await profilerOf(type)
    .capture(
      host,
      settings,
      { ...order, ...(pids?.has(host.name) && { pid: pids.get(host.name)! }) },
      { transport, authority, become, deadline, operation, finish, directory, file, entered },
    )
    .finally(() => phases.end());
  const { size } = await stat(file);
  operation.record({ name: 'profile.size', value: size, unit: 'By' });
  return {
    ...{ host: host.name, status: 'ok', file, ending: order.kind.ending, bytes: size, notes },
    command: withoutCredentials(command),
    ...{ startedAt, durationMs: roundMs(performance.now() - begun) },
  };
}

/** What the settings of a profiler say, if it is of a type that runs something on the host. */
export function becomeOf(settings: ProfilerEntry['settings']): BecomeSettings | undefined {
  return settings['become'] === true ? {} : undefined;
}

/** Names of files that any system can hold, each once. */
function fileNames(hosts: readonly Host[], ending: CaptureEnding): Map<Host, string> {
  const taken = new Set<string>();
  return new Map(
    hosts.map((host) => {
      const plain = host.name.replace(/[^\p{L}\p{N}@._-]/gu, '_').replace(/^\./, '_');
      let name = `${plain}${ending}`;
      for (let serial = 2; taken.has(name.toLowerCase()); serial++) name = `${plain}-${serial}${ending}`;
      taken.add(name.toLowerCase());
      return [host, name];
    }),
  );
}
