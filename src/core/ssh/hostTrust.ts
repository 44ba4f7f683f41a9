import { MusterError } from '../errors';
import { t } from '../l10n';
import { fingerprintOf, keyTypeOf } from './sshWire';
import type { KnownHostsEntry } from './knownHosts';
import type { HostCertificate } from './hostCertificate';

/**
 * Host key types by the signature algorithms to offer for them (RFC 8332), in the order of preference.
 * RSA with SHA-1 is left out, as in OpenSSH since 8.8.
 */
const algorithmsByType: Record<string, readonly string[]> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
};
const types = Object.keys(algorithmsByType);

/** What the known_hosts files say about one host. */
export class HostTrust {
  /** Signature algorithms to offer: those of the keys known for the host come first. */
  readonly algorithms: readonly string[];
  readonly authorities: readonly KnownHostsEntry[];
  private readonly trusted: readonly KnownHostsEntry[];

  /**
   * @param exact entries for the host and its port
   * @param withoutPort entries for the host's name alone, which OpenSSH takes when `exact` knows no key
   */
  constructor(
    private readonly exact: readonly KnownHostsEntry[],
    private readonly withoutPort: readonly KnownHostsEntry[],
  ) {
    const all = [...exact, ...withoutPort];
    this.authorities = all.filter(({ marker }) => marker === 'cert-authority');
    const exactKeys = exact.filter(({ marker }) => marker === undefined);
    this.trusted = exactKeys.length > 0 ? exactKeys : all.filter(({ marker }) => marker === undefined);
    const known = types.filter((type) => this.trusted.some(({ keyType }) => keyType === type));
    this.algorithms = [...known, ...types.filter((type) => !known.includes(type))].flatMap(
      (type) => algorithmsByType[type]!,
    );
  }

  /**
   * Whether the key is known; false if nothing is known about the host.
   * @throws MusterError HOST_KEY_MISMATCH for a changed or revoked key
   */
  knows(key: Buffer): boolean {
    this.refuseRevoked(key);
    if (this.trusted.some((entry) => entry.key.equals(key))) return true;
    // Entries for the bare name may belong to another daemon on another port of the same host.
    const changed = this.exact.filter(
      ({ marker, keyType }) => marker === undefined && algorithmsByType[keyType] !== undefined,
    );
    if (changed.length > 0) throw mismatch(key, changed);
    return false;
  }

  /** Whether an authority of the host signed the certificate. @throws MusterError HOST_KEY_MISMATCH if revoked */
  certifies(certificate: HostCertificate): boolean {
    this.refuseRevoked(certificate.publicKey);
    this.refuseRevoked(certificate.authorityKey);
    return this.authorities.some(({ key }) => key.equals(certificate.authorityKey));
  }

  private refuseRevoked(key: Buffer): void {
    for (const entry of [...this.exact, ...this.withoutPort]) {
      if (entry.marker !== 'revoked' || !entry.key.equals(key)) continue;
      throw new MusterError(
        'HOST_KEY_MISMATCH',
        t('the host key {0} is revoked by {1}', describeKey(key), place(entry)),
        { phase: 'handshake', hint: t('Somebody may hold this key who should not: ask who runs the host.') },
      );
    }
  }
}

function mismatch(key: Buffer, known: readonly KnownHostsEntry[]): MusterError {
  const presented = keyTypeOf(key);
  const entry = known.find(({ keyType }) => keyType === presented) ?? known[0]!;
  return new MusterError(
    'HOST_KEY_MISMATCH',
    t(
      'the host key has changed: the server presents {0}, {1} has {2}',
      describeKey(key),
      place(entry),
      describeKey(entry.key),
    ),
    {
      phase: 'handshake',
      hint: t(
        'If the key was changed on purpose, remove line {0} of {1}; else someone may be listening in.',
        entry.line,
        entry.file,
      ),
    },
  );
}

function place({ file, line }: KnownHostsEntry): string {
  return `${file}:${line}`;
}

export function describeKey(key: Buffer): string {
  return `${keyTypeOf(key)} ${fingerprintOf(key)}`;
}
