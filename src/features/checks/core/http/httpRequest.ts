import type { ConnectionOptions } from 'node:tls';
import type { Deadline } from '../../../../platform/batch/deadline';
import { MusterError } from '../../../../platform/errors/errors';
import { redirection, redirectStatuses } from '../../../../platform/http/redirection';
import { t } from '../../../../platform/l10n/l10n';
import { addressOf } from '../../../../platform/text/addressOf';
import { printable } from '../../../../platform/text/printable';
import { connectSocket, type Way } from '../connectSocket';
import type { ProbeMeasurements } from '../probeMeasurements';
import { type HttpResponse, ResponseParser } from './responseParser';

/** One request as it goes to one URL. */
interface Hop {
  /** http or https, without user and password. */
  url: URL;
  method: string;
  /** Names in lower case, values without line breaks. */
  headers: ReadonlyMap<string, string>;
  body?: string;
}

export interface HttpRequest extends Hop {
  /** Redirects to follow at most; 0 takes the first response whatever it is. */
  maxRedirects: number;
  /** Bytes of the body to keep at most. */
  maxBody: number;
  /** Called for each https URL. */
  tlsFor(url: URL): Promise<ConnectionOptions>;
  /** To the origin of the URL, in place of its name and port. */
  way?: Way;
}

/**
 * Sends the request on a new connection and follows redirects on further ones. Phases are summed up over them.
 * @throws MusterError
 */
export async function httpRequest(
  request: HttpRequest,
  deadline: Deadline,
  measured: ProbeMeasurements,
): Promise<HttpResponse> {
  let hop: Hop = request;
  for (let redirects = 0; ; redirects++) {
    const tls = hop.url.protocol === 'https:' ? await request.tlsFor(hop.url) : undefined;
    const way = hop.url.origin === request.url.origin ? request.way : undefined;
    const response = await exchange(hop, tls, way, request.maxBody, deadline, measured);
    const location = redirectStatuses.has(response.status) ? response.headers.get('location') : undefined;
    if (location === undefined || request.maxRedirects === 0) return response;
    if (redirects === request.maxRedirects) {
      const message = t(
        'more than {0} redirects, the last to {1}',
        request.maxRedirects,
        printable(location),
      );
      throw new MusterError('PROTOCOL', message, {
        phase: 'request',
        hint: t('The service may redirect in a circle: check its rules, or set followRedirects to false.'),
      });
    }
    hop = redirected(hop, response.status, location);
  }
}

async function exchange(
  hop: Hop,
  tls: ConnectionOptions | undefined,
  way: Way | undefined,
  maxBody: number,
  deadline: Deadline,
  measured: ProbeMeasurements,
): Promise<HttpResponse> {
  const parser = new ResponseParser(hop.method, maxBody);
  const port = Number(hop.url.port) || (tls ? 443 : 80);
  let askedAt: number | undefined;
  await connectSocket({ address: addressOf(hop.url), port, tls, way }, deadline, measured, {
    opened(socket) {
      askedAt = performance.now();
      socket.write(requestText(hop));
    },
    received(bytes, socket) {
      if (askedAt !== undefined) measured.phase('firstByte', askedAt);
      askedAt = undefined;
      if (parser.push(bytes)) socket.destroy();
    },
    ended(socket) {
      parser.end();
      socket.destroy();
    },
  });
  return parser.response;
}

function requestText({ url, method, headers, body = '' }: Hop): string {
  const defaults: [string, string][] = [
    ['host', url.host],
    ['user-agent', 'muster'],
    ['accept', '*/*'],
    ['accept-encoding', 'identity'],
  ];
  let text = `${method} ${url.pathname}${url.search} HTTP/1.1\r\n`;
  for (const [name, value] of new Map([...defaults, ...headers])) text += `${name}: ${value}\r\n`;
  if (body !== '' || method === 'POST' || method === 'PUT' || method === 'PATCH')
    text += `content-length: ${Buffer.byteLength(body)}\r\n`;
  return `${text}connection: close\r\n\r\n${body}`;
}

function redirected(hop: Hop, status: number, location: string): Hop {
  const hint = t('Check the Location that the service sends, or set followRedirects to false.');
  const { url, method, keepsBody, keepsHeader } = redirection(hop, status, location, hint);
  const headers = new Map([...hop.headers].filter(([name]) => keepsHeader(name)));
  return { url, method, headers, body: keepsBody ? hop.body : undefined };
}
