import { MusterError } from '../../../errors/errors';
import type { Voucher } from '../../../host/host';
import { t } from '../../../l10n/l10n';
import { fingerprintOf, keyTypeOf } from '../sshWire';
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

/** What files of the same weight say about one host. */
export interface TrustLayer {
  /** Entries for the host and its port. */
  exact: readonly KnownHostsEntry[];
  /** Entries for the host's name alone, which OpenSSH takes when `exact` knows no key. */
  withoutPort: readonly KnownHostsEntry[];
  vouchedBy: Voucher;
}

/**
 * What the known_hosts files say about one host, in layers: a key that an earlier layer contradicts cannot be vouched
 * for by a later one, and of a host that the user's own files say anything about the project's say nothing.
 */
export class HostTrust {
  /** Signature algorithms to offer: those of the keys known for the host come first. */
  readonly algorithms: readonly string[];
  readonly authorities: readonly KnownHostsEntry[];
  private readonly layers: readonly Layer[];

  /** @param layers the one whose word counts most first */
  constructor(private readonly given: readonly TrustLayer[]) {
    const layers: Layer[] = [];
    // Also a key of another type or for another port, and a line that cannot be read: the user knows the host.
    const isKnownToUser = given.some(
      ({ exact, withoutPort, vouchedBy }) =>
        vouchedBy === 'user' && [...exact, ...withoutPort].some(isAboutHost),
    );
    for (const layer of given)
      if (layer.vouchedBy === 'user' || !isKnownToUser) layers.push(readLayer(layer));
    this.layers = layers;
    const decisive = layers.findIndex(({ changed }) => changed.length > 0);
    this.authorities = layers
      .slice(0, decisive < 0 ? undefined : decisive + 1)
      .flatMap(({ authorities }) => authorities);
    const known = new Set(layers.flatMap(({ trusted }) => trusted.map(({ keyType }) => keyType)));
    const first = [...known].filter((type) => types.includes(type));
    this.algorithms = [...first, ...types.filter((type) => !known.has(type))].flatMap(
      (type) => algorithmsByType[type]!,
    );
  }

  /**
   * Who vouches for the key; undefined if nothing is known about the host.
   * @throws MusterError HOST_KEY_MISMATCH for a changed or revoked key
   */
  voucherOf(key: Buffer): Voucher | undefined {
    this.refuseRevoked(key);
    for (const { trusted, changed, vouchedBy } of this.layers) {
      if (trusted.some((entry) => entry.key.equals(key))) return vouchedBy;
      if (changed.length > 0) throw mismatch(key, changed);
    }
    return undefined;
  }

  /**
   * Who vouches for an authority that signed the certificate; undefined if nobody does.
   * @throws MusterError HOST_KEY_MISMATCH if one of its keys is revoked, or known files contradict it
   */
  voucherOfCertificate({ publicKey, authorityKey }: HostCertificate): Voucher | undefined {
    this.refuseRevoked(publicKey);
    this.refuseRevoked(authorityKey);
    for (const { authorities, trusted, changed, vouchedBy } of this.layers) {
      if (authorities.some(({ key }) => key.equals(authorityKey))) return vouchedBy;
      if (trusted.some(({ key }) => key.equals(publicKey))) return vouchedBy;
      if (changed.length > 0) throw mismatch(publicKey, changed);
    }
    return undefined;
  }

  private refuseRevoked(key: Buffer): void {
    for (const entry of this.given.flatMap(({ exact, withoutPort }) => [...exact, ...withoutPort])) {
      if (entry.marker !== 'revoked' || !entry.key.equals(key)) continue;
      throw new MusterError(
        'HOST_KEY_MISMATCH',
        t('the host key {0} is revoked by {1}', describeKey(key), place(entry)),
        { phase: 'handshake', hint: t('Somebody may hold this key who should not: ask who runs the host.') },
      );
    }
  }
}

interface Layer {
  trusted: readonly KnownHostsEntry[];
  /** The keys that contradict every other one. */
  changed: readonly KnownHostsEntry[];
  authorities: readonly KnownHostsEntry[];
  vouchedBy: Voucher;
}

/** A revocation, which mostly stands for all hosts, is about its key. */
function isAboutHost({ marker }: KnownHostsEntry): boolean {
  return marker !== 'revoked';
}

function readLayer({ exact, withoutPort, vouchedBy }: TrustLayer): Layer {
  const all = [...exact, ...withoutPort];
  const exactKeys = exact.filter(({ marker }) => marker === undefined);
  return {
    trusted: exactKeys.length > 0 ? exactKeys : all.filter(({ marker }) => marker === undefined),
    // Entries for the bare name may belong to another daemon on another port of the same host.
    changed: exactKeys.filter(({ keyType }) => algorithmsByType[keyType] !== undefined),
    authorities: all.filter(({ marker }) => marker === 'cert-authority'),
    vouchedBy,
  };
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
