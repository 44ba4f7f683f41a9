import { randomBytes } from 'node:crypto';
import { type BatchOptions, type BatchReport, conduct, countStatuses } from '../../../platform/batch/conduct';
import type { Deadline } from '../../../platform/batch/deadline';
import { type ErrorReport, errorReport, MusterError, toMusterError } from '../../../platform/errors/errors';
import type { BecomeSettings, Host } from '../../../platform/inventory/model';
import { roundMs } from '../../../platform/operation/measurement';
import type { Operation } from '../../../platform/operation/operation';
import type { HostCommands } from '../../../platform/transport/hostTransport';
import { howEnded } from '../../../platform/transport/howEnded';
import type { FactChoice } from './factChoice';
import { FactReader } from './factReader';
import { factCommand, factScript } from './factScript';
import type { FactTable, Unseen } from './factTable';

/** `ok`: the host answered, however much of it; `stopped` and `skipped`: the batch was cancelled meanwhile or before. */
const statuses = ['ok', 'failed', 'stopped', 'skipped'] as const;

export interface GatherResult {
  host: string;
  status: (typeof statuses)[number];
  /** Whether something of what was asked cannot be seen. */
  isPartial: boolean;
  durationMs: number;
  error?: ErrorReport;
}

export type GatherSummary = Record<(typeof statuses)[number], number> & { total: number; durationMs: number };
export type GatherReport = BatchReport<GatherResult, GatherSummary>;

export interface GatherOptions extends BatchOptions<GatherResult> {
  transport: HostCommands;
  /** Milliseconds for all of the work on one host. */
  timeoutMs?: number | undefined;
  /** As whom to look. */
  become?: BecomeSettings | undefined;
}

export const defaultTimeoutMs = 90_000;
/** Seconds for each fact, of which one that hangs leaves the others their time. */
const mostSeconds = 15;

/** Asks every host for the facts, once, and adds a row for each that answers to `table`. What it does not show is there. */
export async function gatherFacts(
  hosts: readonly Host[],
  choices: readonly FactChoice[],
  table: FactTable,
  options: GatherOptions,
): Promise<GatherReport> {
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  const seconds = Math.max(1, Math.min(mostSeconds, Math.floor(timeoutMs / 2_000)));
  const report = await conduct<Host, GatherResult, GatherSummary>(
    {
      ...{ name: 'drift', targets: hosts },
      attributesOf: (host) => ({ host: host.name }),
      deadlineMs: () => timeoutMs,
      work: (host, deadline, operation) =>
        gatherOn(host, { choices, table, seconds }, { deadline, operation }, options),
      failed: (host, error, elapsedMs) => ({
        ...{ host: host.name, isPartial: true, durationMs: roundMs(elapsedMs) },
        status: MusterError.is(error, 'CANCELLED', 'LOCAL_LIMIT') ? 'skipped' : 'failed',
        error: errorReport(error),
      }),
      summarise: (results, durationMs) => ({
        total: results.length,
        ...countStatuses(results, statuses),
        durationMs,
      }),
    },
    options,
  );
  table.order(hosts.map(({ name }) => name));
  return report;
}

async function gatherOn(
  host: Host,
  asked: { choices: readonly FactChoice[]; table: FactTable; seconds: number },
  { deadline, operation }: { deadline: Deadline; operation: Operation },
  { transport, become }: Pick<GatherOptions, 'transport' | 'become'>,
): Promise<GatherResult> {
  const startedAt = performance.now();
  const { choices, table, seconds } = asked;
  const nonce = randomBytes(6).toString('hex');
  const reader = new FactReader(choices, nonce, table);
  const how = { deadline, operation, overrideCircuit: true, become };
  const channel = await transport.exec(host, factCommand, how);
  const unhear = deadline.onAbort(() => channel.close());
  let why: Unseen = { kind: 'failed', detail: '' };
  let error: MusterError | undefined;
  channel.stdout.on('data', (chunk: Buffer) => {
    reader.append(chunk);
    if (reader.isFull) channel.close();
  });
  // Unread output would stop the script.
  channel.stderr.resume();
  channel.stdin.on('error', () => {});
  channel.stdin.end(factScript(choices, nonce, seconds));
  try {
    const ended = await channel.exit;
    if (ended.exitCode !== 0) why = { kind: 'failed', detail: howEnded(ended) };
  } catch (thrown) {
    if (!reader.isFull) error = toMusterError(thrown, { host: host.name, phase: 'run' });
  } finally {
    unhear();
    channel.close();
  }
  error = deadline.reason ?? error;
  if (error) why = { kind: error.code === 'TIMEOUT' ? 'timeout' : 'cut', detail: error.message };
  const row = reader.row(host.name, why);
  // Without an entry it has shown nothing but that it is there.
  table.rows.set(host.name, row);
  const isPartial = table.isPartial(row);
  return {
    ...{ host: host.name, isPartial, durationMs: roundMs(performance.now() - startedAt) },
    status: error?.code === 'CANCELLED' ? 'stopped' : error ? 'failed' : 'ok',
    ...(error && { error: errorReport(error) }),
  };
}
