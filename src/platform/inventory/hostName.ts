import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { t } from '../l10n/l10n';
import { printable } from '../text/printable';
import { withoutCredentials } from '../redaction/withoutCredentials';

/** Reading and compiling the classes of Unicode takes milliseconds, and most names need none of them. */
const asciiName = /^[\w.:][\w.:-]*$/;

/** Why `name` cannot be the name of a host or group, or undefined. Selectors must be able to tell it apart. */
export function nameProblem(name: string): string | undefined {
  if (name === 'all') return t('“all” is the name of every host: choose another');
  if (name.length > 253) return t('the name is longer than 253 characters');
  if (/^\.+$/.test(name))
    return t('“{0}” is a folder to file systems, and cannot be a name', name.slice(0, 60));
  if (asciiName.test(name) || /^[\p{L}\p{N}_.:][\p{L}\p{N}_.:-]*$/u.test(name)) return undefined;
  return t(
    '“{0}” is not a name: use letters, digits, “.”, “_”, “-” and “:”, and do not begin with “-”',
    name.slice(0, 60),
  );
}

/** Why `text` cannot be the name of something that no selector names, or undefined: it must be seen as it is. */
export function labelProblem(text: string): string | undefined {
  if (text !== '' && text.length <= 253 && printable(text, 253) === text) return undefined;
  const shown = printable(text, 60);
  return t('“{0}” is not a name: it is empty, too long, or has characters that cannot be seen', shown);
}

/** Without secrets before it is cut: half of one would not be known as such. */
const quoted = (address: string) => `“${withoutCredentials(address).slice(0, 80)}”`;

/** Why `address` is neither a host name nor an IP address, or undefined. */
export function addressProblem(address: string): string | undefined {
  if (isIP(address) !== 0) return undefined;
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(address))
    return t('{0} is a URL: give the host name or IP address alone', quoted(address));
  if (/^(.*[^:]|\[.*\]):\d+$/.test(address))
    return t('{0} has a port: put it under ssh.port or into the check', quoted(address));
  if (/^[\d.]+$/.test(address)) return t('{0} is not a valid IPv4 address', quoted(address));
  // Of a text with one of these, domainToASCII would judge the part before it alone.
  const ascii = /[#?/\\@]/.test(address) ? '' : domainToASCII(address.replace(/\.$/, ''));
  const labels = ascii.split('.');
  const isName = labels.every((label) => /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/i.test(label));
  if (!isName || ascii.length > 253)
    return t('{0} is neither a host name nor an IP address', quoted(address));
  return plainAddressProblem(address);
}

/**
 * Why `address` is not the very text that is connected to, or undefined. A resolver reads other characters as plain
 * ones (`１` as `1`) or passes them over: known_hosts would be asked about another name than that of the machine.
 */
export function plainAddressProblem(address: string): string | undefined {
  if (/^[!-~]+$/.test(address)) return undefined;
  const shown = quoted(address);
  const ascii = asciiAddress(address);
  return ascii === undefined
    ? t('{0} is neither a host name nor an IP address', shown)
    : t('{0} has characters beyond ASCII, which are not connected to: write {1}', shown, ascii);
}

/** What a resolver reads an address with characters beyond ASCII as; undefined for any other text. */
export function asciiAddress(address: string): string | undefined {
  if (/[#?/\\@]/.test(address) || !/[^\0-\x7f]/.test(address)) return undefined;
  return domainToASCII(address) || undefined;
}
