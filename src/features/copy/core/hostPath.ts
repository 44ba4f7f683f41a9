import { MusterError } from '../../../platform/errors/errors';
import { t } from '../../../platform/l10n/l10n';

/** Hosts and a path on each of them, as `SELECTOR:PATH`. */
export interface HostPath {
  selector: string;
  path: string;
}

/**
 * Reads `SELECTOR:PATH`. The colon is the last one before the first `/`, or the last one where there is none: colons of
 * IPv6 addresses are before it, those of file names behind it. Where a selector has a `/` in it, it is the first colon.
 * @throws MusterError USAGE
 */
export function parseHostPath(text: string): HostPath {
  if (/^[A-Za-z]:\\/.test(text)) throw notOnHosts(text, t('It is a path of Windows.'));
  const slash = text.indexOf('/');
  const before = text.lastIndexOf(':', slash < 0 ? text.length : slash);
  const at = before < 0 ? text.indexOf(':') : before;
  const selector = text.slice(0, Math.max(at, 0)).trim();
  if (selector === '') throw notOnHosts(text);
  return { selector, path: pathOf(text.slice(at + 1)) };
}

/** Relative paths begin in the login folder by themselves. @throws MusterError USAGE */
function pathOf(text: string): string {
  if (text.includes('\0')) throw new MusterError('USAGE', t('a path cannot hold a NUL byte'));
  if (text === '' || text === '~') return '.';
  if (text.startsWith('~/')) return text.replace(/^~\/+/, '') || './';
  if (!text.startsWith('~')) return text;
  throw new MusterError('USAGE', t('“{0}”: the home of another user is unknown here', text), {
    hint: t('Write the whole path, or ./~name for a file of that name.'),
  });
}

function notOnHosts(text: string, why?: string): MusterError {
  return new MusterError('USAGE', t('“{0}” is not SELECTOR:PATH', text), {
    hint: why ?? t('Write which hosts and where, such as web:/etc/app.conf.'),
  });
}
