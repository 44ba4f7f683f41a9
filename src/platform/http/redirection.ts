import { MusterError } from '../errors/errors';
import { t } from '../l10n/l10n';
import { printable } from '../text/printable';

export const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** What another origin may see of the user's headers: none that can hold a credential. */
const harmlessHeaders = new Set(['accept', 'accept-language', 'user-agent', 'content-type']);

/** Where a redirect leads, and what of the request goes there. */
export interface Redirection {
  /** http or https, without user and password. */
  url: URL;
  method: string;
  keepsBody: boolean;
  keepsHeader(this: void, name: string): boolean;
}

/** What a redirect makes of a request; `hint` is what to do where it leads nowhere. @throws MusterError PROTOCOL */
export function redirection(
  from: { url: URL; method: string },
  status: number,
  location: string,
  hint = t('Check the Location that the service sends.'),
): Redirection {
  const refuse = (message: string) => new MusterError('PROTOCOL', message, { phase: 'request', hint });
  const url = URL.canParse(location, from.url.href) ? new URL(location, from.url) : undefined;
  if (!url) throw refuse(t('a redirect to no URL: {0}', printable(location)));
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw refuse(t('a redirect to {0}, which is not http or https', printable(location)));
  // Who answers does not choose who we are.
  url.username = url.password = '';
  const asGet = status === 303 ? from.method !== 'HEAD' : status < 303 && from.method === 'POST';
  const isForeign = url.origin !== from.url.origin;
  return {
    url,
    method: asGet ? 'GET' : from.method,
    keepsBody: !asGet,
    keepsHeader: (name) => {
      const key = name.toLowerCase();
      return (!isForeign || harmlessHeaders.has(key)) && !(asGet && key.startsWith('content-'));
    },
  };
}
