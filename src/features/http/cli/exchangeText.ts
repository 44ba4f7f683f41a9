import { printable } from '../../../platform/text/printable';
import { withoutCredentials } from '../../../platform/redaction/withoutCredentials';
import type { Hop, ResponseHead } from '../core/exchange';
import { type Header, shownValue } from '../core/httpRequest';

/** UTF-16 units of a header that are shown. */
const longest = 2_000;

/** A response's head as HTTP writes it, without secrets. */
export function headLines(
  { protocol, status, statusText, headers }: ResponseHead,
  showSecrets = false,
): string[] {
  // Of the minor version of HTTP/1 the client says nothing.
  const version = protocol === 'h2' ? 'HTTP/2' : 'HTTP/1';
  return [
    `${version} ${status} ${statusText}`.trimEnd(),
    ...headers.map((header) => headerLine(header, showSecrets)),
  ];
}

/** A request and its response as curl shows them. */
export function exchangeLines(
  { method, url, headers, body }: Hop,
  response: ResponseHead,
  showSecrets = false,
): string[] {
  const hasHost = headers.some(([name]) => name.toLowerCase() === 'host');
  const path = withoutCredentials(`${url.pathname}${url.search}`);
  const request = [
    `${method} ${printable(path, longest)} ${response.protocol === 'h2' ? 'HTTP/2' : 'HTTP/1.1'}`,
    ...(hasHost ? [] : [`host: ${url.host}`]),
    ...headers.map((header) => headerLine(header, showSecrets)),
    ...(body ? [`content-length: ${body.length}`] : []),
  ];
  return [
    ...request.map((line) => `> ${line}`),
    ...headLines(response, showSecrets).map((line) => `< ${line}`),
  ];
}

function headerLine(header: Header, showSecrets: boolean): string {
  const line = `${header[0]}: ${shownValue(header, showSecrets)}`;
  return printable(showSecrets ? line : withoutCredentials(line), longest);
}
