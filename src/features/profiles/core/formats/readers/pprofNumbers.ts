/** Bytes of a number of 64 bits, seven bits a byte. */
const most = 10;
/** Fields of a profile that hold messages or numbers, all made of numbers; texts are not looked into. */
const ofNumbers = new Set([1, 2, 3, 4, 5, 11, 13]);

/**
 * Whether a pprof profile has a number longer than the format allows: reading one takes time by the square of its length.
 * Walks as pprof-format does, the outermost fields one by one; what is in them has no text.
 */
export function hasLongNumber(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length;) {
    const field = bytes[at]! >> 3;
    const mode = bytes[at]! & 7;
    const end = endOfNumber(bytes, ++at);
    if (end - at > most) return true;
    if (mode === 0) at = end;
    else if (mode !== 2) return false;
    else {
      const next = end + lengthAt(bytes, at, end);
      if (ofNumbers.has(field) && hasLongRun(bytes, end, Math.min(next, bytes.length))) return true;
      at = next;
    }
  }
  return false;
}

/** Where the number that begins there is over. */
function endOfNumber(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && bytes[at]! >= 0x80) at++;
  return Math.min(at + 1, bytes.length);
}

function lengthAt(bytes: Uint8Array, from: number, end: number): number {
  let length = 0;
  for (let at = end - 1; at >= from; at--) length = length * 128 + (bytes[at]! & 0x7f);
  return length;
}

/** All but the last byte of a number are 0x80 or more. */
function hasLongRun(bytes: Uint8Array, from: number, to: number): boolean {
  let run = 0;
  for (let at = from; at < to; at++) {
    if (bytes[at]! < 0x80) run = 0;
    else if (++run >= most) return true;
  }
  return false;
}
