import { t, text } from '../l10n/l10n';
import { withoutCredentials } from '../redaction/withoutCredentials';

/** Stable identifiers of what went wrong; part of the public contract of the CLI's JSON. */
export const errorCodes = [
  'TIMEOUT',
  'DNS',
  'REFUSED',
  'UNREACHABLE',
  'RESET',
  'TLS',
  'AUTH',
  'HOST_KEY_UNKNOWN',
  'HOST_KEY_MISMATCH',
  'EXIT_STATUS',
  'EXPECTATION',
  'PROTOCOL',
  'CIRCUIT_OPEN',
  'CANCELLED',
  /** Arguments ask for what cannot be, or name what the inventory does not have. */
  'USAGE',
  'INVENTORY',
  /** Trust that only a person gives is missing: of the workspace, or of an inventory that others can write. */
  'UNTRUSTED',
  'READ_ONLY',
  /** The host did not let the command become the other user. */
  'BECOME_REFUSED',
  'CONFLICT',
  'COMPACTED',
  'TOO_LARGE',
  'NO_SPACE',
  'FORMAT',
  'PRECONDITION',
  /** What this comes after has failed, so nothing was tried. */
  'DEPENDENCY',
  'LOCAL_LIMIT',
  /** This machine lacks a program or a right that the work needs, from which nothing follows about a host. */
  'UNAVAILABLE',
  /** A fault of Muster's own, from which nothing follows about a host. */
  'INTERNAL',
] as const;
export type ErrorCode = (typeof errorCodes)[number];

/** How far the work on a host had come when it failed, in order. */
export type Phase =
  'inventory' | 'dns' | 'connect' | 'tls' | 'handshake' | 'auth' | 'channel' | 'become' | 'request' | 'run';

export interface ErrorDetails {
  host?: string;
  phase?: Phase;
  /** What the user can do about it, one sentence. */
  hint?: string;
  cause?: unknown;
}

/** Where work was when it failed. */
export interface Whereabouts extends ErrorDetails {
  /** Address and port that it was about, e.g. `192.0.2.7:22`; the host by default. */
  peer?: string;
  /** The peer had sent nothing yet. */
  isSilent?: boolean;
}

/** The one error family of the core. Neither `message` nor `hint` holds credentials. */
export class MusterError extends Error {
  override readonly name = 'MusterError';
  readonly host?: string;
  readonly phase?: Phase;
  readonly hint?: string;

  constructor(
    readonly code: ErrorCode,
    message: string,
    details: ErrorDetails = {},
  ) {
    super(withoutCredentials(message), details.cause === undefined ? undefined : { cause: details.cause });
    this.host = details.host;
    this.phase = details.phase;
    this.hint = details.hint && withoutCredentials(details.hint);
  }

  static is(error: unknown, ...codes: ErrorCode[]): error is MusterError {
    return error instanceof MusterError && (codes.length === 0 || codes.includes(error.code));
  }
}

/** Node's and OpenSSL's error codes by the family's code. */
const systemCodes: Record<string, ErrorCode> = {
  ENOTFOUND: 'DNS',
  EAI_AGAIN: 'DNS',
  EAI_FAIL: 'DNS',
  ENODATA: 'DNS',
  ECONNREFUSED: 'REFUSED',
  ECONNRESET: 'RESET',
  EPIPE: 'RESET',
  ECONNABORTED: 'RESET',
  EHOSTUNREACH: 'UNREACHABLE',
  ENETUNREACH: 'UNREACHABLE',
  EHOSTDOWN: 'UNREACHABLE',
  EADDRNOTAVAIL: 'UNREACHABLE',
  EMFILE: 'LOCAL_LIMIT',
  ENFILE: 'LOCAL_LIMIT',
  EAGAIN: 'LOCAL_LIMIT',
  ENOMEM: 'LOCAL_LIMIT',
  ENOBUFS: 'LOCAL_LIMIT',
  EACCES: 'UNREACHABLE',
  ETIMEDOUT: 'TIMEOUT',
  ABORT_ERR: 'CANCELLED',
};

