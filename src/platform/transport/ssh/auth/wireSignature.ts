import type { ParsedKey } from 'ssh2';
import { WireReader, wireString } from '../sshWire';

/** A digest that is not the one of the key's type. */
const digests: Record<string, string> = {
  'rsa-sha2-256': 'sha256',
  'rsa-sha2-512': 'sha512',
  'ssh-rsa': 'sha1',
};

/** The signature with a private key as SSH writes it, after its algorithm. */
export function wireSignature(key: ParsedKey, algorithm: string, data: Buffer): Buffer {
  const signature = key.sign(data, digests[algorithm]);
  const isEcdsa = algorithm.startsWith('ecdsa-');
  return Buffer.concat([wireString(algorithm), wireString(isEcdsa ? numbersOf(signature) : signature)]);
}

/** The algorithm for a key of that type with a digest as ssh2 names it. */
export function signatureAlgorithm(keyType: string, digest: string | undefined): string {
  if (keyType !== 'ssh-rsa') return keyType;
  return Object.keys(digests).find((algorithm) => digests[algorithm] === digest) ?? keyType;
}

/** What follows the algorithm. */
export function bareSignature(signature: Buffer): Buffer {
  const reader = new WireReader(signature);
  reader.bytes();
  return reader.bytes();
}

/** The numbers r and s of a signature in DER (RFC 3279), which writes them as SSH does. */
function numbersOf(signature: Buffer): Buffer {
  let position = signature[1]! > 0x80 ? 3 : 2;
  const next = () => {
    const start = position + 2;
    position = start + signature[position + 1]!;
    return wireString(signature.subarray(start, position));
  };
  return Buffer.concat([next(), next()]);
}
