import { t } from '../../../l10n/l10n';
import { type Certificate, parseCertificate } from '../certificate';
import { keyTypeOf } from '../sshWire';
import { matchesPatternList } from '../config/wildcard';

export interface HostCertificate extends Pick<
  Certificate,
  'keyType' | 'publicKey' | 'authorityKey' | 'keyId'
> {
  /** Why it must not be used for the host now, if so. */
  readonly faultFor: (host: string, now?: Date) => string | undefined;
}

/** Certificate types to offer, preferred first. RSA is left out: its certificates are signed with SHA-1 or rare. */
export const certificateTypes: readonly string[] = [
  'ssh-ed25519-cert-v01@openssh.com',
  'ecdsa-sha2-nistp256-cert-v01@openssh.com',
  'ecdsa-sha2-nistp384-cert-v01@openssh.com',
  'ecdsa-sha2-nistp521-cert-v01@openssh.com',
];

export function isCertificate(key: Buffer): boolean {
  return certificateTypes.includes(keyTypeOf(key));
}

/** @throws RangeError when the data is not a certificate */
export function parseHostCertificate(data: Buffer): HostCertificate {
  if (!isCertificate(data)) throw new RangeError(t('not a host certificate: {0}', keyTypeOf(data)));
  const certificate = parseCertificate(data);
  const { keyType, publicKey, authorityKey, keyId, principals } = certificate;
  const faultFor = (host: string, now = new Date()) => {
    const seconds = BigInt(Math.floor(now.getTime() / 1000));
    if (certificate.kind !== 'host') return t('it is not a host certificate');
    if (!certificate.isSigned()) return t('its signature is wrong');
    if (seconds < certificate.validAfter) return t('it is not valid yet');
    if (seconds >= certificate.validBefore) return t('it has expired');
    if (certificate.criticalOptions.length > 0) return t('it has critical options');
    if (principals.length > 0 && !matchesPatternList(principals, host.toLowerCase())) {
      return t('it is for {0}', principals.join(', '));
    }
    return undefined;
  };
  return { keyType, publicKey, authorityKey, keyId, faultFor };
}
