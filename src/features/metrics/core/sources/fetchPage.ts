import type { IncomingMessage } from 'node:http';
import { setImmediate as rest } from 'node:timers/promises';
import { createBrotliDecompress, createGunzip } from 'node:zlib';
import type { Readable } from 'node:stream';
import { z } from 'zod';
import { MusterError } from '../../../../platform/errors/errors';
import {
  brokenAnswer,
  type Endpoint,
  endpointOf,
  get,
  isLoopback,
  throughSchema,
} from '../../../../platform/http/endpoint';
import type { Host } from '../../../../platform/inventory/model';
import { t, text } from '../../../../platform/l10n/l10n';
import { tlsSchema } from '../../../../platform/tls/tlsSettings';
import { printable } from '../../../../platform/text/printable';
import { resolvePlaceholders } from '../../../../platform/inventory/yaml/placeholders';
import type { Fate } from '../../../../platform/host/declaredPasswords';
import type { ReadContext } from './contract';

/** The settings of sources that are pages. */
export const pageSettings = {
  url: z
    .string()
    .regex(/^https?:\/\/./i, text('a URL begins with http:// or https://'))
    .refine((url) => !/^https?:\/\/[^/?#]*@/i.test(url), text('a URL holds no user and no password'))
    .describe('Where the page is, e.g. `http://127.0.0.1:9100/metrics`; may hold placeholders.'),
  through: throughSchema,
  socket: z
    .string()
    .regex(/^(\/|\{)/, text('expected an absolute path'))
    .optional()
    .describe('Unix socket of the host on which it answers, reached over SSH; the URL then has the path.'),
  auth: z
    .union([
      z.literal('bearer'),
      z.strictObject({
        username: z
          .string()
          .regex(/^[^:\x00-\x1f\x7f]+$/, text('a user without colons and control characters'))
          .describe('User of HTTP basic authentication; may hold placeholders.'),
      }),
    ])
    .optional()
    .describe(
      'How to log in: `bearer` for a token, or `username` for HTTP basic authentication. The secret is asked for, never written here.',
    ),
  tls: tlsSchema.optional().describe('Trust and client certificate for https.'),
};

type PageSettings = z.output<z.ZodObject<typeof pageSettings>>;

/** Bytes of a page, once it is unpacked: 100,000 samples, of which no more are read, take some 12 MB. */
const largestPage = 16 * 1024 * 1024;

/** UTF-16 units that are read at once, and milliseconds after which others get their turn. */
const pieceLength = 8 * 1024;
const longestTurnMs = 10;

export interface Page {
  readonly contentType: string | undefined;
  /** Whether its end is known: an answer of HTTP/1.0 without a length that was cut looks like a whole one. */
  readonly hasEnd: boolean;
  /** What the clock of the service says. */
  readonly sourceClockMs?: number;
  /** Decoded as UTF-8, piece by piece. @throws MusterError when it breaks off or grows too large */
  readonly pieces: AsyncIterable<string>;
}

/** Asks for a page. @throws MusterError with its phase, PROTOCOL for another status than 200 */
export async function fetchPage(
  host: Host,
  { url, through, tls, socket, auth }: PageSettings,
  accept: string,
  context: ReadContext,
): Promise<Page> {
  const endpoint = endpointOf(host, url, { through, tls, socket });
  const path = `${endpoint.url.pathname}${endpoint.url.search}`;
  const response = await ask(endpoint, path, auth, { accept, 'accept-encoding': 'gzip' }, context);
  if (response.statusCode !== 200) {
    response.destroy();
    throw refusal(host, response, auth !== undefined);
  }
  const { headers } = response;
  const date = Date.parse(headers.date ?? '');
  return {
    contentType: headers['content-type'],
    ...(!Number.isNaN(date) && { sourceClockMs: date }),
    hasEnd: headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined,
    pieces: piecesOf(host, response, context),
  };
}

/** Asks with the password or token of the source, if it has one, and settles whether it was right. @throws MusterError */
async function ask(
  endpoint: Endpoint,
  path: string,
  auth: PageSettings['auth'],
  headers: Readonly<Record<string, string>>,
  context: ReadContext,
): Promise<IncomingMessage> {
  if (auth === undefined) return get(endpoint, path, context, headers);
  const { host, url, through, tls, socket } = endpoint;
  refuseClearText(endpoint);
  const user = auth === 'bearer' ? undefined : resolvePlaceholders(auth.username, host);
  const lent = await context.login({
    ...{ user, through, place: socket === undefined ? url.origin : `unix:${socket}` },
    tls: url.protocol === 'https:' ? tls : undefined,
  });
  let fate: Fate = 'unknown';
  try {
    const authorization = user === undefined ? bearer(host, lent.password) : basic(user, lent.password);
    const response = await get(endpoint, path, context, { ...headers, authorization });
    if (response.statusCode === 200) fate = 'accepted';
    else if (response.statusCode === 401) fate = 'refused';
    return response;
  } finally {
    lent.settle(fate);
  }
}

const basic = (user: string, password: string) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

function bearer(host: Host, token: string): string {
  if (/^[\x21-\x7e]+$/.test(token)) return `Bearer ${token}`;
  throw new MusterError('AUTH', t('the token has blanks or other characters that a header cannot have'), {
    ...{ host: host.name, phase: 'auth' },
    hint: t('Check that it is the token alone, without “Bearer”.'),
  });
}

/** Whoever listens between here and the service would read it. */
function refuseClearText({ host, url, through }: Endpoint): void {
  if (through === 'ssh' || url.protocol === 'https:' || isLoopback(url)) return;
  throw new MusterError('INVENTORY', t('a password or token is not sent over a network in clear'), {
    ...{ host: host.name, phase: 'inventory' },
    hint: t('Write https in the url of the source, or “through: ssh” to ask from the host itself.'),
  });
}

async function* piecesOf(
  host: Host,
  response: IncomingMessage,
  { deadline }: ReadContext,
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  const unhear = deadline.onAbort(() => response.destroy());
  let size = 0;
  let restedAt = performance.now();
  try {
    for await (const chunk of unpacked(response) as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > largestPage)
        throw new MusterError('TOO_LARGE', t('the page is larger than {0} MB', largestPage / 1024 / 1024), {
          hint: t('Ask for a part of it: many exporters take collect[] or name[] in the URL.'),
        });
      const text = decoder.decode(chunk, { stream: true });
      for (let at = 0; at < text.length; at += pieceLength) {
        yield text.slice(at, at + pieceLength);
        if (performance.now() - restedAt < longestTurnMs) continue;
        await rest();
        restedAt = performance.now();
      }
    }
    yield decoder.decode();
  } catch (error) {
    throw brokenAnswer(host, deadline.reason ?? error);
  } finally {
    unhear();
    response.destroy();
  }
}

const unpackers = new Map([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['br', createBrotliDecompress],
]);

function unpacked(response: IncomingMessage): Readable {
  const encoding = response.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding === 'identity' || encoding === '') return response;
  const unpack = unpackers.get(encoding);
  if (!unpack) throw new MusterError('PROTOCOL', t('the page is packed as “{0}”', printable(encoding, 40)));
  const stream = unpack();
  response.on('error', (error) => stream.destroy(error));
  return response.pipe(stream);
}

function refusal(host: Host, { statusCode = 0, headers }: IncomingMessage, hasAuth: boolean): MusterError {
  const details = { host: host.name, phase: 'request' } as const;
  if (statusCode === 401 || statusCode === 403)
    return new MusterError('AUTH', t('the service refused with status {0}', statusCode), {
      ...details,
      hint: hasAuth
        ? t('Check the user and the password or token, and that they may read the page.')
        : t('Set auth of the source (bearer, or a username), or a client certificate under tls.'),
    });
  const { location } = headers;
  const to = location === undefined ? '' : t(', to {0}', printable(location, 200));
  return new MusterError('PROTOCOL', t('the answer is not metrics: status {0}{1}', statusCode, to), {
    ...details,
    hint: t('Check the path of the URL: most services have /metrics.'),
  });
}
