import { type BatchOptions, type BatchReport, conduct, countStatuses } from '../../../platform/batch/conduct';
import { Deadline } from '../../../platform/batch/deadline';
import { type ErrorReport, errorReport, MusterError, toMusterError } from '../../../platform/errors/errors';
import type { BecomeSettings, Host } from '../../../platform/inventory/model';
import { refuseReadOnly } from '../../../platform/inventory/readOnly';
import { t } from '../../../platform/l10n/l10n';
import { roundMs } from '../../../platform/operation/measurement';
import { PhaseRecorder } from '../../../platform/operation/phaseRecorder';
import type { Operation } from '../../../platform/operation/operation';
import type { HostTransport, OpenOptions } from '../../../platform/transport/hostTransport';
import { CopyToHost, type CopyWork } from './copyToHost';
import { LocalContent } from './localContent';
import { readLocalTree } from './localTree';
import { Pace } from './pace';
import type { Reached } from './reachedHost';
import { removeTemporary } from './removeTemporary';
import { type Change, type LeftOut, newTally, type Tally, type TransferSettings } from './transfer';

/** `stopped`: cancelled in the middle; `skipped`: never begun. */
const transferStatuses = ['ok', 'failed', 'stopped', 'skipped'] as const;
export type TransferStatus = (typeof transferStatuses)[number];

/** What came of a copy to a host, or of fetching from it. */
export interface TransferResult {
  host: string;
  status: TransferStatus;
  /** Files and links that were new or different and are now in place; with `dryRun`, that would be. */
  changedFiles: number;
  sameFiles: number;
  /** Bytes of contents that were sent or received; with `dryRun`, that would be. */
  bytes: number;
  /** The first 10,000 of what was, or with `dryRun` would be, new or different. */
  changes: Change[];
  leftOut: LeftOut[];
  /** Temporary files that could not be removed from the host, since it was no longer reached. */
  leftBehind?: string[];
  /** Of these, what `resume` goes on after. */
  partial?: string[];
  durationMs: number;
  error?: ErrorReport;
}

export interface TransferSummary extends Record<TransferStatus, number> {
  total: number;
  /** Hosts on which something was, or would be, new or different, of those that are ok. */
  changed: number;
  same: number;
  bytes: number;
  durationMs: number;
}

export type TransferReport = BatchReport<TransferResult, TransferSummary>;

/** What is heard while a batch is under way. */
export type TransferEvent =
  | { kind: 'planned'; host: string; files: number; bytes: number }
  | { kind: 'moved'; host: string; bytes: number };

export interface TransferOptions extends BatchOptions<TransferResult>, TransferSettings {
  transport: Pick<HostTransport, 'exec' | 'files'>;
  /** Milliseconds for everything on one host; none by default. */
  timeoutMs?: number;
  /** As another user of the hosts. */
  become?: BecomeSettings | undefined;
  /** Bytes in a second for all hosts together. */
  maxBandwidth?: number;
  onProgress?: (event: TransferEvent) => void;
}

export interface CopyRequest {
  /** Local files and folders; relative ones start in `cwd`. */
  sources: readonly string[];
  /** On each host; see `placeTree`. */
  destination: string;
  cwd: string;
}

/** Milliseconds for reaching a host once more to remove what a lost connection has left there. */
const cleanUpMs = 10_000;

/**
 * Copies local files to every host. On each of them a file is the old or the new one at any moment.
 * @throws MusterError USAGE when the sources cannot be read, READ_ONLY before anything is connected to
 */
export async function copyBatch(
  hosts: readonly Host[],
  { sources, destination, cwd }: CopyRequest,
  options: TransferOptions,
): Promise<TransferReport> {
  if (!options.dryRun && !options.diff) refuseReadOnly(hosts);
  const tree = await readLocalTree(sources, cwd, options);
  const work: CopyWork = {
    ...{ tree, destination, settings: options },
    content: new LocalContent(),
    pace: new Pace(options.maxBandwidth),
    backupSuffix: backupSuffix(),
  };
  const cleaning: Promise<void>[] = [];
  /** What hosts still have that was not put into place. */
  const left = new Map<Host, CopyToHost>();
  const report = await transferBatch('copy', hosts, options, async (host, parts) => {
    const copy = new CopyToHost(parts.reached, parts.deadline, work, parts.tally, {
      planned: (files, bytes) => options.onProgress?.({ kind: 'planned', host: host.name, files, bytes }),
      moved: (bytes) => options.onProgress?.({ kind: 'moved', host: host.name, bytes }),
    });
    parts.tally.leftOut.push(...tree.leftOut);
    try {
      await copy.run();
    } finally {
      const cleaned = cleanUp(host, copy, parts, options);
      left.set(host, copy);
      cleaning.push(cleaned);
      await cleaned;
    }
  });
  // What was cancelled has been let go before its files were removed.
  await Promise.all(cleaning);
  for (const [index, host] of hosts.entries()) {
    const copy = left.get(host);
    if (copy) sayWhatIsLeft(report.results[index]!, copy);
  }
  return report;
}

function sayWhatIsLeft(result: TransferResult, { temporary, kept }: CopyToHost): void {
  const behind = [...temporary].filter((path) => !kept.has(path));
  if (behind.length > 0) result.leftBehind = behind.slice(0, 100);
  if (kept.size > 0) result.partial = [...kept];
}

