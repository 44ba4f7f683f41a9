import { isUtf8 } from 'node:buffer';

/** What Kubernetes writes before its messages. */
const kubernetesMagic = Buffer.from('k8s\0');
/** Longer values are not looked at. */
const maxBytes = 256 * 1024;
const most = { lines: 200, depth: 10, textLength: 200, hexBytes: 32 };
/** Greater numbers of fields are taken for chance. */
const maxField = 10_000;

/** A field whose name and type nobody knows: a varint, or the bytes of anything else. */
interface Field {
  number: number;
  value: bigint | { kind: 'fixed' | 'span'; bytes: Buffer };
}

/**
 * What a value may say as a protobuf message (protobuf.dev/programming-guides/encoding), as `protoc --decode_raw` shows
 * one without its schema, of at most 200 lines; after the magic number of Kubernetes if it begins with that. Undefined
 * for what is no message from its first to its last byte.
 */
export function protobufSummary(value: Buffer): string | undefined {
  const isKubernetes = value.subarray(0, kubernetesMagic.length).equals(kubernetesMagic);
  const body = isKubernetes ? value.subarray(kubernetesMagic.length) : value;
  const fields = body.length > maxBytes ? undefined : readMessage(body);
  if (!fields) return undefined;
  const lines: string[] = [];
  for (const line of linesOf(fields, 0)) {
    if (lines.push(line) < most.lines) continue;
    lines.push('…');
    break;
  }
  return lines.join('\n');
}

function* linesOf(fields: readonly Field[], depth: number): Generator<string, void, undefined> {
  const indent = '  '.repeat(depth);
  for (const { number, value } of fields) {
    if (typeof value === 'bigint') yield `${indent}${number}: ${value}`;
    else if (value.kind === 'fixed')
      yield `${indent}${number}: 0x${Buffer.from(value.bytes).reverse().toString('hex')}`;
    else {
      const text = textOf(value.bytes);
      const inner = text === undefined && depth < most.depth ? readMessage(value.bytes) : undefined;
      if (!inner) yield `${indent}${number}: ${text ?? hexOf(value.bytes)}`;
      else {
        yield `${indent}${number} {`;
        yield* linesOf(inner, depth + 1);
        yield `${indent}}`;
      }
    }
  }
}

/** In quotes; undefined for what looks like anything but text. */
function textOf(bytes: Buffer): string | undefined {
  if (!isUtf8(bytes)) return undefined;
  const text = bytes.toString();
  // A message within begins with a tag, which for many fields is a line break or a tabulator.
  if (/^[\n\r\t\f\v]|[\0-\x08\x0e-\x1f\x7f]/.test(text)) return undefined;
  const shown = text.length > most.textLength ? `${text.slice(0, most.textLength)}…` : text;
  return JSON.stringify(shown).replace(
    /[\p{Cf}\p{Cs}\p{Zl}\p{Zp}\x80-\x9f]/gu,
    (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
}

function hexOf(bytes: Buffer): string {
  const digits = bytes.toString('hex', 0, most.hexBytes);
  return `${bytes.length} B: ${digits}${bytes.length > most.hexBytes ? '…' : ''}`;
}

/** The fields of a message; undefined when its bytes are none. */
function readMessage(bytes: Buffer): Field[] | undefined {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): bigint | undefined => {
    let value = 0n;
    for (let shift = 0n; shift < 70n && at < bytes.length; shift += 7n) {
      const byte = bytes[at++]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    return undefined;
  };
  const take = (kind: 'fixed' | 'span', length: number): Field['value'] | undefined => {
    if (length > bytes.length - at) return undefined;
    at += length;
    return { kind, bytes: bytes.subarray(at - length, at) };
  };
  const valueOf = (wireType: number): Field['value'] | undefined => {
    if (wireType === 0) return varint();
    if (wireType === 1) return take('fixed', 8);
    if (wireType === 5) return take('fixed', 4);
    const length = wireType === 2 ? varint() : undefined;
    return length === undefined ? undefined : take('span', Number(length));
  };
  while (at < bytes.length) {
    const tag = varint();
    const number = Number((tag ?? 0n) >> 3n);
    const value = number > 0 && number <= maxField ? valueOf(Number(tag! & 7n)) : undefined;
    if (value === undefined) return undefined;
    fields.push({ number, value });
  }
  return fields.length > 0 ? fields : undefined;
}
