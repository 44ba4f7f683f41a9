import type { ServiceError } from '@grpc/grpc-js';
import {
  type ErrorCode,
  hintFor,
  MusterError,
  type Phase,
  toMusterError,
} from '../../../../platform/errors/errors';
import { t, text } from '../../../../platform/l10n/l10n';
import { printable } from '../../../../platform/text/printable';
import { unaccepted, unanswered } from './connectTimeouts';

/** How an error of etcd or of the connection to it is shown; the first pattern that matches its details. */
interface Known {
  pattern: RegExp;
  code: ErrorCode;
  phase: Phase;
  hint?: string;
  /** Instead of the details. */
  message?: string;
}

const withUser = text('Check username and password of the cluster.');
const known: readonly Known[] = [
  {
    pattern: /authentication failed|user name not found|password was given but auth/i,
    code: 'AUTH',
    phase: 'auth',
    hint: withUser,
  },
  {
    pattern: /user name is empty/,
    code: 'AUTH',
    phase: 'auth',
    hint: text('The cluster wants a user: set username.'),
  },
  { pattern: /invalid auth token|auth store is old/, code: 'AUTH', phase: 'auth', hint: withUser },
  {
    pattern: /permission denied/,
    code: 'AUTH',
    phase: 'request',
    hint: text(
      'The user has no role that allows this: grant a permission on the key or the prefix (etcdctl role grant-permission).',
    ),
  },
  {
    pattern: /required revision has been compacted/,
    code: 'COMPACTED',
    phase: 'request',
    hint: text('History before the last compaction is gone: ask for a later revision.'),
  },
  {
    pattern: /required revision is a future revision/,
    code: 'EXPECTATION',
    phase: 'request',
    hint: text('The cluster has not reached that revision yet; was it restored from a backup?'),
  },
  {
    pattern: /request is too large|too many operations|larger than max|trying to send message larger/i,
    code: 'TOO_LARGE',
    phase: 'request',
    hint: text('Write less at once, or raise --max-request-bytes or --max-txn-ops of etcd.'),
  },
  {
    pattern: /database space exceeded/,
    code: 'NO_SPACE',
    phase: 'request',
    hint: text(
      'Compact and defragment the cluster, raise --quota-backend-bytes, then clear the alarm (etcdctl alarm disarm).',
    ),
  },
  {
    pattern: /requested lease not found/,
    code: 'EXPECTATION',
    phase: 'request',
    hint: text('The lease has ended: grant another, or write without one.'),
  },
  {
    pattern: /rpc not supported for learner/,
    code: 'UNREACHABLE',
    phase: 'request',
    hint: text(
      'The member is a learner, which serves no requests: name a voting member among the endpoints.',
    ),
  },
  {
    pattern: /too many requests/,
    code: 'UNREACHABLE',
    phase: 'request',
    hint: text('The member is behind with what it has to apply: try again, and check its disk.'),
  },
  {
    pattern:
      /no leader|leader changed|unhealthy cluster|request timed out|not capable|server stopped|not ready|waiting for leader/,
    code: 'UNREACHABLE',
    phase: 'request',
    hint: text('The cluster has no quorum, or is electing a leader: check that most of its members run.'),
  },
];

/** What the connection failed with, as Node puts it into the details of gRPC's UNAVAILABLE. */
const connectionFailures: readonly Known[] = [
  { pattern: /ENOTFOUND|EAI_|Name resolution failed/, code: 'DNS', phase: 'dns' },
  {
    pattern: /EMFILE|ENFILE/,
    code: 'LOCAL_LIMIT',
    phase: 'connect',
    hint: text('Raise the limit of open files (ulimit -n), or lower the concurrency.'),
  },
  { pattern: /ECONNREFUSED/, code: 'REFUSED', phase: 'connect' },
  { pattern: /EHOSTUNREACH|ENETUNREACH|EHOSTDOWN/, code: 'UNREACHABLE', phase: 'connect' },
  {
    pattern: new RegExp(unanswered),
    code: 'TIMEOUT',
    phase: 'connect',
    message: text('it accepted the TCP connection and sent nothing'),
    hint: text(
      'The process there hangs or does not speak gRPC: check that it is etcd’s client port and that etcd runs.',
    ),
  },
  {
    pattern: new RegExp(unaccepted),
    code: 'TIMEOUT',
    phase: 'connect',
    message: text('it did not accept the TCP connection'),
  },
  { pattern: /ETIMEDOUT/, code: 'TIMEOUT', phase: 'connect' },
  {
    pattern: /before secure TLS connection/,
    code: 'TLS',
    phase: 'tls',
    hint: text(
      'The port does not speak TLS, or refuses this client: check the endpoint, tls.cert and tls.key.',
    ),
  },
  {
    pattern: /Last error: (Error: )?Protocol error/,
    code: 'PROTOCOL',
    phase: 'connect',
    message: text('the endpoint does not speak gRPC (HTTP/2)'),
    hint: text(
      'Check that the port is etcd’s client port, not its peer or metrics port nor another service, and whether the endpoint needs https://.',
    ),
  },
  { pattern: /ECONNRESET|EPIPE|socket hang up|disconnected/, code: 'RESET', phase: 'connect' },
];

/** gRPC's status codes, of which grpc-js has the enum; it is loaded when it is used only. */
const status = {
  cancelled: 1,
  deadlineExceeded: 4,
  resourceExhausted: 8,
  unimplemented: 12,
  unavailable: 14,
};

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && typeof (error as ServiceError).details === 'string' && 'code' in error;
}

