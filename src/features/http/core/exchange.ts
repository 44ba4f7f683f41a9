import type { Socket } from 'node:net';
import { type Duplex, Readable } from 'node:stream';
import type { Deadline } from '../../../platform/batch/deadline';
import { MusterError, toMusterError } from '../../../platform/errors/errors';
import { cutAnswer, noAnswer, notHttp, tooManyHeaders } from '../../../platform/http/answerFaults';
import { t } from '../../../platform/l10n/l10n';
import { printable } from '../../../platform/text/printable';
import type { Header } from './httpRequest';
import type { OpenWay } from './openWay';

/** One request as it goes to one URL. */
export interface Hop {
  /** http or https, without user and password. */
  url: URL;
  method: string;
  headers: readonly Header[];
  body?: Buffer | undefined;
}

export interface ResponseHead {
  status: number;
  /** What HTTP/1 says beside the status. */
  statusText: string;
  protocol: OpenWay['protocol'];
  /** In the order and, in HTTP/1, the case in which they came. */
  headers: readonly Header[];
}

export interface Response extends ResponseHead {
  /** Not decoded. Who has it reads it to its end, or destroys it: that closes the connection. */
  body: Readable;
}

const maxHeadBytes = 256 * 1024;

/** Sends one request over a stream, which ends with it. @throws MusterError with its phase; so does the body */
export async function exchange(
  { stream, protocol }: OpenWay,
  { url, method, headers, body: sent }: Hop,
  deadline: Deadline,
): Promise<Response> {
  const { Client } = await import('./httpClient.part');
  let isGiven = false;
  const client = new Client(url.origin, {
    ...{ allowH2: protocol === 'h2', pipelining: 1, maxHeaderSize: maxHeadBytes },
    // Time is the deadline's.
    ...{ headersTimeout: 0, bodyTimeout: 0 },
    connect: (_, connected) => {
      // Not at once: it would not be noticed.
      queueMicrotask(() => {
        // A request that may have arrived is never sent again.
        if (isGiven) return connected(noAnswer(), null);
        isGiven = true;
        connected(null, stream as Socket);
      });
    },
  });
  const flow = protocol === 'h2' ? undefined : heldBack(stream);
  const end = () => {
    unhear();
    flow?.resume();
    void client.destroy().catch(() => {});
    stream.destroy();
    stream.resume();
  };
  const unhear = deadline.onAbort(() => stream.destroy(deadline.reason));
  stream.on('error', () => {});
  return new Promise<Response>((resolve, reject) => {
    let body: Readable | undefined;
    client.dispatch(
      {
        method: method,
        path: `${url.pathname}${url.search}`,
        headers: headers.flat(),
        body: sent ?? null,
      },
      {
        onRequestStart: () => {},
        onResponseStart: (controller, status, parsed, statusText = '') => {
          if (status < 200) return;
          body = new Readable({
            read: () => (flow ?? controller).resume(),
            destroy: (error, done) => {
              end();
              done(error);
            },
          });
          const raw = controller.rawHeaders;
          resolve({
            ...{ status, statusText: printable(statusText, 200), protocol, body },
            headers: Array.isArray(raw) ? pairsOf(raw) : pairsOfParsed(parsed),
          });
        },
        onResponseData: (controller, chunk) => {
          if (!body!.push(chunk)) (flow ?? controller).pause();
        },
        onResponseEnd: () => void body!.push(null),
        onResponseError: (_, error) => {
          const known = deadline.reason ?? exchangeError(error, body !== undefined);
          if (body) body.destroy(known);
          else end();
          reject(known);
        },
      },
    );
  });
}

/**
 * Holds back what a stream has read. The client’s own pause of HTTP/1 asserts that the server does not close the
 * connection meanwhile, which one that ends its answer so does.
 */
function heldBack(stream: Duplex): { pause(): void; resume(): void } {
  const read = stream.read.bind(stream) as (size?: number) => unknown;
  let isHeld = false;
  stream.read = (size) => (isHeld ? null : read(size));
  return {
    pause: () => {
      isHeld = true;
    },
    resume: () => {
      if (!isHeld) return;
      isHeld = false;
      // Not at once: the client may be in the middle of what it has read before.
      process.nextTick(() => stream.emit('readable'));
    },
  };
}

function pairsOf(raw: readonly (Buffer | string)[]): Header[] {
  return Array.from({ length: raw.length / 2 }, (_, index) => [
    headerText(raw[2 * index]!),
    headerText(raw[2 * index + 1]!),
  ]);
}

/** Headers are Latin-1 by the letter and UTF-8 in practice. */
function headerText(raw: Buffer | string): string {
  const text = raw.toString('utf8');
  return text.includes('\ufffd') ? raw.toString('latin1') : text;
}

function pairsOfParsed(headers: NodeJS.Dict<string | string[]>): Header[] {
  return Object.entries(headers).flatMap(([name, values = []]) =>
    [values].flat().map((value): Header => [name, value]),
  );
}

/** What the client reports, in the words of who asked. */
function exchangeError(error: Error, hasBegun: boolean): MusterError {
  if (error instanceof MusterError) return error;
  const { code = '' } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'UND_ERR_HEADERS_OVERFLOW':
      return tooManyHeaders(maxHeadBytes);
    case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
      return notHttp(t('its length is not what Content-Length says'));
    // The client did not expect it.
    case 'ERR_ASSERTION':
      return notHttp(t('it cannot be read'));
    case 'UND_ERR_SOCKET':
      if (/^bad (?:response|upgrade)$/.test(error.message))
        return notHttp(t('it begins with an interim answer that nobody asked for'));
      return hasBegun ? cutAnswer() : noAnswer();
  }
  if (error.name !== 'HTTPParserError') return toMusterError(error, { phase: 'request' });
  const [, reason] = /\((.+)\)$/.exec(error.message) ?? [];
  return notHttp(reason ?? error.message);
}
