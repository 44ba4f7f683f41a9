import { hash as bcryptHash, HASHSIZE } from 'bcrypt-pbkdf';
import { createDecipheriv, createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { WireReader, wireString } from '../sshWire';

const header = '-----BEGIN OPENSSH PRIVATE KEY-----';
const footer = '-----END OPENSSH PRIVATE KEY-----';
const magic = Buffer.from('openssh-key-v1\0');

/** A private key file in the format of OpenSSH's PROTOCOL.key that is encrypted. */
export interface EncryptedOpenSshKey {
  /** In wire format; it is not encrypted. */
  readonly publicKey: Buffer;
  /** The same key as an unencrypted file; undefined if the passphrase is wrong. */
  decrypt(passphrase: string): Promise<string | undefined>;
}

/** The public key in a private key file of that format, encrypted or not. */
export function publicKeyOf(text: string): Buffer | undefined {
  const reader = readerOf(text);
  if (!reader) return undefined;
  try {
    // Cipher, key derivation and its options, then the number of keys.
    for (let index = 0; index < 3; index++) reader.bytes();
    reader.uint32();
    return reader.bytes();
  } catch {
    return undefined;
  }
}

function readerOf(text: string): WireReader | undefined {
  const start = text.indexOf(header);
  const end = text.indexOf(footer);
  if (start < 0 || end < start) return undefined;
  const data = Buffer.from(text.slice(start + header.length, end), 'base64');
  if (!data.subarray(0, magic.length).equals(magic)) return undefined;
  return new WireReader(data.subarray(magic.length));
}

/** Undefined when the file is in another format, not encrypted, or encrypted in an uncommon way. */
export function parseEncryptedOpenSshKey(text: string): EncryptedOpenSshKey | undefined {
  const reader = readerOf(text);
  if (!reader) return undefined;
  try {
    const cipher = /^aes(128|192|256)-(ctr|cbc)$/.exec(reader.text());
    const kdf = reader.text();
    const options = new WireReader(reader.bytes());
    if (!cipher || kdf !== 'bcrypt' || reader.uint32() !== 1) return undefined;
    const salt = options.bytes();
    const rounds = options.uint32();
    const publicKey = reader.bytes();
    const encrypted = reader.bytes();
    const keyBytes = Number(cipher[1]) / 8;
    const decrypt = async (passphrase: string) => {
      const secret = await bcryptPbkdf(passphrase, salt, keyBytes + 16, rounds);
      const decipher = createDecipheriv(
        `aes-${cipher[1]}-${cipher[2]}`,
        secret.subarray(0, keyBytes),
        secret.subarray(keyBytes),
      ).setAutoPadding(false);
      const plain = Buffer.concat([decipher.update(encrypted), decipher.final()]);
      // Two equal random numbers tell whether the passphrase is right.
      return plain.readUInt32BE(0) === plain.readUInt32BE(4) ? unencrypted(publicKey, plain) : undefined;
    };
    return { publicKey, decrypt };
  } catch {
    return undefined;
  }
}

function unencrypted(publicKey: Buffer, plain: Buffer): string {
  const count = Buffer.from([0, 0, 0, 1]);
  const data = Buffer.concat([
    magic,
    wireString('none'),
    wireString('none'),
    wireString(''),
    count,
    wireString(publicKey),
    wireString(plain),
  ]);
  return `${header}\n${data.toString('base64').replace(/.{70}/g, '$&\n')}\n${footer}\n`;
}

/**
 * OpenBSD's bcrypt_pbkdf(3). The library's own function computes without a pause, for about a second at the usual
 * 16 rounds; this one yields after each of its hashes (about 20 ms).
 */
async function bcryptPbkdf(
  passphrase: string,
  salt: Buffer,
  length: number,
  rounds: number,
): Promise<Buffer> {
  const blocks = Math.ceil(length / HASHSIZE);
  const perBlock = Math.ceil(length / blocks);
  const key = Buffer.alloc(length);
  const secret = sha512(passphrase);
  for (let block = 1; block <= blocks; block++) {
    const number = Buffer.alloc(4);
    number.writeUInt32BE(block);
    const sum = Buffer.alloc(HASHSIZE);
    let hashed: Buffer = Buffer.concat([salt, number]);
    for (let round = 0; round < rounds; round++) {
      const next = Buffer.alloc(HASHSIZE);
      bcryptHash(secret, sha512(hashed), next);
      hashed = next;
      for (let index = 0; index < sum.length; index++) sum[index]! ^= next[index]!;
      await setImmediate();
    }
    // The bytes of the blocks are interleaved.
    for (let index = 0; index < perBlock; index++) {
      const place = index * blocks + block - 1;
      if (place < length) key[place] = sum[index]!;
    }
  }
  return key;
}

function sha512(data: Buffer | string): Buffer {
  return createHash('sha512').update(data).digest();
}
