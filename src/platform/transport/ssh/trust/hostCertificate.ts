import { createPublicKey, verify } from 'node:crypto';
import { utils } from 'ssh2';
import { t } from '../../../l10n/l10n';
import { keyTypeOf, WireReader, wireString } from '../sshWire';
import { matchesPatternList } from '../config/wildcard';

/** A host certificate in the format of OpenSSH's PROTOCOL.certkeys. */
export interface HostCertificate {
  /** The key type that it certifies, e.g. `ssh-ed25519`. */
  readonly keyType: string;
  /** The certified key in wire format. */
  readonly publicKey: Buffer;
  /** The key of the authority that signed it, in wire format. */
  readonly authorityKey: Buffer;
  readonly keyId: string;
  /** Why it must not be used for the host now, if so. */
  readonly faultFor: (host: string, now?: Date) => string | undefined;
}

/** How many strings the public key of each certificate type has. */
const keyFields: Record<string, number> = {
  'ssh-ed25519-cert-v01@openssh.com': 1,
  'ecdsa-sha2-nistp256-cert-v01@openssh.com': 2,
  'ecdsa-sha2-nistp384-cert-v01@openssh.com': 2,
  'ecdsa-sha2-nistp521-cert-v01@openssh.com': 2,
};

/** Certificate types to offer, preferred first. RSA is left out: its certificates are signed with SHA-1 or rare. */
export const certificateTypes: readonly string[] = Object.keys(keyFields);

const hostCertificateType = 2;
const signatureDigests: Record<string, string | null> = {
  'ssh-ed25519': null,
  'ecdsa-sha2-nistp256': 'sha256',
  'ecdsa-sha2-nistp384': 'sha384',
  'ecdsa-sha2-nistp521': 'sha512',
  'rsa-sha2-256': 'sha256',
  'rsa-sha2-512': 'sha512',
};

export function isCertificate(key: Buffer): boolean {
  return keyTypeOf(key) in keyFields;
}

/** @throws RangeError when the data is no certificate */
export function parseHostCertificate(data: Buffer): HostCertificate {
  const reader = new WireReader(data);
  const type = reader.text();
  const fields = keyFields[type];
  if (fields === undefined) throw new RangeError(t('not a host certificate: {0}', type));
  reader.bytes(); // nonce
  const keyType = type.replace('-cert-v01@openssh.com', '');
  const publicKey = Buffer.concat([
    wireString(keyType),
    ...Array.from({ length: fields }, () => wireString(reader.bytes())),
  ]);
  reader.uint64(); // serial number
  const certificateType = reader.uint32();
  const keyId = reader.text();
  const principals = stringsIn(reader.bytes());
  const validAfter = reader.uint64();
  const validBefore = reader.uint64();
  const criticalOptions = reader.bytes();
  reader.bytes(); // extensions, of which hosts have none
  reader.bytes(); // reserved
  const authorityKey = reader.bytes();
  const signed = data.subarray(0, reader.position);
  const signature = reader.bytes();
  if (!reader.ended) throw new RangeError(t('data after the certificate'));

  const faultFor = (host: string, now = new Date()) => {
    const seconds = BigInt(Math.floor(now.getTime() / 1000));
    if (certificateType !== hostCertificateType) return t('it is not a host certificate');
    if (!isSignedBy(authorityKey, signed, signature)) return t('its signature is wrong');
    if (seconds < validAfter) return t('it is not valid yet');
    if (seconds >= validBefore) return t('it has expired');
    if (criticalOptions.length > 0) return t('it has critical options');
    if (principals.length > 0 && !matchesPatternList(principals, host.toLowerCase())) {
      return t('it is for {0}', principals.join(', '));
    }
    return undefined;
  };
  return { keyType, publicKey, authorityKey, keyId, faultFor };
}

function stringsIn(data: Buffer): string[] {
  const reader = new WireReader(data);
  const strings: string[] = [];
  while (!reader.ended) strings.push(reader.text());
  return strings;
}

function isSignedBy(authorityKey: Buffer, data: Buffer, signature: Buffer): boolean {
  try {
    const reader = new WireReader(signature);
    const algorithm = reader.text();
    const digest = signatureDigests[algorithm];
    const type = keyTypeOf(authorityKey);
    const fits = algorithm === type || (type === 'ssh-rsa' && algorithm.startsWith('rsa-sha2-'));
    const parsed = utils.parseKey(authorityKey);
    if (digest === undefined || !fits || parsed instanceof Error) return false;
    const key = createPublicKey(parsed.getPublicPEM());
    if (!type.startsWith('ecdsa-')) return verify(digest, data, key, reader.bytes());
    return verify(digest, data, { key, dsaEncoding: 'ieee-p1363' }, plainSignature(reader.bytes(), type));
  } catch {
    return false;
  }
}

/** The numbers r and s of an ECDSA signature (RFC 5656, section 3.1.2) at their fixed length, one after the other. */
function plainSignature(signature: Buffer, type: string): Buffer {
  const bytes = Math.ceil(Number(type.slice(-3)) / 8);
  const reader = new WireReader(signature);
  const fixed = () => {
    const number = reader.bytes();
    const unsigned = number[0] === 0 ? number.subarray(1) : number;
    return Buffer.concat([Buffer.alloc(bytes - unsigned.length), unsigned]);
  };
  return Buffer.concat([fixed(), fixed()]);
}
