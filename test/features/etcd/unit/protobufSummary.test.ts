import fc from 'fast-check';
import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { hexDump, isHexDump } from '../../../../src/features/etcd/core/keys/hexDump';
import { protobufSummary } from '../../../../src/features/etcd/core/keys/protobufSummary';

const { root } = protobuf.parse(`
  syntax = "proto3";
  message Meta { string name = 1; map<string, string> labels = 11; }
  message Thing {
    Meta meta = 1; string kind = 2; int64 count = 3; double ratio = 4; bytes raw = 5; fixed32 small = 6; bool on = 15;
  }
`);
const Thing = root.lookupType('Thing');
const encode = (fields: object) => Buffer.from(Thing.encode(Thing.fromObject(fields)).finish());

describe('A value that may be a message of protobuf', () => {
  const thing = encode({
    meta: { name: 'app', labels: { tier: 'web' } },
    ...{ kind: 'Größe\u202e', count: -1, ratio: 1.5, raw: Buffer.from([0xff, 0xfe]), small: 7, on: true },
  });
  const shown = [
    ...['1 {', '  1: "app"', '  11 {', '    1: "tier"', '    2: "web"', '  }', '}'],
    ...['2: "Größe\\u{202e}"', '3: 18446744073709551615', '4: 0x3ff8000000000000'],
    ...['5: 2 B: fffe', '6: 0x00000007', '15: 1'],
  ].join('\n');

  it('is shown without its schema, as protoc --decode_raw does', () => {
    expect(protobufSummary(thing)).toBe(shown);
  });

  it('may stand after the magic number of Kubernetes', () => {
    expect(protobufSummary(Buffer.concat([Buffer.from('k8s\0'), thing]))).toBe(shown);
  });

  it('is none when one byte is missing or does not belong to it', () => {
    expect(protobufSummary(thing.subarray(0, -1))).toBeUndefined();
    expect(protobufSummary(Buffer.concat([thing, Buffer.from([0])]))).toBeUndefined();
    expect(protobufSummary(Buffer.alloc(0))).toBeUndefined();
    expect(protobufSummary(Buffer.from('text\0with NUL'))).toBeUndefined();
  });

  it('is bounded, whatever its bytes are', () => {
    const flat = Buffer.alloc(200_000, Buffer.from([0x08, 0x01]));
    expect(protobufSummary(flat)?.split('\n')).toHaveLength(201);
    expect(protobufSummary(Buffer.alloc(300_000, Buffer.from([0x08, 0x01])))).toBeUndefined();
    let nested = encode({ on: true });
    for (let depth = 0; depth < 60; depth++)
      nested = Buffer.concat([Buffer.from([0x0a, nested.length]), nested]);
    expect(protobufSummary(nested)?.split('\n')).toHaveLength(21);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(protobufSummary(Buffer.from(bytes)) ?? '').not.toMatch(/[^\P{C}\n]/u);
      }),
    );
  });

  it('above its hexadecimal digits is still known to be no text', () => {
    expect(isHexDump(`blob is no text.\n\nAs a message:\n\n${shown}\n\n${hexDump(thing)}\n`)).toBe(true);
    expect(isHexDump(shown)).toBe(false);
  });
});
