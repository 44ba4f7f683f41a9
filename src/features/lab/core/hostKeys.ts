import { generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

export interface KeyPair {
  /** OpenSSH's private key file, unencrypted. */
  privateKey: string;
  /** One line: type, base64, comment. */
  publicKey: string;
}

const keyType = Buffer.from('ssh-ed25519');
const generate = promisify(generateKeyPair);

/**
 * An Ed25519 key pair in OpenSSH's formats (openssh-portable's PROTOCOL.key).
 * Not ssh2's `utils.generateKeyPair`: version 1.17 drops leading zeros, which spoils one key in 200.
 */
export async function generateEd25519(comment: string): Promise<KeyPair> {
  const { privateKey } = await generate('ed25519');
  const jwk = privateKey.export({ format: 'jwk' });
  const point = Buffer.from(jwk.x as string, 'base64url');
  const seed = Buffer.from(jwk.d as string, 'base64url');

  const publicBlob = Buffer.concat([sshString(keyType), sshString(point)]);
  const check = randomBytes(4);
  const secrets = Buffer.concat([
    check,
    check,
    publicBlob,
    sshString(Buffer.concat([seed, point])),
    sshString(Buffer.from(comment)),
  ]);
  const padding = Buffer.from(
    Array.from({ length: (8 - (secrets.length % 8)) % 8 }, (_, index) => index + 1),
  );
  const file = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    sshString(Buffer.from('none')),
    sshString(Buffer.from('none')),
    sshString(Buffer.alloc(0)),
    uint32(1),
    sshString(publicBlob),
    sshString(Buffer.concat([secrets, padding])),
  ]);
  const lines = file.toString('base64').match(/.{1,70}/g) ?? [];
  return {
    privateKey: [
      '-----BEGIN OPENSSH PRIVATE KEY-----',
      ...lines,
      '-----END OPENSSH PRIVATE KEY-----',
      '',
    ].join('\n'),
    publicKey: `${keyType.toString()} ${publicBlob.toString('base64')} ${comment}`,
  };
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function sshString(bytes: Buffer): Buffer {
  return Buffer.concat([uint32(bytes.length), bytes]);
}
