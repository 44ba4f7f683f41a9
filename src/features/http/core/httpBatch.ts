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
import type { HostTransport } from '../../../platform/transport/hostTransport';
import { conclude } from '../../checks/core/expectation';
import { judgeResponse } from '../../checks/core/http/judgeResponse';
import { decodedBody } from './decodedBody';
import type { Hop, ResponseHead } from './exchange';
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
 * Sends a request from every host, the same or one of its own. What goes wrong on a host is in its result.
 * @throws MusterError USAGE, INVENTORY, READ_ONLY before anything is sent
 */
export async function requestBatch(
  hosts: readonly Host[],
  request: HttpRequest | ((host: Host) => HttpRequest),
  options: HttpOptions,
): Promise<HttpReport> {
  const requestOf = typeof request === 'function' ? request : () => request;
  for (const host of hosts) {
    checkRequest(requestOf(host));
    if (!isSafe(requestOf(host).method)) refuseReadOnly([host]);
    firstHop(host, requestOf(host));
  }
  /** Hosts from which the request may have been sent. */
  const sent = new Set<Host>();
  const bodies = new KeptBodies();
  return conduct<Host, HttpResult, HttpSummary>(
    {
      ...{ name: 'http', targets: hosts },
      attributesOf: (host) => ({ host: host.name }),
      deadlineMs: () => options.timeoutMs ?? 0,
      work: (host, deadline, operation) =>
        askOn(host, requestOf(host), { deadline, operation, bodies, onSent: () => sent.add(host) }, options),
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
  const reword = (error: MusterError) => {
    const redactor = redactorOf(firstHop(host, request), request.secrets);
    return reworded(error, (text) => redactor.redact(text));
  };
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
    const durationMs = roundMs(performance.now() - startedAt);
    const error = await mismatchOf(host, request, { status, headers, durationMs, ...body });
    return {
      ...{ host: host.name, status: error || status >= failFrom ? 'failed' : 'ok' },
      response: {
        ...{
          status,
          statusText,
          protocol,
          url: new Redactor(request.secrets).redact(hop.url.href),
          redirects,
        },
        headers: headersByName(headers, showSecrets),
        ...body,
      },
      durationMs,
      ...(error && { error: errorReport(reword(error)) }),
    };
  } catch (error) {
    // Ours say how far the work had come when time was up.
    const cause = MusterError.is(error) ? error : (deadline.reason ?? error);
    throw reword(toMusterError(cause, { host: host.name, phase: 'request' }));
  } finally {
    phases.end();
  }
}

/** Knows what of a request is a secret: the answer may repeat what it was asked with. */
export function redactorOf({ url, headers, body }: Hop, secrets: readonly string[] = []): Redactor {
  return new Redactor([...secrets, ...secretsOf(url, new Map(headers), body?.toString('utf8'))]);
}

/** What is not as expected of a response. */
async function mismatchOf(
  host: Host,
  { expect }: HttpRequest,
  response: Pick<ResponseHead, 'status' | 'headers'> & KeptBody & { durationMs: number },
): Promise<MusterError | undefined> {
  if (!expect) return undefined;
  const { status, truncated, size, durationMs: totalMs } = response;
  const headers = new Map<string, string>();
  for (const [name, value] of response.headers) {
    const key = name.toLowerCase();
    headers.set(key, headers.has(key) ? `${headers.get(key)}, ${value}` : value);
  }
  // The body was decoded.
  headers.delete('content-encoding');
  const body = bytesOf(response);
  const judged = { status, headers, body, truncated };
  const mismatches = await judgeResponse(host, expect, judged, { totalMs, maxBody: size });
  const { status: verdict, message } = conclude(mismatches, '', {});
  return verdict === 'healthy' ? undefined : new MusterError('EXPECTATION', message, { phase: 'request' });
}

/** Those of a body that was kept. */
export function bytesOf({ body, bodyBase64 = '' }: Pick<KeptResponse, 'body' | 'bodyBase64'>): Buffer {
  return body === undefined ? Buffer.from(bodyBase64, 'base64') : Buffer.from(body);
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

/** The result of a host on which nothing was sent, or from which nothing came. */
export function withoutResponse(host: Host, error: unknown, elapsedMs = 0, wasSent = false): HttpResult {
  const known = toMusterError(error, { host: host.name });
  const isCancelled = MusterError.is(known, 'CANCELLED');
  const notBegun = elapsedMs === 0 || (isCancelled && !wasSent);
  return {
    ...{ host: host.name, status: isCancelled && wasSent ? 'stopped' : notBegun ? 'skipped' : 'failed' },
    ...{ response: null, durationMs: roundMs(elapsedMs), error: errorReport(known) },
  };
}
