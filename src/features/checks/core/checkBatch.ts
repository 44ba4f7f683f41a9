import { dirname } from 'node:path';
import {
  type BatchOptions,
  type BatchReport,
  conduct,
  countStatuses,
  type Traced,
} from '../../../platform/batch/conduct';
import type { Deadline } from '../../../platform/batch/deadline';
import { type ErrorReport, errorReport, MusterError, toMusterError } from '../../../platform/errors/errors';
import type { ClusterAccess } from '../../etcd/core/client/etcdClusters';
import type { MetricAccess } from '../../metrics/core/contract';
import { type Check, checks, type CheckTarget } from './check';
import { orderOf } from './checkOrder';
import type { BecomeSettings, Inventory } from '../../../platform/inventory/model';
import { selectHosts } from '../../../platform/inventory/selection/selector';
import { unansweredGroups, unknownText } from '../../../platform/inventory/sources/unknownHosts';
import { t } from '../../../platform/l10n/l10n';
import { roundMs } from '../../../platform/operation/measurement';
import type { Operation } from '../../../platform/operation/operation';
import { valueWithoutCredentials } from '../../../platform/redaction/withoutCredentials';
import type { ExtraProbes } from './extraProbes';
import type { ProbeThread, ThreadShare } from './probeThread';
import {
  type CheckStatus,
  checkStatuses,
  type Finding,
  type PhaseTimings,
  type Probe,
  type ProbeContext,
} from './probe';
import { probes } from './probes';

export type { CheckTarget };

export interface CheckResult {
  host: string;
  check: string;
  status: CheckStatus;
  /** Milliseconds from the start of this check to its verdict, waiting for a slot not included; of the last attempt. */
  latencyMs: number;
  /** How many attempts the verdict took, where it was more than one. */
  attempts?: number;
  /** Where it is checked again and again: what it would become if more results in a row are like this one. */
  turning?: { to: CheckStatus; count: number; of: number };
  message: string;
  phases?: PhaseTimings;
  mismatch?: Finding['mismatch'];
  warning?: string;
  error?: ErrorReport;
}

export interface CheckSummary {
  total: number;
  healthy: number;
  degraded: number;
  unhealthy: number;
  skipped: number;
  durationMs: number;
  /** Percentiles of `latencyMs` over what was not skipped; 0 when nothing ran. */
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  perSecond: number;
}

export type CheckReport = BatchReport<CheckResult, CheckSummary>;

export interface CheckOptions extends BatchOptions<CheckResult> {
  transport: ProbeContext['transport'];
  /** Clusters that checks name. */
  etcd?: ClusterAccess;
  /** Sources of metrics that checks name. */
  metrics?: MetricAccess;
  /** Kinds of checks beside the built-in ones. */
  extraProbes?: Pick<ExtraProbes, 'get'>;
  /** Takes a share of a large batch. */
  thread?: ProbeThread;
  /** Replaces every check's own timeout. */
  timeoutMs?: number;
  /** A person asked: hosts with an open circuit are tried all the same. */
  overrideCircuit?: boolean;
  /** Commands of all checks run as another user; of others those that say so do, as the inventory says. */
  become?: BecomeSettings;
}

/**
 * The checks that selectors and names come to, in the inventory's order of hosts and checks.
 * @throws MusterError USAGE when a selector, a name or the whole choice matches nothing
 */
export function planChecks(
  inventory: Inventory,
  selectors: readonly string[] = [],
  checkNames: readonly string[] = [],
): CheckTarget[] {
  const known = inventory.section(checks);
  for (const name of checkNames) {
    if (!known.has(name)) {
      throw new MusterError('USAGE', t('no check is named "{0}"', name), {
        hint: t('The checks are: {0}.', [...known.keys()].join(', ') || t('none')),
      });
    }
  }
  const hosts = selectors.length > 0 ? selectHosts(inventory, selectors) : [...inventory.hosts.values()];
  const chosen = [...known.values()].filter(
    (check) => checkNames.length === 0 || checkNames.includes(check.name),
  );
  const members = new Map(chosen.map((check) => [check, new Set(check.hosts)]));
  const targets = hosts.flatMap((host) =>
    chosen.filter((check) => members.get(check)!.has(host.name)).map((check) => ({ host, check })),
  );
  if (targets.length === 0) {
    const unknown = unknownText(inventory, unansweredGroups(inventory));
    if (unknown !== undefined) throw new MusterError('INVENTORY', unknown, { phase: 'inventory' });
    throw new MusterError('USAGE', t('no check applies to the chosen hosts'), {
      hint: t('Add a check under "checks:" whose "on:" selects them.'),
    });
  }
  return targets;
}

/** Between two attempts, where a check does not say. */
export const defaultRetryDelayMs = 1_000;

const probesByType: ReadonlyMap<string, Probe> = new Map(probes.map((probe) => [probe.type, probe]));

/** @throws MusterError INVENTORY when its kind was taken away since the inventory was read */
function probeOf({ type }: Check, extra: CheckOptions['extraProbes']): Probe {
  const found = probesByType.get(type) ?? extra?.get(type);
  if (found) return found;
  throw new MusterError('INVENTORY', t('no probe of the type “{0}” is registered', type), {
    hint: t('The extension that brings it may be disabled.'),
  });
}