/** What the work on one host is given. */
export interface HostWork {
  reached: Reached;
  deadline: Deadline;
  tally: Tally;
}

/** Removes what was not put into place, over another connection if the one is lost; what stays is in `temporary`. */
async function cleanUp(
  host: Host,
  { temporary, kept }: CopyToHost,
  { reached }: HostWork,
  { transport }: TransferOptions,
): Promise<void> {
  const open: OpenOptions = { ...reached.options, overrideCircuit: true };
  const removable = new Set([...temporary].filter((path) => !kept.has(path)));
  if (removable.size === 0) return;
  const all = [...removable];
  const deadline = new Deadline(cleanUpMs);
  try {
    if (!reached.files.isClosed) await orLost(removeTemporary(reached.files, removable, deadline));
    if (!reached.files.isClosed) return;
    const files = await transport.files(host, { ...open, deadline });
    await removeTemporary(files, removable, deadline).finally(() => files.close());
  } catch (error) {
    // The host is out of reach: it is said what it still has.
    if (!(error instanceof MusterError)) throw error;
  } finally {
    deadline.dispose();
    for (const path of all) if (!removable.has(path)) temporary.delete(path);
  }
}

async function orLost(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof MusterError)) throw error;
  }
}

/** A batch in which each host has its files open. */
export async function transferBatch(
  name: 'copy' | 'fetch',
  hosts: readonly Host[],
  options: TransferOptions,
  workOn: (host: Host, parts: HostWork) => Promise<void>,
): Promise<TransferReport> {
  /** Hosts that were reached, with what was done on them. */
  const tallies = new Map<Host, Tally>();
  const resultOf = (host: Host, error: unknown, elapsedMs: number) =>
    transferResult(host, tallies.get(host), error, elapsedMs);
  return conduct<Host, TransferResult, TransferSummary>(
    {
      ...{ name, targets: hosts, summarise },
      attributesOf: (host) => ({ host: host.name }),
      deadlineMs: () => options.timeoutMs ?? 0,
      failed: resultOf,
      work: async (host, deadline, operation) => {
        const startedAt = performance.now();
        const phases = new PhaseRecorder(operation);
        let failure: unknown;
        try {
          await onHost(host, deadline, operation, phases);
        } catch (error) {
          // Nothing was begun on the host yet.
          if (MusterError.is(error, 'LOCAL_LIMIT') && !tallies.has(host)) throw error;
          failure = deadline.reason ?? error;
        }
        phases.end();
        const { bytes = 0 } = tallies.get(host) ?? {};
        operation.record({ name: 'transfer.size', value: bytes, unit: 'By' });
        return resultOf(host, failure, performance.now() - startedAt);
      },
    },
    options,
  );

  async function onHost(
    host: Host,
    deadline: Deadline,
    operation: Operation,
    phases: PhaseRecorder,
  ): Promise<void> {
    phases.enter('connect');
    const { transport, become } = options;
    const files = await transport.files(host, { deadline, become, overrideCircuit: true });
    try {
      const tally = newTally();
      tallies.set(host, tally);
      phases.enter('run');
      const open = { deadline, operation, become };
      await workOn(host, {
        deadline,
        tally,
        reached: { host, transport, files, options: open, waiter: deadline },
      });
    } finally {
      files.close();
    }
  }
}

function transferResult(
  host: Host,
  tally: Tally | undefined,
  thrown: unknown,
  elapsedMs: number,
): TransferResult {
  const error = thrown === undefined ? undefined : transferError(host, thrown, tally);
  const status = !error
    ? 'ok'
    : !MusterError.is(error, 'CANCELLED', 'LOCAL_LIMIT')
      ? 'failed'
      : tally
        ? 'stopped'
        : 'skipped';
  return {
    ...{ host: host.name, status },
    ...inOrder(tally ?? newTally()),
    durationMs: roundMs(elapsedMs),
    ...(error && { error: errorReport(error) }),
  };
}

/** Hosts on which the same was done say the same. */
function inOrder({ changes, leftOut, ...tally }: Tally): Tally {
  const byPath = (one: { path: string }, other: { path: string }) => (one.path < other.path ? -1 : 1);
  return { ...tally, changes: changes.toSorted(byPath), leftOut: leftOut.toSorted(byPath) };
}

function transferError(host: Host, thrown: unknown, tally: Tally | undefined): MusterError {
  const error = toMusterError(thrown, { host: host.name, ...(tally && { phase: 'run' }) });
  if (!tally || error.code !== 'CANCELLED') return error;
  return new MusterError('CANCELLED', t('stopped while files were copied'), {
    ...{ host: host.name, phase: 'run' },
    cause: error.message === 'cancelled' ? error.cause : error,
    hint: t('Files that were in place by then stay; each is the old or the new one as a whole.'),
  });
}

function summarise(results: readonly TransferResult[], durationMs: number): TransferSummary {
  const sound = results.filter(({ status }) => status === 'ok');
  const changed = sound.filter(({ changedFiles }) => changedFiles > 0).length;
  return {
    ...{ total: results.length, ...countStatuses(results, transferStatuses) },
    ...{ changed, same: sound.length - changed },
    bytes: results.reduce((sum, { bytes }) => sum + bytes, 0),
    durationMs,
  };
}

/** `.~20261202T053000Z~` */
function backupSuffix(): string {
  return `.~${new Date().toISOString().replace(/[-:]|\.\d+/g, '')}~`;
}
