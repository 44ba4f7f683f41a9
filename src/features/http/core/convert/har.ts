import { z } from 'zod';
import { MusterError } from '../../../../platform/errors/errors';
import { t } from '../../../../platform/l10n/l10n';
import { isCredentialHeader, isSecretParameter } from '../../../../platform/redaction/secretNames';
import { credentialsIn } from '../../../../platform/redaction/withoutCredentials';
import { printable } from '../../../../platform/text/printable';
import { isFraming } from '../httpRequest';

const pair = z.object({ name: z.string(), value: z.string() });
const harSchema = z.object({
  log: z.object({
    entries: z
      .array(
        z.object({
          request: z.object({
            method: z.string(),
            url: z.string(),
            headers: z.array(pair).default([]),
            postData: z.object({ text: z.string().optional(), params: z.array(pair).optional() }).optional(),
          }),
        }),
      )
      .max(10_000),
  }),
});

type HarRequest = z.output<typeof harSchema>['log']['entries'][number]['request'];

/** Headers that a browser sends to be recognised, or that are decided again. */
const ofBrowser =
  /^(?:host|accept-encoding|sec-.*|dnt|priority|upgrade-insecure-requests|pragma|cache-control)$/i;

/** The requests of an archive (HAR 1.2) as a file of requests, without what logs in. @throws MusterError FORMAT */
export function harToFile(text: string): string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw notHar(error);
  }
  const read = harSchema.safeParse(value);
  if (!read.success) throw notHar(read.error);
  return read.data.log.entries.map(({ request }) => requestText(request)).join('\n');
}

function notHar(cause: unknown): MusterError {
  return new MusterError('FORMAT', t('it is not an archive of requests (HAR 1.2)'), { cause });
}

function requestText({ method, url, headers, postData }: HarRequest): string {
  const place = URL.canParse(url) ? new URL(url).pathname : '';
  const title = `### ${printable(`${method} ${place}`, 200)}`;
  const body = postData?.text ?? formOf(postData?.params) ?? '';
  // A file of requests has no way to write these otherwise.
  const isSound =
    /^[A-Z]{1,20}$/.test(method) && URL.canParse(url) && !/^###|\{\{|^<(?:@\w*)?\s/m.test(`${url}\n${body}`);
  if (!isSound) return `${title}\n# ${t('left out: it cannot be written here')}\n`;
  const lines = headers
    .filter(
      ({ name, value: text }) =>
        !isFraming(name) && !ofBrowser.test(name) && !/[\r\n]|\{\{/.test(name + text),
    )
    .map(({ name, value: text }) => `${name}: ${isCredentialHeader(name) ? secretCalled(name) : text}`);
  return [
    title,
    `${method} ${withoutSecrets(new URL(url))}`,
    ...lines,
    '',
    ...(body ? [bodyText(body), ''] : []),
  ].join('\n');
}

const secretCalled = (name: string) => `{{$secret ${name.toUpperCase().replace(/\W+/g, '_')}}}`;

function withoutSecrets(url: URL): string {
  url.username = url.password = url.hash = '';
  const query = [...url.searchParams].map(([name, value]) =>
    isSecretParameter(name, value)
      ? `${encodeURIComponent(name)}=${secretCalled(name)}`
      : `${encodeURIComponent(name)}=${encodeURIComponent(value)}`,
  );
  return `${url.origin}${url.pathname}${query.length > 0 ? `?${query.join('&')}` : ''}`;
}

function bodyText(body: string): string {
  return credentialsIn(body).reduce(
    (text, secret, index) => text.replaceAll(secret, secretCalled(`BODY_${index + 1}`)),
    body,
  );
}

function formOf(params: HarRequest['headers'] | undefined): string | undefined {
  return (
    params && new URLSearchParams(params.map(({ name, value }): [string, string] => [name, value])).toString()
  );
}
