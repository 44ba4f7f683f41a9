import { MusterError } from '../../../../platform/errors/errors';
import { placedPlaceholders } from '../../../../platform/inventory/yaml/placeholders';
import { t } from '../../../../platform/l10n/l10n';
import { expectationsOf } from './expectations';
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

/** The check that sends a request of a file, and expects what the file does. @throws MusterError USAGE for what no check holds */
export async function checkOfRequest(
  written: FileRequest,
  { variables }: Pick<HttpFile, 'variables'>,
  on: readonly string[],
  folder: string,
): Promise<CheckEntry> {
  const values = {
    ...{ variables, given: {}, isConstant: true },
    secret: () => Promise.resolve(undefined),
    response: () => undefined,
  };
  const { method, url, headers, body } = await requestOfFile(written, values, folder, {
    ...{ from: 'local', http2: false, compressed: false },
  });
  if (!methods.has(method)) throw new MusterError('USAGE', t('a check cannot send {0}', method));
  const repeated = headers.find(
    ([name], index) => headers.findIndex(([other]) => same(other, name)) !== index,
  );
  if (repeated) throw new MusterError('USAGE', t('a check sends the header {0} once', repeated[0]));
  const place = placeOf(url);
  const { written: expect } = expectationsOf(written);
  return {
    isReaddressed: place.isReaddressed,
    value: {
      ...{ type: 'http', on: on.length === 1 ? on[0] : on, url: place.url },
      ...(method !== 'GET' && { method }),
      ...(headers.length > 0 && {
        headers: Object.fromEntries(headers.map(([name, value]) => [name, literal(value)])),
      }),
      ...(body && { body: literal(textOf(body)) }),
      ...(!written.followsRedirects && { followRedirects: false }),
      ...(expect !== undefined && { expect }),
    },
  };
}

const same = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();

/** With a scheme, and without a name that would mean this machine. */
function placeOf(url: string): { url: string; isReaddressed: boolean } {
  const whole = /^https?:\/\//i.test(url) ? url : `http://${url.startsWith(':') ? 'localhost' : ''}${url}`;
  const [, before = '', host = '', rest = ''] =
    /^(https?:\/\/(?:[^/?#@]*@)?)(\[[^\]]*\]|[^/?#:]*)([^]*)$/i.exec(whole) ?? [];
  const isReaddressed = loopback.test(host);
  return { url: isReaddressed ? `${before}{address}${rest}` : whole, isReaddressed };
}

/** In a check, other than in a file of requests, placeholders of hosts stand in headers and bodies as well. */
function literal(text: string): string {
  return placedPlaceholders(text).reduceRight(
    (whole, { offset, length }) =>
      `${whole.slice(0, offset)}{${whole.slice(offset, offset + length)}}${whole.slice(offset + length)}`,
    text,
  );
}

function textOf(body: Buffer): string {
  const text = body.toString('utf8');
  if (Buffer.from(text).equals(body)) return text;
  throw new MusterError('USAGE', t('a check sends text only'));
}
