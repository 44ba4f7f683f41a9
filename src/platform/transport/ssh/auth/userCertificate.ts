import { t } from '../../../l10n/l10n';
import { printable } from '../../../text/printable';
import { type Certificate, parseCertificate, stringsIn } from '../certificate';
import { fingerprintOf, WireReader } from '../sshWire';

/** Critical options that OpenSSH knows; it refuses a certificate with any other. */
const knownOptions = new Set(['force-command', 'source-address', 'verify-required']);
/** Principals that are named in a message. */
const shownPrincipals = 8;
const forever = 2n ** 64n - 1n;
/** The last second that a Date can stand for. */
const lastDate = 8_640_000_000_000n;

const line = /^[ \t]*([a-z][a-z\d-]*-cert-v0\d@openssh\.com)[ \t]+([A-Za-z0-9+/]+={0,2})[ \t]*(?:\s|$)/;
const keyLine = /^[ \t]*(?:ssh-|ecdsa-|sk-)\S+[ \t]+AAAA/;

/** Whether the text of a file is that of a certificate: its first line that is not empty or a comment. */
export function isCertificateText(text: string): boolean {
  return line.test(firstLine(text));
}

/**
 * A certificate to log in with, out of the text of a file.
 * @throws RangeError saying what it is instead, for a host certificate, too
 */
export function parseUserCertificate(text: string): Certificate {
  const first = firstLine(text);
  const [, type, base64] = line.exec(first) ?? [];
  if (base64 === undefined)
    throw new RangeError(
      keyLine.test(first) ? t('it is a key, not a certificate') : t('it is not a certificate'),
    );
  const certificate = userCertificate(Buffer.from(base64, 'base64'));
  if (certificate.type !== type) throw new RangeError(t('the certificate is damaged'));
  return certificate;
}

/** The same out of its wire format. @throws RangeError */
export function userCertificate(data: Buffer): Certificate {
  const certificate = parsed(data);
  if (certificate.kind === 'host') throw new RangeError(t('it is a host certificate, which logs nobody in'));
  if (certificate.kind !== 'user') throw new RangeError(t('it is not a user certificate'));
  if (certificate.isSigned() === false) throw new RangeError(t('the signature of its authority is wrong'));
  return certificate;
}

function parsed(data: Buffer): Certificate {
  try {
    const certificate = parseCertificate(data);
    optionsOf(certificate);
    return certificate;
  } catch (error) {
    // What the reader says about offsets helps nobody.
    throw new RangeError(t('the certificate is damaged, or of a type that is not known here'), {
      cause: error,
    });
  }
}

function firstLine(text: string): string {
  const start = /^(?:[ \t\r]*(?:#[^\n]*)?\n)*/.exec(text.replace(/^\ufeff/, ''))![0].length;
  return text
    .replace(/^\ufeff/, '')
    .slice(start)
    .split('\n', 1)[0]!;
}

/** Critical options with their values. */
export function optionsOf({ criticalOptions }: Certificate): Map<string, string> {
  const strings = stringsIn(criticalOptions);
  const options = new Map<string, string>();
  for (let index = 0; index < strings.length; index += 2) {
    const value = strings[index + 1];
    if (!value) throw new RangeError('an option without a value');
    options.set(String(strings[index]), value.length === 0 ? '' : new WireReader(value).bytes().toString());
  }
  return options;
}

/** Whether its time is over, by the clock of this machine. */
export function hasExpired({ validBefore }: Certificate, now = Date.now()): boolean {
  return BigInt(Math.floor(now / 1000)) >= validBefore;
}

/** Whether it is its time, by the clock of this machine. */
export function isValid(certificate: Certificate, now = Date.now()): boolean {
  return BigInt(Math.floor(now / 1000)) >= certificate.validAfter && !hasExpired(certificate, now);
}

/**
 * What about the certificate may be why a server did not let `user` in, and what to do. Only what the certificate itself
 * says is stated: servers do not say why they refuse one.
 */
export function adviceOn(certificate: Certificate, where: string, user: string, now = Date.now()): string {
  const { validAfter, validBefore, principals } = certificate;
  const seconds = BigInt(Math.floor(now / 1000));
  const whose =
    principals.length > 0
      ? t('{0} for {1}', where, listed(principals))
      : t('{0}, which names no principals,', where);
  if (seconds >= validBefore)
    return t(
      '{0} expired on {1}, {2} ago by the clock of this machine: have it renewed.',
      whose,
      dateOf(validBefore),
      span(seconds - validBefore),
    );
  if (seconds < validAfter)
    return t(
      '{0} is valid from {1} on, in {2} by the clock of this machine: check the clock, or wait.',
      whose,
      dateOf(validAfter),
      span(validAfter - seconds),
    );
  const until = validBefore === forever ? t('without end') : t('until {0}', dateOf(validBefore));
  const valid = t('{0} is valid {1}', whose, until);
  const options = optionsOf(certificate);
  const unknown = [...options.keys()].find((name) => !knownOptions.has(name));
  if (unknown !== undefined)
    return t(
      '{0}, but has the critical option “{1}”, which OpenSSH does not know and refuses.',
      valid,
      printable(unknown),
    );
  if (certificate.signatureAlgorithm === 'ssh-rsa')
    return t(
      '{0}, but its authority signed it with SHA-1 (ssh-rsa), which OpenSSH has refused since 8.2: have it sign with rsa-sha2-256 or rsa-sha2-512.',
      valid,
    );
  if (principals.length === 0)
    return t('{0}: OpenSSH takes such a certificate only where authorized_keys names its authority.', valid);
  const from = options.get('source-address');
  return [
    t(
      '{0}: check that the server trusts its authority ({1}) and lets one of these principals in as {2}',
      valid,
      fingerprintOf(certificate.authorityKey),
      printable(user),
    ),
    from === undefined ? '' : t(', and that you connect from {0}', printable(from)),
    '.',
  ].join('');
}

function listed(principals: readonly string[]): string {
  const shown = principals.slice(0, shownPrincipals).map((principal) => printable(principal, 60));
  return [...shown, ...(principals.length > shownPrincipals ? ['…'] : [])].join(', ');
}

/** As ssh-keygen writes it: in the time zone of this machine. */
function dateOf(seconds: bigint): string {
  if (seconds > lastDate) return t('a time beyond all calendars');
  const date = new Date(Number(seconds) * 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

function span(seconds: bigint): string {
  const minutes = seconds / 60n;
  if (minutes < 60n) return t('{0} min', minutes);
  const hours = minutes / 60n;
  return hours < 48n ? t('{0} h', hours) : t('{0} d', hours / 24n);
}
