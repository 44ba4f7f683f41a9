import { getDiffieHellman } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  GroupKeys,
  opensslPower,
  plainPower,
} from '../../../../src/platform/transport/ssh/trust/groupExchange';

const two = Buffer.of(2);
const groupOf = (name: string) => getDiffieHellman(name).getPrime();

describe.each([
  ['OpenSSL', opensslPower],
  ['plain arithmetic', plainPower],
])('the keys of a group exchange, made with %s', (_, powerOf) => {
  const keysIn = (prime: Buffer, generator = two) => new GroupKeys(prime, generator, 2048, 8192, powerOf);

  it.each(['modp14', 'modp16'])('come to the same secret as those of Node.js (%s)', (name) => {
    const server = getDiffieHellman(name);
    server.generateKeys();
    // On the wire a zero in front keeps the number positive.
    const client = keysIn(Buffer.concat([Buffer.of(0), server.getPrime()]));
    const secret = server.computeSecret(client.publicKey);
    expect(client.computeSecret(server.getPublicKey()).equals(secret)).toBe(true);
  });

  it('differ each time', () => {
    const prime = groupOf('modp14');
    expect(keysIn(prime).publicKey.equals(keysIn(prime).publicKey)).toBe(false);
  });

  it('refuse a public key that gives the secret away', () => {
    const prime = groupOf('modp14');
    const keys = keysIn(prime);
    const less = Buffer.from(prime);
    less[less.length - 1]! -= 1;
    for (const bad of [Buffer.alloc(0), Buffer.of(0), Buffer.of(1), less, prime, Buffer.concat([prime, two])])
      expect(() => keys.computeSecret(bad)).toThrow('the public key of the server is malformed');
  });
});

describe('a group that a server offers', () => {
  const offer =
    (prime: Buffer, generator = two) =>
    () =>
      new GroupKeys(prime, generator, 2048, 8192);

  it('has 2048 to 8192 bits', () => {
    expect(offer(groupOf('modp5'))).toThrow(
      'the server offers a group of 1536 bits, where 2048 to 8192 are accepted to exchange keys in',
    );
    expect(offer(Buffer.concat([Buffer.of(1), groupOf('modp18')]))).toThrow('of 8193 bits');
    expect(offer(Buffer.alloc(256))).toThrow('of 1 bits');
  });

  it('has an odd modulus and a generator within it', () => {
    const prime = groupOf('modp14');
    const even = Buffer.from(prime);
    even[even.length - 1]! -= 1;
    expect(offer(even)).toThrow('malformed');
    for (const generator of [Buffer.alloc(0), Buffer.of(1), even, prime])
      expect(offer(prime, generator)).toThrow('malformed');
  });
});
