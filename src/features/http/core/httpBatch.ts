import { createHash } from 'node:crypto';
import { type BatchOptions, type BatchReport, conduct, countStatuses } from '../../../platform/batch/conduct';
import type { Deadline } from '../../../platform/batch/deadline';
import {
  type ErrorReport,
  errorReport,
  MusterError,
  reworded,
  toMusterError,
} from '../../../platform/errors/errors';
import type { Host } from '../../../platform/inventory/model';
import { refuseReadOnly } from '../../../platform/inventory/readOnly';
import { roundMs } from '../../../platform/operation/measurement';
import type { Operation } from '../../../platform/operation/operation';
import { PhaseRecorder } from '../../../platform/operation/phaseRecorder';
import { Redactor, secretsOf } from '../../../platform/redaction/redactor';
import { withoutCredentials } from '../../../platform/redaction/withoutCredentials';
import type { HostTransport } from '../../../platform/transport/hostTransport';
import { decodedBody } from './decodedBody';
import type { ResponseHead } from './exchange';
import { checkRequest, type Header, type HttpRequest, isSafe, shownValue } from './httpRequest';
import { firstHop, type OnExchange, requestOn } from './requestOn';

/** `stopped`: cancelled after the request was sent, so the server may have acted on it; `skipped`: nothing was sent. */
const httpStatuses = ['ok', 'failed', 'stopped', 'skipped'] as const;
export type HttpStatus = (typeof httpStatuses)[number];

/** A response as it is kept and reported. */
export interface KeptResponse {
  status: number;
  statusText: string;
  protocol: ResponseHead['protocol'];
  /** Where it came from in the end, without credentials. */
  url: string;
  redirects: number;
  /** By lower-case names; values that log somebody in are hidden unless they are asked for. */
  headers: Readonly<Record<string, string | readonly string[]>>;
  /** Bytes of the body that were received, decoded. */
  size: number;
  /** Of these bytes. */
  sha256: string;
  /** The body is longer than what is kept of it: this is its beginning. */
  truncated: boolean;
  /** Where the body is UTF-8, and was not passed on as it came. */
  body?: string;
  /** Where it is not. */
  bodyBase64?: string;
}

export interface HttpResult {
  host: string;
  status: HttpStatus;
  /** null where no response came. */
  response: KeptResponse | null;
  durationMs: number;
  error?: ErrorReport;
}

export interface HttpSummary {
  total: number;
  /** A response came, whatever its status. */
  ok: number;
  failed: number;
  stopped: number;
  skipped: number;
  durationMs: number;
}

export type HttpReport = BatchReport<HttpResult, HttpSummary>;

export interface HttpOptions extends BatchOptions<HttpResult> {
  transport: HostTransport;
  /** Milliseconds for everything on one host; none by default. */
  timeoutMs?: number;
  /** Bytes kept of each body; what is longer is not read to its end. */
  maxBody?: number;
  /** Where relative paths of certificates start. */
  directory: string;
  /** A response with this status or a higher one is a failure. */
  failFrom?: number;
  /** Show values of headers that log somebody in. */
  showSecrets?: boolean;
  /** Hears of each request with its response, redirects included. */
  onExchange?: (host: string, ...exchange: Parameters<OnExchange>) => void;
  /** Takes the body as it comes, which is then read to its end and not kept. What it returns is waited for. */
  onPiece?: (host: string, piece: Buffer) => void | Promise<void>;
}

export const defaultMaxBody = 1024 * 1024;
/** Bounds what thousands of different bodies may hold together. */
const batchBodyLimit = 512 * 1024 * 1024;

/**
 * Sends one request from every host. What goes wrong on a host is in its result.
 * @throws MusterError USAGE, INVENTORY, READ_ONLY before anything is sent
 */
export async function requestBatch(
  hosts: readonly Host[],
  request: HttpRequest,
  options: HttpOptions,
): Promise<HttpReport> {
  checkRequest(request);
  if (!isSafe(request.method)) refuseReadOnly(hosts);
  for (const host of hosts) firstHop(host, request);
  /** Hosts from which the request may have been sent. */
  const sent = new Set<Host>();
  const bodies = new KeptBodies();
  return conduct<Host, HttpResult, HttpSummary>(
    {
      ...{ name: 'http', targets: hosts },
      attributesOf: (host) => ({ host: host.name }),
      deadlineMs: () => options.timeoutMs ?? 0,
      work: (host, deadline, operation) =>
        askOn(host, request, { deadline, operation, bodies, onSent: () => sent.add(host) }, options),
      failed: (host, error, elapsedMs) => withoutResponse(host, error, elapsedMs, sent.has(host)),
      summarise: (results, durationMs) => ({
        ...{ total: results.length, durationMs },
        ...countStatuses(results, httpStatuses),
      }),
    },
    options,
  );
}

interface HostWork {
  deadline: Deadline;
  operation: Operation;
  bodies: KeptBodies;
  onSent: () => void;
}

