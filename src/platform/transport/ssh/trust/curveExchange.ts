import { createPublicKey, diffieHellman, type KeyObject } from 'node:crypto';
import type { KeyExchange } from './keyExchange';

/** The parts of ssh2's exchange over Curve25519 (RFC 8731) that do its arithmetic. */
interface CurveExchange extends KeyExchange {
  _keys: { publicKey: KeyObject; privateKey: KeyObject } | null;
  generateKeys(): void;
  getPublicKey(): Buffer;
  /** The secret as the wire has numbers, or why there is none. */
  computeSecret(otherPublicKey: Buffer): Buffer | Error;
}

/**
 * Hands public keys over as they are on the wire. ssh2 wraps them in DER, which OpenSSL 3 takes twice as long to write
 * and to read as to compute with them. What goes wrong is left to ssh2's way, which says so.
 */
export function exchangeRawKeys(exchange: KeyExchange): void {
  if (exchange.type !== '25519') return;
  const curve = exchange as CurveExchange;
  const computeSecret = curve.computeSecret.bind(curve);
  curve.getPublicKey = () => {
    curve.generateKeys();
    return Buffer.from(curve._keys!.publicKey.export({ format: 'jwk' }).x!, 'base64url');
  };
  curve.computeSecret = (otherPublicKey) => {
    try {
      curve.generateKeys();
      const x = otherPublicKey.toString('base64url');
      const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x }, format: 'jwk' });
      return positive(diffieHellman({ privateKey: curve._keys!.privateKey, publicKey }));
    } catch {
      return computeSecret(otherPublicKey);
    }
  };
}

/** A number as the wire has it: without zeros in front, but for one where the first bit would make it negative. */
function positive(number: Buffer): Buffer {
  const digits = number.subarray(number.findIndex((byte) => byte !== 0));
  return digits[0]! & 0x80 ? Buffer.concat([Buffer.of(0), digits]) : digits;
}
