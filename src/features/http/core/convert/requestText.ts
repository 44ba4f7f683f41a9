import { t } from '../../../../platform/l10n/l10n';
import { isCredentialHeader, isSecretParameter } from '../../../../platform/redaction/secretNames';
import { credentialsIn } from '../../../../platform/redaction/withoutCredentials';
import { printable } from '../../../../platform/text/printable';
import { isFraming } from '../httpRequest';

/** A request that is to be written into a file of requests. */
export interface WrittenRequest {
  method: string;
  url: string;
  headers: readonly { readonly name: string; readonly value: string }[];
  body?: string | undefined;
  /** What follows `# @`. */
  tags?: readonly string[];
}

/** One that begins neither a comment nor a request there. */
const headerName = /^[!$%&'*+\-.^_`|~0-9A-Za-z][!#$%&'*+\-.^_`|~0-9A-Za-z]*$/;

/** A request as a part of a file of requests, without what logs in. */
export function requestText({ method, url, headers, body = '', tags = [] }: WrittenRequest): string {
  const place = URL.canParse(url) ? new URL(url).pathname : '';
  const title = `### ${printable(`${method} ${place}`, 200)}`;
  // A file of requests has no way to write these otherwise.
  const isSound =
    /^[A-Z]{1,20}$/.test(method) && URL.canParse(url) && !/^###|\{\{|^<(?:@\w*)?\s/m.test(`${url}\n${body}`);
  if (!isSound) return `${title}\n# ${t('left out: it cannot be written here')}\n`;
  const lines = headers
    .filter(({ name, value }) => headerName.test(name) && !isFraming(name) && !/[\r\n]|\{\{/.test(value))
    .map(({ name, value }) => `${name}: ${isCredentialHeader(name) ? secretCalled(name) : value}`);
  return [
    title,
    ...tags.map((tag) => `# @${tag}`),
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