async function askOn(
  host: Host,
  request: HttpRequest,
  { deadline, operation, bodies, onSent }: HostWork,
  options: HttpOptions,
): Promise<HttpResult> {
  const { transport, directory, onExchange, onPiece, failFrom = Infinity, showSecrets } = options;
  const startedAt = performance.now();
  const phases = new PhaseRecorder(operation);
  const sender: Host = request.from === 'local' ? { ...host, transport: 'local' } : host;
  try {
    const { response, hop, redirects } = await requestOn(
      sender,
      request,
      { transport, deadline, phases, directory, onSent },
      (...exchange) => onExchange?.(host.name, ...exchange),
    );
    // What is passed on is passed on as it came, unless it was asked for encoded.
    const pieces = onPiece && !request.compressed ? response.body : decodedBody(response);
    const body = onPiece
      ? await passOn(pieces, (piece) => onPiece(host.name, piece))
      : await bodies.read(pieces, options.maxBody ?? defaultMaxBody);
    response.body.destroy();
    const { status, statusText, protocol, headers } = response;
    operation.record({ name: 'http.response.body.size', value: body.size, unit: 'By' });
    return {
      ...{ host: host.name, status: status >= failFrom ? 'failed' : 'ok' },
      response: {
        ...{ status, statusText, protocol, url: withoutCredentials(hop.url.href), redirects },
        headers: headersByName(headers, showSecrets),
        ...body,
      },
      durationMs: roundMs(performance.now() - startedAt),
    };
  } catch (error) {
    // The answer may repeat what it was asked with.
    const { url, headers, body } = firstHop(host, request);
    const redactor = new Redactor(secretsOf(url, new Map(headers), body?.toString('utf8')));
    // Ours say how far the work had come when time was up.
    const cause = MusterError.is(error) ? error : (deadline.reason ?? error);
    const known = toMusterError(cause, { host: host.name, phase: 'request' });
    throw reworded(known, (text) => redactor.redact(text));
  } finally {
    phases.end();
  }
}

/** Those of a name in the order in which they came. */
function headersByName(headers: readonly Header[], showSecrets = false): KeptResponse['headers'] {
  const byName = new Map<string, string | readonly string[]>();
  for (const header of headers) {
    const name = header[0].toLowerCase();
    const value = shownValue(header, showSecrets);
    const before = byName.get(name);
    byName.set(name, before === undefined ? value : [before, value].flat());
  }
  return Object.fromEntries(byName);
}

type KeptBody = Pick<KeptResponse, 'size' | 'sha256' | 'truncated' | 'body' | 'bodyBase64'>;

async function passOn(
  pieces: AsyncIterable<Buffer>,
  take: (piece: Buffer) => void | Promise<void>,
): Promise<KeptBody> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const piece of pieces) {
    hash.update(piece);
    size += piece.length;
    await take(piece);
  }
  return { size, sha256: hash.digest('hex'), truncated: false };
}

/** The bodies of one batch. Hosts that say the same have one copy of it. */
class KeptBodies {
  private readonly byHash = new Map<string, KeptBody>();
  private left = batchBodyLimit;

  /** Reads no more than `most` bytes, and no more than there is room for. */
  async read(pieces: AsyncIterable<Buffer>, most: number): Promise<KeptBody> {
    const limit = Math.min(most, this.left);
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const piece of pieces) {
      // Chunks of ssh2 are views that keep a whole packet alive.
      chunks.push(Buffer.from(piece.subarray(0, limit - size)));
      size += piece.length;
      if (size > limit) break;
    }
    const truncated = size > limit;
    const bytes = Buffer.concat(chunks);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const key = `${truncated} ${sha256}`;
    const known = this.byHash.get(key);
    if (known) return known;
    const body: KeptBody = { size: bytes.length, sha256, truncated, ...textOf(bytes, truncated) };
    this.byHash.set(key, body);
    this.left = Math.max(0, this.left - bytes.length);
    return body;
  }
}

/** What is not UTF-8 is kept as it is; a character that the limit cuts is left out. */
function textOf(bytes: Buffer, isCut: boolean): Pick<KeptBody, 'body' | 'bodyBase64'> {
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    return { body: decoder.decode(bytes, { stream: isCut }) };
  } catch {
    return { bodyBase64: bytes.toString('base64') };
  }
}

function withoutResponse(host: Host, error: unknown, elapsedMs: number, wasSent: boolean): HttpResult {
  const known = toMusterError(error, { host: host.name });
  const isCancelled = MusterError.is(known, 'CANCELLED');
  const notBegun = elapsedMs === 0 || (isCancelled && !wasSent);
  return {
    ...{ host: host.name, status: isCancelled && wasSent ? 'stopped' : notBegun ? 'skipped' : 'failed' },
    ...{ response: null, durationMs: roundMs(elapsedMs), error: errorReport(known) },
  };
}
