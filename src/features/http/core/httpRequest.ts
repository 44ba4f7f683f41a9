import { MusterError } from '../../../platform/errors/errors';
import { t } from '../../../platform/l10n/l10n';
import { isCredentialHeader } from '../../../platform/redaction/secretNames';
import { hidden } from '../../../platform/redaction/spans';
import { printable } from '../../../platform/text/printable';
import type { ExpectedResponse } from '../../checks/core/http/judgeResponse';
import type { TlsSettings } from '../../../platform/tls/tlsSettings';

/** A header as it is sent or as it came. */
export type Header = readonly [name: string, value: string];

/** What is asked for, before it goes to a host. */
export interface HttpRequest {
  /** May hold placeholders of the host. */
  url: string;
  method: string;
  headers: readonly Header[];
  /** Names of headers that Muster would send and that are not wanted. */
  omitted?: readonly string[];
  body?: Buffer | undefined;
  /** From where it is sent: from each host, over its SSH connection, or from this machine. */
  from: 'host' | 'local';
  /** Path of a unix socket in place of the address and port of the URL; may hold placeholders. */
  socket?: string | undefined;
  tls?: TlsSettings | undefined;
  /** Whether HTTP/2 is offered to https servers. */
  http2: boolean;
  /** Redirects to follow at most; 0 takes the first response whatever it is. */
  maxRedirects: number;
  /** Whether a Content-Encoding is asked for and undone. */
  compressed: boolean;
  /** What the response must be like. */
  expect?: ExpectedResponse | undefined;
  /** What is in it and is not shown. */
  secrets?: readonly string[];
}

/** Whether a method only reads, so that nobody is asked. */
export function isSafe(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
}

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,200}$/;
/** What says how a message is framed, or how a connection is used. */
const framing =
  /^(?:connection|content-length|expect|keep-alive|proxy-connection|te|trailer|transfer-encoding|upgrade)$/i;

/** @throws MusterError USAGE for what could be another request, or none */
export function checkRequest({ method, headers }: Pick<HttpRequest, 'method' | 'headers'>): void {
  if (!token.test(method) || method === 'CONNECT')
    throw new MusterError('USAGE', t('"{0}" is not a method that can be sent', printable(method, 40)));
  for (const [name, value] of headers) {
    if (!token.test(name))
      throw new MusterError('USAGE', t('"{0}" is not the name of a header', printable(name, 80)));
    if (isFraming(name))
      throw new MusterError('USAGE', t('Muster sets the header {0} itself: leave it out', name));
    if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value))
      throw new MusterError(
        'USAGE',
        t(
          'the value of the header {0} holds a line break or another character that headers cannot hold',
          name,
        ),
      );
  }
}

/** Whether who sends a request decides it, not who writes it: saved requests have what a browser has sent. */
export function isFraming(name: string): boolean {
  return framing.test(name) || name.startsWith(':');
}

/** The value of a header as it may be shown. */
export function shownValue([name, value]: Header, showSecrets = false): string {
  return isCredentialHeader(name) && !showSecrets ? hidden : value;
}