const hints: Partial<Record<ErrorCode, string>> = {
  DNS: text('Check the address in muster.yaml, or the name server of this machine.'),
  REFUSED: text('Nothing listens on that port: check the port and that the service runs.'),
  UNREACHABLE: text('Check the route or firewall to the host, or set ssh.proxyJump.'),
  RESET: text('The peer closed the connection: check the logs of the service, or its connection limits.'),
  INTERNAL: text('This is a fault of Muster, and says nothing about the host: please report it.'),
  TIMEOUT: text(
    'A firewall may drop the packets, or the host is down: check the address, the port and the route.',
  ),
};

/** What this machine has run out of, by Node's code, and what to do. */
const localLimits: Record<string, readonly [string, string]> = {
  EADDRNOTAVAIL: [
    text('this machine has no free port to connect from'),
    text('Lower the concurrency, or widen net.ipv4.ip_local_port_range.'),
  ],
  EMFILE: [
    text('Muster has as many files and connections open as it may'),
    text('Raise the limit of open files (ulimit -n), or lower the concurrency.'),
  ],
  ENFILE: [
    text('this machine has as many files and connections open as it can'),
    text('Close what else holds files open on this machine, or lower the concurrency.'),
  ],
};
const otherLimit = [
  text('this machine has no memory or process left'),
  text('Close something on this machine, or lower the concurrency.'),
] as const;

/** Ports to connect from are shared by all IPv4 connections; of IPv6 the code says that there is no such address here. */
function isOutOfPorts(error: unknown): boolean {
  const { code, address } = (error ?? {}) as { code?: unknown; address?: unknown };
  return code === 'EADDRNOTAVAIL' && typeof address === 'string' && !address.includes(':');
}

function localLimit(systemCode: string, details: ErrorDetails, cause: unknown): MusterError {
  const [message, hint] = localLimits[systemCode] ?? otherLimit;
  return new MusterError('LOCAL_LIMIT', t(message), { hint: t(hint), ...details, cause });
}

function systemCodeOf(error: unknown): string | undefined {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}

/** Address and port as people write them. */
export function peerOf({ address, port }: { address: string; port: number }): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** What had not happened when time was up, and what to do, by phase. */
const timeouts: Partial<Record<Phase | 'greeting', readonly [string, string]>> = {
  dns: [
    text('no name server knew the address of {0}'),
    text('Check the name server of this machine, or write an IP address in muster.yaml.'),
  ],
  connect: [text('{0} did not take the connection'), hints.TIMEOUT!],
  tls: [
    text('{0} took the connection, and did not complete the TLS handshake'),
    text('The port may not speak TLS, or the service hangs: check the port and the service.'),
  ],
  greeting: [
    text('{0} took the connection, and sent no SSH greeting'),
    text(
      'Check that an SSH server listens there: it may hang, or have too many logins under way (MaxStartups).',
    ),
  ],
  handshake: [
    text('{0} did not complete the SSH handshake'),
    text('The host may be overloaded: look at its load, or try a longer timeout.'),
  ],
  auth: [
    text('{0} did not complete the login'),
    text(
      'Its sshd may wait for a directory or a name server (PAM, UseDNS): check its log, or try a longer timeout.',
    ),
  ],
  channel: [
    text('{0} opened no session'),
    text('The host may be overloaded, or have all of its sessions in use: try a longer timeout.'),
  ],
  become: [
    text('{0} did not begin the command as the other user'),
    text(
      'What asks for the password may wait for a directory (PAM), or for an answer: try the same on the host.',
    ),
  ],
  request: [
    text('{0} did not answer, or not to the end'),
    text('The service is slow or hangs: check it, or try a longer timeout.'),
  ],
  run: [
    text('the command has not ended'),
    text('Raise the timeout if it may take longer, or see on the host what it waits for.'),
  ],
};

/** That time was up, with how far the work had come. */
function timedOut({ message }: MusterError, details: Whereabouts): MusterError {
  const { host, phase, isSilent, peer = host ?? t('the host') } = details;
  const step = phase === 'handshake' && isSilent ? 'greeting' : phase!;
  const [pending, hint] = timeouts[step] ?? [];
  return new MusterError('TIMEOUT', pending ? `${message}: ${t(pending, peer)}` : message, {
    host,
    phase,
    hint: hint && t(hint),
  });
}

/** What only a program that is wrong throws; Node.js gives codes to what inputs bring about, such as a URL that is none. */
function isOwnFault(error: unknown): boolean {
  if (!(error instanceof TypeError || error instanceof ReferenceError)) return false;
  return /^(ERR_INVALID_ARG_.*|undefined)$/.test(String(systemCodeOf(error)));
}

