import type { Readable } from 'node:stream';
import { type BatchOptions, type BatchReport, conduct, countStatuses } from '../../../platform/batch/conduct';
import { type Deadline, pause } from '../../../platform/batch/deadline';
import { type ErrorReport, errorReport, MusterError, toMusterError } from '../../../platform/errors/errors';
import type { Host } from '../../../platform/inventory/model';
import { t } from '../../../platform/l10n/l10n';
import { roundMs } from '../../../platform/operation/measurement';
import type { Operation } from '../../../platform/operation/operation';
import { PhaseRecorder } from '../../../platform/operation/phaseRecorder';
import type { HostCommands } from '../../../platform/transport/hostTransport';
import { type CommandEnd, howEnded } from '../../../platform/transport/howEnded';
import { OutputBudget, OutputBuffer } from './outputBuffer';
import { refuseReadOnly } from '../../../platform/inventory/readOnly';
import { remoteCommand, type RunRequest } from './remoteCommand';

/** `stopped`: cancelled while the command ran; `skipped`: the command was never started. */
const runStatuses = ['ok', 'failed', 'stopped', 'skipped'] as const;
export type RunStatus = (typeof runStatuses)[number];

export interface RunResult {
  host: string;
  status: RunStatus;
  /** null when the command did not exit by itself. */
  exitCode: number | null;
  /** The signal that ended the command, e.g. `TERM`. */
  signal: string | null;
  stdout: string;
  stderr: string;
  /** Whether output beyond the limit was received and not kept. */
  truncated: boolean;
  droppedBytes: number;
  durationMs: number;
  /** How often the host was tried, where that is more than once. */
  attempts?: number;
  error?: ErrorReport;
}

export interface RunSummary {
  total: number;
  ok: number;
  failed: number;
  /** Cancelled while the command ran: it may have done a part of its work. */
  stopped: number;
  /** Never started. */
  skipped: number;
  durationMs: number;
}

export type RunReport = BatchReport<RunResult, RunSummary>;

export interface RunOptions extends BatchOptions<RunResult> {
  transport: HostCommands;
  /** Milliseconds for everything on one host; none by default. */
  timeoutMs?: number;
  /** Bytes kept of each of a host's two outputs. */
  maxOutput?: number;
  /** Standard input for every host; a script takes its place. */
  stdin?: Uint8Array;
  /** How often a host that was not reached is tried again; never after the command was sent. */
  retries?: number;
  /**
   * Called with each piece of output as it arrives, kept or not; the piece is valid during the call only. What it returns
   * is waited for before the host may send more.
   */
  onOutput?: (host: string, stream: 'stdout' | 'stderr', piece: Buffer) => void | Promise<void>;
}

export const defaultMaxOutput = 10 * 1024 * 1024;
/** Bounds what thousands of talkative hosts may hold together. */
const batchOutputLimit = 512 * 1024 * 1024;

/**
 * Runs one command on every host. What goes wrong on a host is in its result, with the output received until then.
 * @throws MusterError USAGE when the request itself is unusable, READ_ONLY before anything runs
 */
export async function runCommand(
  hosts: readonly Host[],
  request: RunRequest,
  options: RunOptions,
): Promise<RunReport> {
  refuseReadOnly(hosts);
  // What is wrong with the request is found before anything runs.
  remoteCommand(request);
  if (request.script !== undefined && options.stdin) {
    throw new MusterError('USAGE', t('a script is sent over standard input, so there can be no other input'));
  }
  const budget = new OutputBudget(batchOutputLimit);
  /** Hosts on which the command may have run. */
  const sent = new Set<Host>();
  return conduct<Host, RunResult, RunSummary>(
    {
      ...{ name: 'run', targets: hosts, summarise: summariseRun },
      attributesOf: (host) => ({ host: host.name }),
      deadlineMs: () => options.timeoutMs ?? 0,
      work: (host, deadline, operation) =>
        runOn(host, request, { deadline, operation, budget }, options, (isSent) => {
          if (isSent) sent.add(host);
          else sent.delete(host);
        }),
      failed: (host, error, elapsedMs) => withoutOutput(host, error, elapsedMs, sent.has(host)),
    },
    options,
  );
}

/** Of runs and of captures. */
export function summariseRun(results: readonly { status: RunStatus }[], durationMs: number): RunSummary {
  return { total: results.length, ...countStatuses(results, runStatuses), durationMs };
}

/** What the work on one host is given. */
interface HostWork {
  deadline: Deadline;
  operation: Operation;
  budget: OutputBudget;
}

