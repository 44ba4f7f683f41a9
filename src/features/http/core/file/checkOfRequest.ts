import path from 'node:path';
import { MusterError } from '../../../../platform/errors/errors';
import { literalText } from '../../../../platform/inventory/yaml/placeholders';
import { t } from '../../../../platform/l10n/l10n';
import { expectationsOf } from './expectations';
import type { TlsSettings } from '../../../../platform/tls/tlsSettings';
import type { FileRequest, HttpFile } from './httpFile';
import { requestOfFile } from './requestOfFile';

/** An entry of `checks:`, and what a person should know about it. */
export interface CheckEntry {
  readonly value: Readonly<Record<string, unknown>>;
  /** Whether a name of the loopback became the address of the host: checks are sent from this machine. */
  readonly isReaddressed: boolean;
}

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i;

/**
 * The check that sends a request of a file, and expects what the file does. `directory` is that of the inventory, which
 * certificates are named from. @throws MusterError USAGE for what no check holds
 */
export async function checkOfRequest(
  written: FileRequest,
  { variables }: Pick<HttpFile, 'variables'>,
  on: readonly string[],
  { folder, directory }: { folder: string; directory: string },
): Promise<CheckEntry> {
  const values = {
    ...{ variables, given: {}, isConstant: true },
    secret: () => Promise.resolve(undefined),
    response: () => undefined,
  };
  const { method, url, headers, body, socket, tls } = await requestOfFile(written, values, folder, {
    ...{ from: 'local', http2: false, compressed: false },
  });
  if (!methods.has(method)) throw new MusterError('USAGE', t('a check cannot send {0}', method));
  const repeated = headers.find(
    ([name], index) => headers.findIndex(([other]) => same(other, name)) !== index,
  );
  if (repeated) throw new MusterError('USAGE', t('a check sends the header {0} once', repeated[0]));
  // To a socket the name in the URL is a name only.
  const place =
    socket === undefined ? placeOf(url) : { ...placeOf(url), url: withScheme(url), isReaddressed: false };
  const { written: expect } = expectationsOf(written);
  return {
    isReaddressed: place.isReaddressed,
    value: {
      ...{ type: 'http', on: on.length === 1 ? on[0] : on, url: place.url },
      ...(socket !== undefined && { socket }),
      ...tlsOf(tls, directory),
      ...(method !== 'GET' && { method }),
      // In a check, other than in a file of requests, placeholders of hosts stand in headers and bodies as well.
      ...(headers.length > 0 && {
        headers: Object.fromEntries(headers.map(([name, value]) => [name, literalText(value)])),
      }),
      ...(body && { body: literalText(textOf(body)) }),
      ...(!written.followsRedirects && { followRedirects: false }),
      ...(expect !== undefined && { expect }),
    },
  };
}

const same = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();

const withScheme = (url: string) =>
  /^https?:\/\//i.test(url) ? url : `http://${url.startsWith(':') ? 'localhost' : ''}${url}`;

/** Files are named from the folder of the inventory. */
function tlsOf({ ca, cert, key, insecure }: Partial<TlsSettings> = {}, directory: string) {
  const files = Object.entries({ ca, cert, key }).flatMap(([name, file]) =>
    file === undefined ? [] : [[name, path.relative(directory, file)] as const],
  );
  const tls = { ...Object.fromEntries(files), ...(insecure && { insecure }) };
  return Object.keys(tls).length > 0 && { tls };
}

/** With a scheme, and without a name that would mean this machine. */
function placeOf(url: string): { url: string; isReaddressed: boolean } {
  const whole = withScheme(url);
  const [, before = '', host = '', rest = ''] =
    /^(https?:\/\/(?:[^/?#@]*@)?)(\[[^\]]*\]|[^/?#:]*)([^]*)$/i.exec(whole) ?? [];
  const isReaddressed = loopback.test(host);
  return { url: isReaddressed ? `${before}{address}${rest}` : whole, isReaddressed };
}

function textOf(body: Buffer): string {
  const text = body.toString('utf8');
  if (Buffer.from(text).equals(body)) return text;
  throw new MusterError('USAGE', t('a check sends text only'));
}
