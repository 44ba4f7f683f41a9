import { once } from 'node:events';
// eslint-disable-next-line no-restricted-syntax -- between two turns somebody could connect
import { chmodSync } from 'node:fs';
import { lstat, rm } from 'node:fs/promises';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { BlockList, Socket } from 'node:net';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { MusterError } from '../../../../platform/errors/errors';
import { makeFolder } from '../../../../platform/files/makeFolder';
import { privateMode } from '../../../../platform/files/privateFile';
import type { Logger } from '../../../../platform/host/host';
import { t } from '../../../../platform/l10n/l10n';
import type { EndpointName } from '../endpointNames';
import { isAllowed, isAuthorized, isOurHost, type ListenPlace } from './access';

/** What is answered to a request that was let in. */
export interface Answer {
  readonly status: number;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Iterable<string>;
}

/** One address of the service. */
export interface Endpoint {
  /** What it is called where it is counted and switched off. */
  readonly name: EndpointName;
  readonly path: string;
  /** By method; HEAD is answered as GET. */
  readonly methods: Readonly<Partial<Record<'GET' | 'POST', (request: Request) => Answer | Promise<Answer>>>>;
}

export interface Request {
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  /** Of a POST, up to the limit. */
  readonly body: Buffer;
  /** Aborts when whoever asked has gone. */
  readonly signal: AbortSignal;
}

export interface HttpOptions {
  readonly place: ListenPlace;
  /** Read at each request; undefined where the mode of the socket is the authorisation. */
  readonly token: () => string | undefined;
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Who may connect; everybody where it is undefined. */
  readonly allowed?: BlockList;
  /** Names of this service in `Host`, beside its address. */
  readonly names: readonly string[];
  readonly endpoints: readonly Endpoint[];
  /** Each request that was answered: its endpoint (`other` for none) and status. */
  readonly answered: (endpoint: string, status: number) => void;
  readonly logger: Logger;
}

const most = { headerBytes: 16 * 1024, bodyBytes: 1024 ** 2, connections: 256, urlLength: 8 * 1024 } as const;
/** Milliseconds. */
const limits = { headers: 10_000, request: 30_000, keepAlive: 65_000 } as const;
const pieceLength = 64 * 1024;

/** A server that answers endpoints to those who may ask. */
export class HttpService {
  private constructor(private readonly server: Server) {}

  /** @throws MusterError USAGE where it cannot listen */
  static async start(options: HttpOptions): Promise<HttpService> {
    const listener = listenerOf(options);
    const limited = {
      maxHeaderSize: most.headerBytes,
      requestTimeout: limits.request,
      headersTimeout: limits.headers,
      keepAliveTimeout: limits.keepAlive,
    };
    const server: Server = options.tls
      ? (await import('node:https')).createServer(
          { ...limited, ...options.tls, minVersion: 'TLSv1.2', handshakeTimeout: limits.headers },
          listener,
        )
      : createServer(limited, listener);
    server.maxConnections = most.connections;
    const { allowed } = options;
    // Before a handshake or a byte is read.
    if (allowed)
      server.prependListener('connection', (socket: Socket) => {
        if (!isAllowed(allowed, socket.remoteAddress)) socket.destroy();
      });
    server.on('clientError', (_error, socket) => {
      if (socket.writable)
        socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      else socket.destroy();
    });
    await listen(server, options.place);
    // Such as that there are no descriptors for another connection.
    server.on('error', (error) => options.logger.error(error.message));
    return new HttpService(server);
  }

  /** The port that it has taken. */
  get port(): number | undefined {
    const address = this.server.address();
    return typeof address === 'object' ? address?.port : undefined;
  }

  /** Takes no more connections, and removes its socket; what is being answered may end within so many milliseconds. */
  async stop(limitMs: number): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeIdleConnections();
    const timer = setTimeout(() => this.server.closeAllConnections(), limitMs);
    await closed;
    clearTimeout(timer);
  }
}

async function listen(server: Server, place: ListenPlace): Promise<void> {
  try {
    if (place.kind === 'tcp') server.listen({ host: place.host, port: place.port });
    else await listenAt(server, place.path);
    if (!server.listening) await once(server, 'listening');
  } catch (error) {
    server.close();
    if (MusterError.is(error)) throw error;
    throw new MusterError('USAGE', t('--listen: {0}', (error as Error).message), { cause: error });
  }
}

