import { createHash } from 'node:crypto';
import { t } from '../../l10n/l10n';

/** Reads the data types of RFC 4251, section 5. Throws RangeError where the data ends too early. */
export class WireReader {
  position = 0;

  constructor(private readonly data: Buffer) {}

  get ended(): boolean {
    return this.position >= this.data.length;
  }

  uint32(): number {
    const value = this.data.readUInt32BE(this.position);
    this.position += 4;
    return value;
  }

  uint64(): bigint {
    const value = this.data.readBigUInt64BE(this.position);
    this.position += 8;
    return value;
  }

  bytes(): Buffer {
    const length = this.uint32();
    const end = this.position + length;
    if (end > this.data.length) throw new RangeError(t('the data ends in the middle of a string'));
    const value = this.data.subarray(this.position, end);
    this.position = end;
    return value;
  }

  text(): string {
    return this.bytes().toString('latin1');
  }
}

/** A string of RFC 4251: its length, then its bytes. */
export function wireString(value: string | Buffer): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  const length = Buffer.allocUnsafe(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** The type that a public key in wire format names, e.g. `ssh-ed25519`; empty if it is none. */
export function keyTypeOf(key: Buffer): string {
  try {
    return new WireReader(key).text();
  } catch {
    return '';
  }
}

/** As OpenSSH prints it: `SHA256:…` without padding. */
export function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}
