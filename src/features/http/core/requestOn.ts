import { unescape } from 'node:querystring';
import { MusterError } from '../../../platform/errors/errors';
import { redirection, redirectStatuses } from '../../../platform/http/redirection';
import type { Host } from '../../../platform/inventory/model';
import { resolvePlaceholders } from '../../../platform/inventory/yaml/placeholders';
import { t } from '../../../platform/l10n/l10n';
import { printable } from '../../../platform/text/printable';
import { acceptedEncodings } from './decodedBody';
import { exchange, type Hop, type Response } from './exchange';
import type { Header, HttpRequest } from './httpRequest';
import { type HttpAccess, openWay } from './openWay';

/** A response with where it came from in the end. */
export interface Answer {
  readonly response: Response;
  readonly hop: Hop;
  readonly redirects: number;
}

/** Hears of each request with its response, redirects included. */
export type OnExchange = (hop: Hop, response: Response) => void;

/** Sends a request from a host, and follows as many redirects as it says. @throws MusterError with its phase */
export async function requestOn(
  host: Host,
  request: HttpRequest,
  access: HttpAccess,
  onExchange: OnExchange = () => {},
): Promise<Answer> {
  const { phases, deadline } = access;
  const first = firstHop(host, request);
  let hop = first;
  for (let redirects = 0; ; redirects++) {
    const { ca, insecure = false } = request.tls ?? {};
    const isSame = hop.url.origin === first.url.origin;
    // The socket, the client certificate and the name are meant for the server that the user named.
    const settings = isSame ? request : { http2: request.http2, tls: request.tls && { ca, insecure } };
    const way = await openWay(host, hop.url, settings, access);
    phases.enter('wait');
    access.onSent?.();
    const response = await exchange(way, hop, deadline);
    phases.enter('body');
    onExchange(hop, response);
    const location = redirectStatuses.has(response.status) ? headerOf(response, 'location') : undefined;
    if (location === undefined || request.maxRedirects === 0) return { response, hop, redirects };
    response.body.on('error', () => {}).destroy();
    if (redirects === request.maxRedirects)
      throw new MusterError(
        'PROTOCOL',
        t('more than {0} redirects, the last to {1}', request.maxRedirects, printable(location)),
        { phase: 'request', hint: t('The service may redirect in a circle: check its rules.') },
      );
    hop = redirected(hop, response.status, location);
  }
}

/** The value of the first header of that name. */
export function headerOf({ headers }: Pick<Response, 'headers'>, name: string): string | undefined {
  return headers.find(([other]) => other.toLowerCase() === name)?.[1];
}

/** @throws MusterError PROTOCOL where the body would go to another origin */
function redirected(hop: Hop, status: number, location: string): Hop {
  const { url, method, keepsBody, keepsHeader } = redirection(hop, status, location);
  const body = keepsBody ? hop.body : undefined;
  const isSameName = url.hostname === hop.url.hostname;
  // A password that is posted is one, too.
  if (body && !(isSameName && (url.origin === hop.url.origin || url.protocol === 'https:')))
    throw new MusterError(
      'PROTOCOL',
      t('a redirect of the body to another origin, {0}', printable(url.origin)),
      { phase: 'request', hint: t('Send the request there yourself, if it is meant to go there.') },
    );
  return { url, method, headers: hop.headers.filter(([name]) => keepsHeader(name)), body };
}

/** The request with the values of the host. @throws MusterError INVENTORY, USAGE */
export function firstHop(
  host: Host,
  { url: template, method, headers, omitted = [], body, compressed }: HttpRequest,
): Hop {
  const url = urlOf(host, template);
  const given = new Set([...omitted, ...headers.map(([name]) => name)].map((name) => name.toLowerCase()));
  const defaults: Header[] = [
    ['user-agent', 'muster'],
    ['accept', '*/*'],
    ...(compressed ? [acceptedEncodings] : []),
    ...credentialsOf(url),
  ];
  url.username = url.password = url.hash = '';
  return {
    ...{ url, method, body },
    headers: [...defaults.filter(([name]) => !given.has(name)), ...headers],
  };
}

function credentialsOf({ username, password }: URL): Header[] {
  if (username === '' && password === '') return [];
  const credentials = Buffer.from(unescape(`${username}:${password}`));
  return [['authorization', `Basic ${credentials.toString('base64')}`]];
}

/** As curl has it, a URL without a scheme is one of http. */
function urlOf(host: Host, template: string): URL {
  const address = host.address.includes(':') ? `[${host.address}]` : host.address;
  const text = resolvePlaceholders(template, host, { address });
  const whole = /^[a-z][a-z\d+.-]*:\/\//i.test(text)
    ? text
    : `http://${text.startsWith(':') ? 'localhost' : ''}${text}`;
  const url = URL.canParse(whole) ? new URL(whole) : undefined;
  // A quote is a character of a name to the parser of URLs, and a mistake to everybody else.
  const isNamed = url !== undefined && /^[^"'`{}|^]+$/.test(url.hostname);
  if (isNamed && (url.protocol === 'http:' || url.protocol === 'https:')) return url;
  throw new MusterError('USAGE', t('“{0}” is not a URL of http or https', printable(text, 200)), {
    host: host.name,
    hint: t('Write it as http://ADDRESS:PORT/PATH.'),
  });
}