/** A socket that nobody listens on any more is replaced; one that somebody does, or another file, is not. */
async function listenAt(server: Server, path: string): Promise<void> {
  await makeFolder(dirname(path), privateMode.folder);
  const there = await lstat(path).catch(() => undefined);
  if (there && !there.isSocket())
    throw new MusterError('USAGE', t('--listen: {0} exists and is not a socket', path));
  if (there && (await isServed(path)))
    throw new MusterError('USAGE', t('--listen: another process listens on {0}', path));
  if (there) await rm(path, { force: true });
  // The mode holds before anybody is heard. A folder with default rights of its own heeds no umask.
  const before = process.umask(0o177);
  try {
    server.listen({ path });
    if (server.listening) chmodSync(path, privateMode.file);
  } finally {
    process.umask(before);
  }
}

function isServed(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('close', () => socket.destroy()).setTimeout(1_000, () => resolve(true));
    socket.once('connect', () => socket.destroy());
  });
}

function listenerOf(options: HttpOptions): RequestListener {
  const { place, endpoints, answered, logger } = options;
  const names = new Set([
    ...['localhost', '127.0.0.1', '::1', ...options.names.map((name) => name.toLowerCase())],
    ...(place.kind === 'tcp' ? [place.host.toLowerCase()] : []),
  ]);
  const byPath = new Map(endpoints.map((endpoint) => [endpoint.path, endpoint]));
  return (request, response) => {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const url = urlOf(request);
    const endpoint = url && byPath.get(url.pathname);
    const reply = async (): Promise<Answer> => {
      if (!isOurHost(request.headers.host, names)) return refusal(421, 'this service has another name');
      const token = options.token();
      if (token !== undefined && !isAuthorized(request.headers.authorization, token))
        return {
          ...refusal(401, 'a token is needed'),
          headers: { 'WWW-Authenticate': 'Bearer, Basic realm="muster"' },
        };
      // Whoever comes from a page of a browser brings the credentials of a person along.
      if (request.headers.origin !== undefined) return refusal(403, 'pages of browsers are not answered');
      if (!url || !endpoint) return refusal(404, 'nothing is here');
      const method = request.method === 'HEAD' ? 'GET' : request.method;
      const act = method === 'GET' || method === 'POST' ? endpoint.methods[method] : undefined;
      if (!act)
        return {
          ...refusal(405, 'not with this method'),
          headers: { Allow: Object.keys(endpoint.methods).join(', ') },
        };
      const body = method === 'POST' ? await readBody(request) : Buffer.alloc(0);
      if (!body) return refusal(413, 'the body is too large');
      return act({ query: url.searchParams, headers: request.headers, body, signal: gone.signal });
    };
    reply()
      .catch((error: unknown): Answer => {
        logger.error(
          `${endpoint?.name ?? 'request'}: ${error instanceof Error ? error.message : String(error)}`,
        );
        return refusal(500, 'Muster has failed: its log says how');
      })
      .then(async (answer) => {
        answered(endpoint?.name ?? 'other', answer.status);
        await write(request, response, answer, gone.signal);
      })
      .catch(() => response.destroy());
  };
}

/** Undefined for what is no path of ours. */
function urlOf({ url = '' }: IncomingMessage): URL | undefined {
  if (url.length > most.urlLength || !url.startsWith('/')) return undefined;
  try {
    return new URL(`http://muster${url}`);
  } catch {
    return undefined;
  }
}

/** Undefined for more than the limit. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > most.bodyBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** In English, as all that programs read. */
export function refusal(status: number, text: string): Answer {
  return { status, body: `${text}\n` };
}

/** Writes it as fast as it is read, and lets others have their turn. */
async function write(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
  gone: AbortSignal,
): Promise<void> {
  const { status, type = 'text/plain; charset=utf-8', headers = {}, body } = answer;
  // What was sent with a refused request is not read: the connection is good for nothing more.
  const leftOver = !request.complete && { Connection: 'close' };
  response.writeHead(status, {
    ...{ 'Content-Type': type, 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' },
    ...{ ...headers, ...leftOver },
    ...(typeof body === 'string' && { 'Content-Length': Buffer.byteLength(body) }),
  });
  if (request.method === 'HEAD') return void response.end();
  if (typeof body === 'string') return void response.end(body);
  let piece = '';
  for (const part of body) {
    piece += part;
    if (piece.length < pieceLength) continue;
    if (!response.write(piece)) await once(response, 'drain', { signal: gone });
    piece = '';
    await turn();
  }
  response.end(piece);
}
