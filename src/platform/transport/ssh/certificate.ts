import { createPublicKey, verify } from 'node:crypto';
import { utils } from 'ssh2';
import { t } from '../../l10n/l10n';
import { keyTypeOf, WireReader, wireString } from './sshWire';

/** A certificate of a host or a user in the format of OpenSSH's PROTOCOL.certkeys. */
export interface Certificate {
  /** E.g. `ssh-ed25519-cert-v01@openssh.com`. */
  readonly type: string;
  /** The key type that it certifies, e.g. `ssh-ed25519`. */
  readonly keyType: string;
  /** The certified key in wire format. */
  readonly publicKey: Buffer;
  /** The certificate itself in wire format. */
  readonly data: Buffer;
  readonly kind: 'user' | 'host' | 'unknown';
  readonly keyId: string;
  readonly principals: readonly string[];
  /** Seconds since 1970: from the first on, and before the second. */
  readonly validAfter: bigint;
  readonly validBefore: bigint;
  /** In wire format, as are the extensions. */
  readonly criticalOptions: Buffer;
  readonly extensions: Buffer;
  /** The key of the authority that signed it, in wire format. */
  readonly authorityKey: Buffer;
  /** What the authority signed it with, e.g. `rsa-sha2-512`. */
  readonly signatureAlgorithm: string;
  /** Undefined where the algorithm is not known here. */
  readonly isSigned: () => boolean | undefined;
}

/** How many strings the public key of each type has. */
const keyFields: Record<string, number> = {
  'ssh-ed25519': 1,
  'ecdsa-sha2-nistp256': 2,
  'ecdsa-sha2-nistp384': 2,
  'ecdsa-sha2-nistp521': 2,
  'ssh-rsa': 2,
  'sk-ssh-ed25519@openssh.com': 2,
  'sk-ecdsa-sha2-nistp256@openssh.com': 3,
};

const kinds: Record<number, Certificate['kind']> = { 1: 'user', 2: 'host' };

const signatureDigests: Record<string, string | null> = {
  'ssh-ed25519': null,
  'ecdsa-sha2-nistp256': 'sha256',
  'ecdsa-sha2-nistp384': 'sha384',
  'ecdsa-sha2-nistp521': 'sha512',
  'rsa-sha2-256': 'sha256',
  'rsa-sha2-512': 'sha512',
};

const suffix = '-cert-v01@openssh.com';

/** The key type, or the algorithm of a signature, that belongs to one of a certificate; undefined for all others. */
export function certifiedType(type: string): string | undefined {
  if (!type.endsWith(suffix)) return undefined;
  return type.slice(0, -suffix.length) + (type.startsWith('sk-') ? '@openssh.com' : '');
}

/** @throws RangeError when the data is not a certificate */
export function parseCertificate(data: Buffer): Certificate {
  const reader = new WireReader(data);
  const type = reader.text();
  const keyType = certifiedType(type) ?? '';
  const fields = keyFields[keyType];
  if (fields === undefined) throw new RangeError(t('not a certificate: {0}', type));
  reader.bytes(); // nonce
  const publicKey = Buffer.concat([
    wireString(keyType),
    ...Array.from({ length: fields }, () => wireString(reader.bytes())),
  ]);
  reader.uint64(); // serial number
  const kind = kinds[reader.uint32()] ?? 'unknown';
  const keyId = reader.bytes().toString();
  const principals = stringsIn(reader.bytes()).map(String);
  const validAfter = reader.uint64();
  const validBefore = reader.uint64();
  const criticalOptions = reader.bytes();
  const extensions = reader.bytes();
  reader.bytes(); // reserved
  const authorityKey = reader.bytes();
  const signed = data.subarray(0, reader.position);
  const signature = reader.bytes();
  if (!reader.ended) throw new RangeError(t('data after the certificate'));
  return {
    ...{ type, keyType, publicKey, data, kind, keyId, principals, validAfter, validBefore },
    ...{ criticalOptions, extensions, authorityKey },
    signatureAlgorithm: keyTypeOf(signature),
    isSigned: () => isSignedBy(authorityKey, signed, signature),
  };
}

/** The strings of a list. @throws RangeError where it ends too early */
export function stringsIn(data: Buffer): Buffer[] {
  const reader = new WireReader(data);
  const strings: Buffer[] = [];
  while (!reader.ended) strings.push(reader.bytes());
  return strings;
}

function isSignedBy(authorityKey: Buffer, data: Buffer, signature: Buffer): boolean | undefined {
  try {
    const reader = new WireReader(signature);
    const algorithm = reader.text();
    const digest = signatureDigests[algorithm];
    const type = keyTypeOf(authorityKey);
    // A security key as an authority, and SHA-1: whether to take these is the server's business.
    if (digest === undefined)
      return type.startsWith('sk-') || (type === 'ssh-rsa' && algorithm === type) ? undefined : false;
    const fits = algorithm === type || (type === 'ssh-rsa' && algorithm.startsWith('rsa-sha2-'));
    const parsed = utils.parseKey(authorityKey);
    if (!fits || parsed instanceof Error) return false;
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
