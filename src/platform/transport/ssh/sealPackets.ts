import { createCipheriv, randomFillSync } from 'node:crypto';
import type { Client } from 'ssh2';

/** The sealing of outgoing packets with AES-GCM (RFC 5647), as ssh2 does it. */
interface GcmCipher {
  /** Such as `aes-128-gcm`. */
  _encSSLName: string;
  _encKey: Buffer;
  /** Counted up with each packet. */
  _encIV: Buffer;
  _dead: boolean;
  outSeqno: number;
  _onWrite: (bytes: Buffer) => void;
  allocPacket(payloadBytes: number): Buffer;
  encrypt(packet: Buffer): void;
}

/** What of ssh2's protocol is looked at here. */
interface Protocol {
  _cipher?: object;
  /** There while keys are exchanged. */
  _kexinit?: unknown;
}

const blockBytes = 16;
/** The length of the packet, which is not sealed, and that of its padding. */
const headBytes = { length: 4, padding: 1 };
const leastPadding = 4;
/** Payloads of more are contents of files and the like: they are sealed as soon as they are written. */
const smallPayload = 8 * 1024;

/** Where large packets are written before they are sealed, one after the other. */
const scratch = Buffer.allocUnsafeSlow(64 * 1024);
const noise = { bytes: Buffer.alloc(16 * 1024), at: Infinity };

/**
 * Has large packets sealed in half of the time; call it right after `connect`. ssh2 takes new memory for each of them, which
 * costs as much as sealing it, and asks for the random bytes of its padding each time. Other ciphers are left as they are.
 */
export function sealPackets(client: Client): void {
  const { _protocol: protocol } = client as unknown as { _protocol?: Protocol };
  if (!protocol) return;
  // While keys are exchanged again, packets wait: each in memory of its own.
  const isHeldBack = () => protocol._kexinit !== undefined;
  let current = protocol._cipher;
  Object.defineProperty(protocol, '_cipher', {
    configurable: true,
    enumerable: true,
    get: () => current,
    set: (cipher: object | undefined) => {
      current = cipher;
      if (cipher && isGcm(cipher)) sealFaster(cipher, isHeldBack);
    },
  });
}

function isGcm(cipher: Partial<GcmCipher>): cipher is GcmCipher {
  const { _encSSLName: name, _encIV: iv } = cipher;
  return typeof name === 'string' && /^aes-\d+-gcm$/.test(name) && Buffer.isBuffer(iv) && iv.length === 12;
}

function sealFaster(cipher: GcmCipher, isHeldBack: () => boolean): void {
  const { _encSSLName: name, _encKey: key, _encIV: iv } = cipher;
  const allocate = cipher.allocPacket.bind(cipher);
  cipher.allocPacket = (payloadBytes) => {
    const sealed = headBytes.padding + payloadBytes + leastPadding;
    const padding = leastPadding + (-sealed & (blockBytes - 1));
    const bytes = headBytes.length + headBytes.padding + payloadBytes + padding;
    if (payloadBytes < smallPayload || bytes > scratch.length || isHeldBack()) return allocate(payloadBytes);
    const packet = scratch.subarray(0, bytes);
    packet.writeUInt32BE(bytes - headBytes.length);
    packet[headBytes.length] = padding;
    fillWithNoise(packet, bytes - padding);
    return packet;
  };
  cipher.encrypt = function (packet) {
    if (this._dead) return;
    const seal = createCipheriv(name as 'aes-128-gcm', key, iv);
    const length = Buffer.from(packet.subarray(0, headBytes.length));
    seal.setAAD(length);
    this._onWrite(length);
    this._onWrite(seal.update(packet.subarray(headBytes.length)));
    seal.final();
    this._onWrite(seal.getAuthTag());
    countUp(iv);
    this.outSeqno = (this.outSeqno + 1) >>> 0;
  };
}

function fillWithNoise(packet: Buffer, from: number): void {
  const bytes = packet.length - from;
  if (noise.at + bytes > noise.bytes.length) {
    randomFillSync(noise.bytes);
    noise.at = 0;
  }
  noise.bytes.copy(packet, from, noise.at, noise.at + bytes);
  noise.at += bytes;
}

/** The last eight bytes of the IV are a counter. */
function countUp(iv: Buffer): void {
  for (let at = 11; at >= 4; at--) {
    iv[at] = (iv[at]! + 1) & 255;
    if (iv[at] !== 0) return;
  }
}
