import { isUtf8 } from 'node:buffer';
import { printable } from '../../../../platform/text/printable';

/** A key or a part of it as one line: what cannot be shown as it is stands as `\\xNN`. At most `limit` bytes. */
export function keyText(key: Buffer, limit = 300): string {
  const text = key.toString('utf8', 0, limit);
  const isFaithful = key.length <= limit && !text.includes('\ufffd') && printable(text, limit) === text;
  return isFaithful ? text : escapedText(key.subarray(0, limit)) + (key.length > limit ? '…' : '');
}

/** A key to be pasted elsewhere: as it is, or as `keyText` where it is no UTF-8; `muster etcd --escaped` reads that. */
export function copiedKey(key: Buffer): string {
  return isUtf8(key) ? key.toString() : escapedText(key);
}

/** The bytes of a text in which `\xNN` stands for one. */
export function escapedBytes(text: string): Buffer {
  // The odd parts are the bytes.
  const parts = text.split(/(\\x[\da-f]{2})/i);
  return Buffer.concat(
    parts.map((part, index) => (index % 2 === 0 ? Buffer.from(part) : Buffer.from(part.slice(2), 'hex'))),
  );
}

function escapedText(key: Buffer): string {
  const parts: string[] = [];
  for (let at = 0; at < key.length;) {
    const length = [1, 2, 3, 4].find((size) => isCharacter(key.subarray(at, at + size))) ?? 0;
    const character = key.toString('utf8', at, at + length);
    const isShown = length > 0 && !/[\p{C}\p{Zl}\p{Zp}\\]/u.test(character);
    parts.push(isShown ? character : [...key.subarray(at, at + Math.max(1, length))].map(hex).join(''));
    at += Math.max(1, length);
  }
  return parts.join('');
}

function isCharacter(bytes: Buffer): boolean {
  const text = bytes.toString('utf8');
  return [...text].length === 1 && text !== '\ufffd' && Buffer.from(text).equals(bytes);
}

function hex(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`;
}
