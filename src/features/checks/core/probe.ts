import type { z } from 'zod';
import type { CheckSettings } from './check';
import type { BecomeSettings, Host } from '../../../platform/inventory/model';
import type { ClusterAccess } from '../../etcd/core/client/etcdClusters';
import type { MetricAccess } from '../../metrics/core/contract';
import type { Measurement } from '../../../platform/operation/measurement';
import type { Operation } from '../../../platform/operation/operation';
import type { HostTransport } from '../../../platform/transport/hostTransport';
import type { Deadline } from '../../../platform/batch/deadline';

export const checkStatuses = ['healthy', 'degraded', 'unhealthy', 'skipped'] as const;
export type CheckStatus = (typeof checkStatuses)[number];

/** Milliseconds spent in each phase of a probe, those that it has. */
export interface PhaseTimings {
  dns?: number;
  connect?: number;
  tls?: number;
  handshake?: number;
  firstByte?: number;
  run?: number;
  total?: number;
}

/** What a probe found; a failure to find anything is thrown as a MusterError instead. */
export interface Finding {
  status: Exclude<CheckStatus, 'skipped'>;
  /** One line, sanitised: what was found, or expected against actual. */
  message: string;
  phases?: PhaseTimings;
  measurements?: readonly Measurement[];
  /** Milliseconds until what was measured had happened, when the probe then waited to see that it lasts. */
  latencyMs?: number;
  /** Expected and actual, when an expectation failed. */
  mismatch?: { expected: string; actual: string };
  /** Shown beside the result, e.g. that certificate verification is off. */
  warning?: string;
}

export interface ProbeContext {
  /** Covers everything: DNS, connecting, handshake and work. Its signal must reach the socket. */
  deadline: Deadline;
  transport: Pick<HostTransport, 'exec' | 'connect'>;
  /** What the check is a part of; undefined in the probe thread, where nothing asks for it. */
  operation?: Operation;
  /** The inventory's etcd clusters, where there are any to be reached. */
  etcd?: ClusterAccess;
  /** The inventory's sources of metrics, where they can be read. */
  metrics?: MetricAccess;
  /** A person asked for this check: an open circuit is tried all the same. */
  overrideCircuit: boolean;
  /** Commands run as another user, whatever the check says. */
  become?: BecomeSettings | undefined;
  /** The inventory's folder, where relative paths in the settings start. */
  directory: string;
}

/**
 * One kind of check: data and one function. `settings` describes the keys beside
 * `type`, `on` and `timeout`, which every check has; the published schema is made from it.
 */
export interface Probe<Settings = CheckSettings> {
  readonly type: string;
  readonly description: string;
  readonly settings: z.ZodType<Settings>;
  /** Why no host can be checked so within this time limit (ms; 0: none): known before anything runs. */
  fault?(this: void, settings: Settings, timeoutMs: number): string | undefined;
  /** Whether it needs no transport and nothing else of this thread, so that another thread may run it. */
  socketsOnly?(this: void, settings: Settings): boolean;
  /** Settings that are command lines for a shell, in which placeholders are quoted words. */
  readonly commandLines?: readonly string[];
  run(this: void, host: Host, settings: Settings, context: ProbeContext): Promise<Finding>;
}
