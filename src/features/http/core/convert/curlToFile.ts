import { MusterError } from '../../../../platform/errors/errors';
import { t } from '../../../../platform/l10n/l10n';
import { type CurlRequest, fromCurl } from './curl';
import { requestText, type WrittenRequest } from './requestText';

/** What a file of requests has no words for. */
const options = { form: '--form', unixSocket: '--unix-socket', cacert: '--cacert', cert: '--cert' } as const;

/**
 * The request of a command of curl as a part of a file of requests, without what logs in.
 * @throws MusterError USAGE naming what has no counterpart
 */
export function curlToFile(command: string): string {
  const curl = fromCurl(command);
  const [unknown] = Object.entries(options).filter(([key]) => curl[key as keyof CurlRequest] !== undefined);
  if (unknown) throw unwritable(unknown[1]);
  if (curl.insecure) throw unwritable('--insecure');
  const body = bodyOf(curl);
  const given = curl.header.map((line) => {
    const [, name = '', value = ''] = /^([^:;]+)[:;]\s*([^]*)$/.exec(line) ?? [];
    return { name: name.trim(), value };
  });
  const names = new Set(given.map(({ name }) => name.toLowerCase()));
  return requestText({
    method: curl.method ?? (body === undefined ? 'GET' : 'POST'),
    url: /^[a-z][a-z\d+.-]*:\/\//i.test(curl.url) ? curl.url : `http://${curl.url}`,
    headers: [...defaultsOf(curl).filter(({ name }) => !names.has(name)), ...given],
    body,
    tags: curl.location ? [] : ['no-redirect'],
  });
}

function bodyOf({ data = [], json }: CurlRequest): string | undefined {
  const pieces = json === undefined ? data : [...data, json];
  if (pieces.length === 0) return undefined;
  const texts = pieces.map((piece) => {
    // Only names of files are text.
    if (typeof piece === 'string' && piece.startsWith('@')) throw unwritable(t('data of a file'));
    return piece.toString();
  });
  return texts.join('&');
}

/** What curl adds to a body. */
function defaultsOf({ data, json }: CurlRequest): WrittenRequest['headers'] {
  if (json !== undefined)
    return ['content-type', 'accept'].map((name) => ({ name, value: 'application/json' }));
  return data ? [{ name: 'content-type', value: 'application/x-www-form-urlencoded' }] : [];
}

const unwritable = (what: string) =>
  new MusterError('USAGE', t('a file of requests has no way to write {0}', what));
