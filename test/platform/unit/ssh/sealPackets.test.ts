import { createDecipheriv, randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import type { Client } from 'ssh2';
import { describe, expect, it } from 'vitest';
import { sealPackets } from '../../../../src/platform/transport/ssh/sealPackets';

interface Cipher {
  allocPacket(bytes: number): Buffer;
  encrypt(packet: Buffer): void;
  free(): void;
  outSeqno: number;
}
const { createCipher, CIPHER_INFO, init } = createRequire(import.meta.url)('ssh2/lib/protocol/crypto.js') as {
  createCipher: (config: object) => Cipher;
  CIPHER_INFO: Record<string, { keyLen: number; ivLen: number }>;
  init: Promise<void>;
};

/** A connection that has agreed on a cipher, with what is written to it. */
async function connectionWith(name: string) {
  await init;
  const written: Buffer[] = [];
  const info = CIPHER_INFO[name]!;
  const [key, iv] = [randomBytes(info.keyLen), randomBytes(info.ivLen)];
  const cipher = createCipher({
    outbound: {
      // The bundles have none of its native parts.
      forceNative: true,
      ...{ seqno: 7, cipherInfo: info, cipherKey: key, cipherIV: Buffer.from(iv), macKey: randomBytes(32) },
      macInfo: { sslName: 'sha256', actualLen: 32, len: 32, isETM: true },
      onWrite: (bytes: Buffer) => written.push(Buffer.from(bytes)),
    },
  });
  const protocol: { _cipher?: Cipher; _kexinit?: Buffer } = {};
  sealPackets({ _protocol: protocol } as unknown as Client);
  protocol._cipher = cipher;
  const send = (payload: Buffer) => {
    const packet = cipher.allocPacket(payload.length);
    payload.copy(packet, 5);
    cipher.encrypt(packet);
    return Buffer.concat(written.splice(0));
  };
  return { cipher, protocol, key, iv, send, isReplaced: Object.hasOwn(cipher, 'encrypt') };
}

/** Opens a packet as a server does. @throws where the tag is wrong */
function opened(name: 'aes-128-gcm' | 'aes-256-gcm', key: Buffer, iv: Buffer, sealed: Buffer) {
  const open = createDecipheriv(name, key, iv);
  open.setAAD(sealed.subarray(0, 4)).setAuthTag(sealed.subarray(-16));
  const plain = Buffer.concat([open.update(sealed.subarray(4, -16)), open.final()]);
  expect(sealed.readUInt32BE()).toBe(plain.length);
  return { payload: plain.subarray(1, -plain[0]!), padding: plain.subarray(-plain[0]!) };
}

describe('packets that are sealed with AES-GCM', () => {
  it.each([
    ['aes128-gcm@openssh.com', 'aes-128-gcm'],
    ['aes256-gcm@openssh.com', 'aes-256-gcm'],
  ] as const)('have what was written, each under the next IV, with %s', async (name, sslName) => {
    const { cipher, key, iv, send, isReplaced } = await connectionWith(name);
    expect(isReplaced).toBe(true);
    const counter = iv.readBigUInt64BE(4);
    const sizes = [1, 9, 8191, 8192, 8193, 32_777, 32_768, 65_500, 100_000, 12];
    for (const [index, size] of sizes.entries()) {
      const payload = randomBytes(size);
      const nextIv = Buffer.concat([iv.subarray(0, 4), Buffer.alloc(8)]);
      nextIv.writeBigUInt64BE(BigInt.asUintN(64, counter + BigInt(index)), 4);
      const { payload: arrived, padding } = opened(sslName, key, nextIv, send(payload));
      expect(arrived.equals(payload)).toBe(true);
      expect(padding.length).toBeGreaterThanOrEqual(4);
      expect((1 + size + padding.length) % 16).toBe(0);
    }
    expect(cipher.outSeqno).toBe(7 + sizes.length);
  });

  it('have memory of their own where they wait for new keys', async () => {
    const { cipher, protocol } = await connectionWith('aes128-gcm@openssh.com');
    expect(cipher.allocPacket(20_000).buffer).toBe(cipher.allocPacket(20_000).buffer);
    protocol._kexinit = Buffer.alloc(1);
    expect(cipher.allocPacket(20_000).buffer).not.toBe(cipher.allocPacket(20_000).buffer);
  });

  it('are not written once the connection is gone', async () => {
    const { cipher, send } = await connectionWith('aes128-gcm@openssh.com');
    cipher.free();
    expect(send(randomBytes(20_000))).toHaveLength(0);
  });

  it('leave other ciphers as they are', async () => {
    const { isReplaced } = await connectionWith('aes128-ctr');
    expect(isReplaced).toBe(false);
  });
});