async function runOn(
  host: Host,
  request: RunRequest,
  { deadline, operation, budget }: HostWork,
  options: RunOptions,
  onSent: (sent: boolean) => void,
): Promise<RunResult> {
  let isSent = false;
  const startedAt = performance.now();
  const limit = options.maxOutput ?? defaultMaxOutput;
  const stdout = new OutputBuffer(limit, budget);
  const stderr = new OutputBuffer(limit, budget);
  let exit: CommandEnd = { exitCode: null, signal: null };
  let error: MusterError | undefined;
  const phases = new PhaseRecorder(operation);
  phases.enter('connect');
  let attempts = 0;
  let mayHaveBegun = false;
  const begin = (attempt: number) =>
    options.transport.exec(host, remoteCommand(request, operation), {
      ...{ deadline, operation, overrideCircuit: (attempts = attempt) > 1, become: request.become },
      onSent: (sent) => {
        mayHaveBegun ||= sent;
        onSent((isSent = sent));
        phases.enter(sent ? 'run' : 'connect');
      },
    });
  try {
    const channel = await untilReached(begin, () => !mayHaveBegun, { deadline, operation }, options.retries);
    channel.stdout.on('data', stdout.append);
    channel.stderr.on('data', stderr.append);
    const { onOutput } = options;
    if (onOutput) {
      passOn(channel.stdout, (piece) => onOutput(host.name, 'stdout', piece));
      passOn(channel.stderr, (piece) => onOutput(host.name, 'stderr', piece));
    }
    // The command may end without reading its input: that is its own affair.
    channel.stdin.on('error', () => {});
    channel.stdin.end(request.script ?? options.stdin);
    exit = await channel.exit;
    error = exitError(exit, host);
  } catch (thrown) {
    // Nothing was sent to the host yet.
    if (MusterError.is(thrown, 'LOCAL_LIMIT')) throw thrown;
    const hasFound = thrown instanceof TimeIsUp && MusterError.is(deadline.reason, 'TIMEOUT');
    error = runError(host, hasFound ? thrown.found : (deadline.reason ?? thrown), isSent);
  }
  phases.end();
  for (const [stream, buffer] of Object.entries({ stdout, stderr })) {
    const value = buffer.receivedBytes;
    operation.record({ name: 'output.size', value, unit: 'By', attributes: { stream } });
  }
  const droppedBytes = stdout.droppedBytes + stderr.droppedBytes;
  return {
    host: host.name,
    status: statusOf(error, isSent),
    ...exit,
    stdout: stdout.text(),
    stderr: stderr.text(),
    truncated: droppedBytes > 0,
    droppedBytes,
    durationMs: roundMs(performance.now() - startedAt),
    ...(attempts > 1 && { attempts }),
    ...(error && { error: errorReport(error) }),
  };
}

/** Codes of a host that was not reached; one that refuses the login or has another key does so every time. */
const unreached = ['TIMEOUT', 'DNS', 'REFUSED', 'UNREACHABLE', 'RESET', 'CIRCUIT_OPEN'] as const;
/** Milliseconds until it is tried again: twice as long each time. */
const retryPause = { first: 1_000, most: 30_000 };

/** Time ran out, or the user cancelled, between two attempts, when nothing was under way. */
class TimeIsUp extends Error {
  constructor(
    /** What the attempt before has found. */
    readonly found: MusterError,
  ) {
    super();
  }
}

/** Begins, and again up to `retries` times while the host is not reached and it may be repeated. */
async function untilReached<T>(
  begin: (attempt: number) => Promise<T>,
  mayRepeat: () => boolean,
  { deadline, operation }: Pick<HostWork, 'deadline' | 'operation'>,
  retries = 0,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await begin(attempt);
    } catch (error) {
      const isLast = attempt > retries || deadline.aborted || !mayRepeat();
      if (isLast || !MusterError.is(error, ...unreached)) throw error;
      const ms = Math.min(retryPause.first * 2 ** (attempt - 1), retryPause.most);
      operation.log.info(`${error.host}: ${error.code}: ${error.message}: trying again in ${ms} ms`);
      await pause(ms, deadline.signal);
      if (deadline.aborted) throw new TimeIsUp(error);
    }
  }
}

/** Gives each piece on, and holds the host back while that takes time. */
function passOn(stream: Readable, give: (piece: Buffer) => void | Promise<void>): void {
  stream.on('data', (piece: Buffer) => {
    const given = give(piece);
    if (!given) return;
    stream.pause();
    void given.finally(() => stream.resume());
  });
}

function exitError(end: CommandEnd, host: Host): MusterError | undefined {
  if (end.exitCode === 0) return undefined;
  const isUntold = end.exitCode === null && end.signal === null;
  return new MusterError('EXIT_STATUS', howEnded(end), {
    ...{ host: host.name, phase: 'run' },
    ...(isUntold && {
      hint: t('The server did not say how the command ended: look at the host whether it did its work.'),
    }),
  });
}

function statusOf(error: MusterError | undefined, isSent: boolean): RunStatus {
  if (!error) return 'ok';
  if (!MusterError.is(error, 'CANCELLED', 'LOCAL_LIMIT')) return 'failed';
  return isSent ? 'stopped' : 'skipped';
}

/** What ended a command, or kept it from being started. */
function runError(host: Host, thrown: unknown, isSent: boolean): MusterError {
  const error = toMusterError(thrown, { host: host.name, ...(isSent && { phase: 'run' }) });
  if (!isSent || error.code !== 'CANCELLED') return error;
  return new MusterError('CANCELLED', t('stopped while the command was running'), {
    host: host.name,
    phase: 'run',
    cause: error.message === 'cancelled' ? error.cause : error,
    hint: t('It may have done a part of its work: look at the host before you run the command again.'),
  });
}

function withoutOutput(host: Host, thrown: unknown, elapsedMs: number, isSent: boolean): RunResult {
  const error = runError(host, thrown, isSent);
  return {
    host: host.name,
    status: statusOf(error, isSent),
    exitCode: null,
    signal: null,
    stdout: '',
    stderr: '',
    truncated: false,
    droppedBytes: 0,
    durationMs: roundMs(elapsedMs),
    error: errorReport(error),
  };
}