function isTlsCode(code: string): boolean {
  return code.startsWith('ERR_TLS') || code.startsWith('ERR_SSL') || /CERT|SELF_SIGNED|^UNABLE_TO/.test(code);
}

/**
 * Wraps whatever was thrown in the family, keeping it as the cause.
 * A MusterError passes through, and a fault of the program is INTERNAL; `fallback` names what any other unknown error
 * becomes.
 */
export function toMusterError(
  error: unknown,
  details: Whereabouts = {},
  fallback: ErrorCode = 'PROTOCOL',
): MusterError {
  if (error instanceof MusterError) {
    // A deadline does not know what it was for.
    if (error.code === 'TIMEOUT' && !error.phase && details.phase) return timedOut(error, details);
    if ((error.host ?? details.host) === error.host && (error.phase ?? details.phase) === error.phase)
      return error;
    return new MusterError(error.code, error.message, {
      host: error.host ?? details.host,
      phase: error.phase ?? details.phase,
      hint: error.hint ?? details.hint,
      cause: error.cause,
    });
  }
  const systemCode = systemCodeOf(error);
  const code = isOwnFault(error)
    ? 'INTERNAL'
    : systemCode === undefined
      ? fallback
      : (systemCodes[systemCode] ?? (isTlsCode(systemCode) ? 'TLS' : fallback));
  if (code === 'LOCAL_LIMIT' || isOutOfPorts(error)) return localLimit(systemCode!, details, error);
  return new MusterError(code, messageOf(error), { hint: hintFor(code), ...details, cause: error });
}

/** The default advice for a code. */
export function hintFor(code: ErrorCode): string | undefined {
  const hint = hints[code];
  return hint && t(hint);
}

function messageOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message || thrown.name;
  return typeof thrown === 'string' ? thrown : (JSON.stringify(thrown) ?? 'undefined');
}

/** Messages of the causes below `error`, outermost first; cycles and repeated messages are dropped. */
export function causeMessages(error: unknown): string[] {
  const messages: string[] = [];
  const seen = new Set<unknown>([error]);
  let last = error instanceof Error ? error.message : undefined;
  for (let cause = (error as Error | undefined)?.cause; cause !== undefined && !seen.has(cause);) {
    seen.add(cause);
    const message = withoutCredentials(messageOf(cause));
    if (message !== last) messages.push(message);
    last = message;
    cause = (cause as Error).cause;
  }
  return messages;
}

/** The error with other words, e.g. without a secret that a peer has repeated; itself where they are the same. */
export function reworded(error: MusterError, change: (text: string) => string): MusterError {
  const texts = [error.message, error.hint ?? '', ...causeMessages(error)];
  if (texts.every((text) => change(text) === text)) return error;
  const [, , ...causes] = texts;
  return new MusterError(error.code, change(error.message), {
    ...{ host: error.host, phase: error.phase },
    hint: error.hint && change(error.hint),
    cause: causes.length > 0 ? new Error(change(causes.join(': '))) : undefined,
  });
}

/** An error as the CLI's JSON and the editor show it. */
export interface ErrorReport {
  code: ErrorCode;
  message: string;
  phase?: Phase;
  causes: string[];
  hint?: string;
  /** The operation that it is from. */
  traceId?: string;
}

export function errorReport(error: unknown): ErrorReport {
  const known = toMusterError(error);
  return {
    code: known.code,
    message: known.message,
    ...(known.phase && { phase: known.phase }),
    causes: causeMessages(known),
    ...(known.hint && { hint: known.hint }),
  };
}

/** An error of another thread or place again, by its report; its causes are kept as text. */
export function errorFrom({ code, message, phase, hint, causes }: ErrorReport): MusterError {
  const cause = causes.reduceRight<Error | undefined>(
    (inner, text) => new Error(text, inner && { cause: inner }),
    undefined,
  );
  return new MusterError(code, message, { phase, hint, cause });
}

/** The chain as text, from the symptom down to the cause, ending in what the user can do. */
export function errorChain(report: ErrorReport): string[] {
  return [
    `${report.code}: ${report.message}`,
    ...report.causes.map((cause) => t('caused by: {0}', cause)),
    ...(report.hint ? [report.hint] : []),
  ];
}
