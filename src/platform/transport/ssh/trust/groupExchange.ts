import { createPrivateKey, createPublicKey, diffieHellman, randomBytes } from 'node:crypto';
import { MusterError } from '../../../errors/errors';
import { t } from '../../../l10n/l10n';
import type { KeyExchange } from './keyExchange';

/** The parts of ssh2's group exchange (RFC 4419) that do its arithmetic. */
interface GroupExchange extends KeyExchange {
  _minBits: number;
  _prefBits: number;
  _maxBits: number;
  _prime: Buffer | null;
  _generator: Buffer | null;
  _dh: GroupKeys | null;
  _public: Buffer | null;
  generateKeys(): void;
}

/** Stronger than the ciphers that are asked for first, and a fifth of the work of 8192 bits. */
const preferredBits = 4096;
/** Twice the longest cipher key, as in OpenSSH. */
const exponentBytes = 64;

/**
 * Bounds what a server's own group costs. ssh2 gives the group to `createDiffieHellman`, which tests on the event loop
 * whether it is prime, for 2.6 s with 3072 bits and 44 s with 8192, and looks at nothing of it. Here, as in OpenSSH, its
 * size is verified, the exponent is short, and so the arithmetic takes milliseconds. That the group is the server's is
 * what the signature over the exchange proves.
 */
export function boundGroup(exchange: KeyExchange): void {
  if (exchange.type !== 'groupex') return;
  const group = exchange as GroupExchange;
  group._prefBits = Math.min(group._prefBits, preferredBits);
  group.generateKeys = () => {
    const { _dh, _prime, _generator, _minBits, _maxBits } = group;
    if (_dh || !_prime || !_generator) return;
    group._dh = new GroupKeys(_prime, _generator, _minBits, _maxBits);
    group._public = group._dh.publicKey;
  };
}

/** Raises to the secret power of a pair of keys. */
type Power = (base: Buffer) => Buffer;

/** Keys for one exchange in a group that a server has chosen; of Node's DiffieHellman, as much as ssh2 calls. */
export class GroupKeys {
  readonly publicKey: Buffer;
  private readonly power: Power;

  /** @throws MusterError PROTOCOL for a group that must not be used */
  constructor(
    private readonly prime: Buffer,
    private readonly generator: Buffer,
    minBits: number,
    maxBits: number,
    powerOf: (prime: Buffer, generator: Buffer, exponent: Buffer) => Power = fastestPower,
  ) {
    const modulus = toBigInt(prime);
    const bits = modulus.toString(2).length;
    if (bits < minBits || bits > maxBits)
      throw unusableGroup(t('of {0} bits, where {1} to {2} are accepted', bits, minBits, maxBits));
    if (modulus % 2n === 0n || !isWithin(generator, modulus)) throw unusableGroup(t('that is malformed'));
    const exponent = randomBytes(exponentBytes);
    exponent[0]! |= 0x80;
    this.power = powerOf(unsigned(prime), unsigned(generator), exponent);
    this.publicKey = this.power(unsigned(generator));
  }

  getPrime(): Buffer {
    return this.prime;
  }

  getGenerator(): Buffer {
    return this.generator;
  }

  /** @throws Error for a public key that would give the secret away */
  computeSecret(publicKey: Buffer): Buffer {
    if (!isWithin(publicKey, toBigInt(this.prime)))
      throw new Error(t('the public key of the server is malformed'));
    return this.power(unsigned(publicKey));
  }
}

function unusableGroup(what: string): MusterError {
  return new MusterError('PROTOCOL', t('the server offers a group {0} to exchange keys in', what), {
    phase: 'handshake',
    hint: t("Correct the server's moduli file, or have its KexAlgorithms allow curve25519-sha256."),
  });
}

function isWithin(number: Buffer, modulus: bigint): boolean {
  const value = toBigInt(number);
  return value > 1n && value < modulus - 1n;
}

function toBigInt(number: Buffer): bigint {
  return BigInt(`0x0${number.toString('hex')}`);
}

/** Without the zeros in front. */
function unsigned(number: Buffer): Buffer {
  const start = number.findIndex((byte) => byte !== 0);
  return start < 0 ? Buffer.alloc(1) : number.subarray(start);
}

function fastestPower(prime: Buffer, generator: Buffer, exponent: Buffer): Power {
  try {
    return opensslPower(prime, generator, exponent);
  } catch {
    // BoringSSL, which Electron brings, knows no such keys.
    return plainPower(prime, generator, exponent);
  }
}

/** A key that is imported is not tested for being prime. */
export function opensslPower(prime: Buffer, generator: Buffer, exponent: Buffer): Power {
  const algorithm = sequence(dhKeyAgreement, sequence(integer(prime), integer(generator)));
  const privateKey = createPrivateKey({
    key: sequence(integer(Buffer.of(0)), algorithm, tagged(0x04, integer(exponent))),
    format: 'der',
    type: 'pkcs8',
  });
  return (base) => {
    const key = sequence(algorithm, tagged(0x03, Buffer.of(0), integer(base)));
    const publicKey = createPublicKey({ key, format: 'der', type: 'spki' });
    return diffieHellman({ privateKey, publicKey });
  };
}

/** At most 65 ms a time, with 8192 bits. */
export function plainPower(prime: Buffer, _generator: Buffer, exponent: Buffer): Power {
  const modulus = toBigInt(prime);
  const bits = toBigInt(exponent).toString(2);
  return (base) => {
    const factor = toBigInt(base);
    let power = 1n;
    for (const bit of bits) {
      power = (power * power) % modulus;
      if (bit === '1') power = (power * factor) % modulus;
    }
    return Buffer.from(power.toString(16).padStart(prime.length * 2, '0'), 'hex');
  };
}

/** Object identifier 1.2.840.113549.1.3.1 of PKCS #3, in DER. */
const dhKeyAgreement = Buffer.from('06092a864886f70d010301', 'hex');

function sequence(...parts: Buffer[]): Buffer {
  return tagged(0x30, ...parts);
}

function integer(number: Buffer): Buffer {
  return tagged(0x02, number[0]! & 0x80 ? Buffer.concat([Buffer.of(0), number]) : number);
}

/** An element of DER. */
function tagged(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const head =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...head), content]);
}