/** What gRPC and etcd put around what they say. */
const wrapping =
  /^etcdserver: |^No connection established\. Last error: (Error: )?|( \(\d{4}-[\dT:.-]+Z\))?\. Resolution note: .*$/g;

/** What a call failed with as an error of the family; `host` is the endpoint. */
export function etcdError(thrown: unknown, host?: string): MusterError {
  if (!isServiceError(thrown)) return toMusterError(thrown, { host }, 'PROTOCOL');
  const details = thrown.details;
  const found =
    known.find(({ pattern }) => pattern.test(details)) ??
    (Number(thrown.code) === status.unavailable
      ? (connectionFailures.find(({ pattern }) => pattern.test(details)) ?? unavailable)
      : byStatus[thrown.code]);
  const {
    code,
    phase,
    hint,
    message: said,
  } = found ?? { code: 'PROTOCOL', phase: 'request', hint: undefined, message: undefined };
  const bare = isUnexplained(details) ? t('no connection') : printable(details.replace(wrapping, ''), 300);
  const message = said === undefined ? bare : t(said);
  return new MusterError(code, message, {
    host,
    phase,
    hint: hint === undefined ? hintFor(code) : t(hint),
    cause: unwrapped(thrown, bare),
  });
}

/** What the code reads of the error stays as it is; its words are not those of gRPC, which would repeat the message. */
function unwrapped({ code, details, metadata, stack }: ServiceError, message: string): Error {
  return Object.assign(new Error(message), { code, details, metadata, stack });
}

/** Between two attempts to connect gRPC does not say what the last one failed with. */
export function lacksReason(error: MusterError): boolean {
  return isUnexplained(serviceDetails(error));
}

function isUnexplained(details: string): boolean {
  return /^No connection established\. Last error: null/.test(details);
}

const unavailable: Omit<Known, 'pattern'> = {
  code: 'UNREACHABLE',
  phase: 'connect',
  hint: text('Check that the endpoint is that of etcd, and that etcd runs.'),
};

const byStatus: Readonly<Record<number, Omit<Known, 'pattern'>>> = {
  [status.cancelled]: { code: 'CANCELLED', phase: 'request' },
  [status.deadlineExceeded]: {
    code: 'TIMEOUT',
    phase: 'request',
    hint: text('The service is slow or hangs: check it, or try a longer timeout.'),
  },
  [status.resourceExhausted]: { code: 'TOO_LARGE', phase: 'request' },
  [status.unimplemented]: {
    code: 'PROTOCOL',
    phase: 'request',
    hint: text('The server does not know this call: it must be etcd 3.4 or later.'),
  },
};

/** The refusal of a watch, which etcd gives as text in a message. */
export function watchRefusal(reason: string, host?: string): MusterError {
  const found = known.find(({ pattern }) => pattern.test(reason));
  const message = t('etcd ended the watch: {0}', printable(reason || t('no reason given'), 300));
  return new MusterError(found?.code ?? 'PROTOCOL', message, {
    host,
    phase: found?.phase ?? 'request',
    hint: found?.hint && t(found.hint),
  });
}

/** Whether another endpoint may do what this one could not. */
export function movesOn(error: MusterError): boolean {
  return (
    (error.code === 'PROTOCOL' && neverSent(error)) ||
    MusterError.is(error, 'DNS', 'REFUSED', 'UNREACHABLE', 'RESET', 'TIMEOUT', 'TLS')
  );
}

/** Whether etcd certainly did nothing, so that a write may be sent again. */
export function neverDone(error: MusterError): boolean {
  return neverSent(error) || refusedAsLearner(error) || /too many requests/.test(serviceDetails(error));
}

/** Whether the member is a learner, which answers hardly any request. */
export function refusedAsLearner(error: MusterError): boolean {
  return /rpc not supported for learner/.test(serviceDetails(error));
}

const unsent = new WeakSet<MusterError>();

/** Notes that the call of this error was still waiting for a connection. */
export function noteUnsent(error: MusterError): MusterError {
  unsent.add(error);
  return error;
}

/** The error of a request that would have come before the write, or of a write that etcd certainly did not do. */
export function nothingWritten(thrown: unknown): MusterError {
  const error = etcdError(thrown);
  return withOutcome(error, [t('Nothing was written.'), error.hint].filter(Boolean).join(' '));
}

/** A write whose answer is missing may have been done all the same. */
export function perhapsWritten(error: MusterError): MusterError {
  return withOutcome(error, t('Whether etcd has done it is unknown: read the keys before you try again.'));
}

function withOutcome({ code, message, host, phase, cause }: MusterError, hint: string): MusterError {
  return new MusterError(code, message, { host, phase, cause, hint });
}

/** Whether the call certainly did not reach etcd. */
export function neverSent(error: MusterError): boolean {
  return (
    unsent.has(error) || /^(No connection established|Name resolution failed)/.test(serviceDetails(error))
  );
}

/** Whether a new token may help: etcd forgot it, or roles were changed since. */
export function wantsNewToken(error: MusterError): boolean {
  return /invalid auth token|auth store is old/.test(serviceDetails(error));
}

export function authenticationIsOff(error: MusterError): boolean {
  return /authentication is not enabled/.test(serviceDetails(error));
}

function serviceDetails(error: MusterError): string {
  return isServiceError(error.cause) ? error.cause.details : error.message;
}

/** Whether a member does not tell its status to this user: since etcd 3.6 only administrators may ask. */
export function statusRefused(thrown: unknown): boolean {
  const error = etcdError(thrown);
  return error.code === 'AUTH' && error.phase === 'request';
}