/** Runs the checks; never rejects: whatever goes wrong with a target is in its result. */
export async function runChecks(
  targets: readonly CheckTarget[],
  options: CheckOptions,
): Promise<CheckReport> {
  const forThread = options.thread
    ? targets.filter(({ check }) => probesByType.get(check.type)?.socketsOnly?.(check.settings)).length
    : 0;
  const share = options.thread?.shareFor(forThread);
  const order = orderOf(targets);
  const ended = new Map<CheckTarget, Traced<CheckResult>>();
  /** What the attempts before the one under way have found. */
  const before = new Map<CheckTarget, { made: number; result: CheckResult }>();
  const attempted = (target: CheckTarget, result: CheckResult): CheckResult => {
    const { made } = before.get(target) ?? {};
    return made === undefined ? result : { ...result, attempts: made + 1 };
  };
  const report = await conduct<CheckTarget, CheckResult, CheckSummary>(
    {
      ...{ name: 'check', targets: order?.targets ?? targets, summarise },
      attributesOf: ({ host, check }) => ({ host: host.name, check: check.name }),
      deadlineMs: ({ check }) => options.timeoutMs ?? check.timeoutMs,
      waitsFor: order?.waitsFor,
      work: async (target, deadline, operation) => {
        const hindrance = order?.hindrance(target, ended);
        if (hindrance) throw hindrance;
        return attempted(target, await probe(target, deadline, operation, options, share));
      },
      failed: (target, thrown, elapsedMs) => {
        const earlier = before.get(target);
        // An attempt that was cut short takes nothing back.
        if (earlier && MusterError.is(thrown, 'CANCELLED')) return { ...earlier.result };
        return attempted(target, failedResult(target, thrown, elapsedMs));
      },
      again: (target, result, made) => {
        const waitMs = retryDelayOf(target.check, result, made);
        if (waitMs !== undefined) before.set(target, { made, result });
        return waitMs;
      },
      ended: (target, result) => ended.set(target, result),
    },
    options,
  );
  share?.end();
  return order ? { ...report, results: targets.map((target) => ended.get(target)!) } : report;
}

/** What an attempt more would only repeat, or make worse: a wrong password locks accounts. */
const settled: ReadonlySet<string | undefined> = new Set([
  'AUTH',
  'BECOME_REFUSED',
  'HOST_KEY_UNKNOWN',
  'HOST_KEY_MISMATCH',
]);

/** Milliseconds until a verdict is questioned; undefined if it stands. */
function retryDelayOf(
  { retries = 0, retryDelayMs = defaultRetryDelayMs }: Check,
  { status, error }: CheckResult,
  attempts: number,
): number | undefined {
  return status === 'unhealthy' && attempts <= retries && !settled.has(error?.code)
    ? retryDelayMs
    : undefined;
}

async function probe(
  { host, check }: CheckTarget,
  deadline: Deadline,
  operation: Operation,
  options: CheckOptions,
  share: ThreadShare | undefined,
): Promise<CheckResult> {
  const startedAt = performance.now();
  const { run, socketsOnly } = probeOf(check, options.extraProbes);
  const inPlace = () =>
    run(host, check.settings, {
      deadline,
      operation,
      transport: options.transport,
      etcd: options.etcd,
      metrics: options.metrics,
      overrideCircuit: options.overrideCircuit ?? false,
      become: options.become,
      directory: dirname(check.source.file),
    });
  const { measurements = [], ...finding } = valueWithoutCredentials(
    await (share && socketsOnly?.(check.settings) ? share.probe(host, check, deadline, inPlace) : inPlace()),
  );
  for (const measurement of measurements) operation.record(measurement);
  return {
    host: host.name,
    check: check.name,
    ...finding,
    latencyMs: roundMs(finding.latencyMs ?? performance.now() - startedAt),
    ...(finding.mismatch && {
      error: errorReport(new MusterError('EXPECTATION', finding.message, { host: host.name })),
    }),
  };
}

/** What says nothing about a host. */
const unjudged = ['CANCELLED', 'DEPENDENCY', 'LOCAL_LIMIT', 'UNAVAILABLE', 'INTERNAL'] as const;

function failedResult({ host, check }: CheckTarget, thrown: unknown, elapsedMs: number): CheckResult {
  const error = toMusterError(thrown, { host: host.name });
  return {
    host: host.name,
    check: check.name,
    status: MusterError.is(error, ...unjudged) ? 'skipped' : 'unhealthy',
    latencyMs: roundMs(elapsedMs),
    message: error.message,
    error: errorReport(error),
  };
}

/** What the results of checks that took so long come to. */
export function summarise(results: readonly CheckResult[], durationMs: number): CheckSummary {
  const counts = countStatuses(results, checkStatuses);
  const latencies = results
    .filter((result) => result.status !== 'skipped')
    .map((result) => result.latencyMs)
    .sort((a, b) => a - b);
  return {
    total: results.length,
    ...counts,
    durationMs,
    p50Ms: percentile(latencies, 50),
    p95Ms: percentile(latencies, 95),
    p99Ms: percentile(latencies, 99),
    perSecond: durationMs > 0 ? Math.round(latencies.length / (durationMs / 1000)) : 0,
  };
}

/** Nearest-rank percentile of ascending values; 0 when there are none. */
export function percentile(ascending: readonly number[], percent: number): number {
  return ascending[Math.max(0, Math.ceil((percent / 100) * ascending.length) - 1)] ?? 0;
}
