import type { IAlarmResponse, IStatusResponse } from 'etcd3/lib/rpc';
import { errorReport, type ErrorReport } from '../../../../platform/errors/errors';
import { etcdError, refusedAsLearner, statusRefused } from './etcdError';
import { decodeRange } from './etcdMessages';
import type { CallOptions, EtcdTransport } from './etcdTransport';

/** One endpoint, asked by itself. Ids of members are hexadecimal, as etcdctl prints them. */
export interface EndpointStatus {
  endpoint: string;
  /** It answers, knows a leader, and can read: with the consent of most members unless it is a learner. */
  healthy: boolean;
  /** Why it is not healthy. */
  error?: ErrorReport;
  /** Milliseconds that the read with consent took. */
  latencyMs?: number;
  version?: string;
  memberId?: string;
  /** The member that leads, as this one sees it; undefined when it knows none. */
  leaderId?: string;
  leads?: boolean;
  learner?: boolean;
  /** Bytes of the database file, and how many of them are used. */
  dbSize?: number;
  dbSizeInUse?: number;
  raftTerm?: number;
  raftIndex?: number;
  raftAppliedIndex?: number;
  revision?: number;
  /** What the member complains about, e.g. `etcdserver: no leader`. */
  errors: string[];
}

export interface Alarm {
  memberId: string;
  /** e.g. `NOSPACE`, `CORRUPT` */
  alarm: string;
}

export interface ClusterStatus {
  endpoints: EndpointStatus[];
  /** undefined when they could not be asked for. */
  alarms: Alarm[] | undefined;
  /** The greatest that an endpoint knows. */
  revision: number | undefined;
}

const statusMethod = { service: 'Maintenance', name: 'Status' } as const;
const alarmMethod = { service: 'Maintenance', name: 'Alarm' } as const;
const rangeMethod = { service: 'KV', name: 'Range', decode: decodeRange } as const;

/** Asks every endpoint at the same time; what one fails with is part of the answer. */
export async function clusterStatus(transport: EtcdTransport, options: CallOptions): Promise<ClusterStatus> {
  const [alarms, ...endpoints] = await Promise.all([
    transport.read<IAlarmResponse>(alarmMethod, { action: 'Get' }, options).catch(() => undefined),
    ...transport.addresses.map((_, index) => endpointStatus(transport, index, options)),
  ]);
  options.signal?.throwIfAborted();
  const revisions = endpoints.flatMap(({ revision }) => revision ?? []);
  return {
    endpoints,
    alarms: alarms?.alarms.map(({ memberID, alarm }) => ({
      memberId: memberName(memberID),
      alarm: alarm.toUpperCase(),
    })),
    revision: revisions.length > 0 ? Math.max(...revisions) : undefined,
  };
}

async function endpointStatus(
  transport: EtcdTransport,
  index: number,
  options: CallOptions,
): Promise<EndpointStatus> {
  const { endpoint } = transport.addresses[index]!;
  const [state, read] = await Promise.allSettled([
    transport.ask<IStatusResponse>(index, statusMethod, {}, options),
    consentedRead(transport, index, options),
  ]);
  const status: EndpointStatus = { endpoint, healthy: false, errors: [] };
  if (state.status === 'fulfilled') Object.assign(status, described(state.value));
  if (read.status === 'fulfilled') status.latencyMs = read.value;
  // Where only administrators may ask for more, the read with consent shows that it is healthy.
  const unknown = state.status === 'rejected' && statusRefused(state.reason);
  const failure = [unknown ? undefined : state, read].find((result) => result?.status === 'rejected');
  if (failure?.status === 'rejected') status.error = errorReport(etcdError(failure.reason, endpoint));
  status.healthy = !failure && (unknown || (status.leaderId !== undefined && status.errors.length === 0));
  return status;
}

/**
 * Milliseconds of a read that most members agreed to, as `etcdctl endpoint health` does it. A learner is asked for what
 * it has itself, which is all that it answers.
 */
async function consentedRead(
  transport: EtcdTransport,
  index: number,
  options: CallOptions,
  serializable = false,
): Promise<number> {
  const begin = performance.now();
  const request = { key: Buffer.from('health'), keys_only: true, serializable };
  try {
    await transport.ask(index, rangeMethod, request, options);
  } catch (thrown) {
    const error = etcdError(thrown);
    if (!serializable && refusedAsLearner(error)) return consentedRead(transport, index, options, true);
    // Who may not read that key has been answered all the same.
    if (error.code !== 'AUTH' || error.phase !== 'request') throw thrown;
  }
  return performance.now() - begin;
}

function described(state: IStatusResponse): Partial<EndpointStatus> {
  const memberId = memberName(state.header.member_id);
  const leaderId = state.leader === '0' ? undefined : memberName(state.leader);
  return {
    version: state.version,
    memberId,
    ...(leaderId !== undefined && { leaderId, leads: leaderId === memberId }),
    learner: state.isLearner,
    dbSize: Number(state.dbSize),
    dbSizeInUse: Number(state.dbSizeInUse),
    raftTerm: Number(state.raftTerm),
    raftIndex: Number(state.raftIndex),
    raftAppliedIndex: Number(state.raftAppliedIndex),
    revision: Number(state.header.revision),
    errors: state.errors,
  };
}

function memberName(id: string): string {
  return BigInt(id).toString(16);
}
