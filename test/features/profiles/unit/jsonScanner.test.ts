import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonScanner } from '../../../../src/features/profiles/core/formats/readers/jsonScanner';

/** The value, read piece by piece. */
function read(text: string): unknown {
  const scanner = new JsonScanner(Buffer.from(text));
  const value = pieces(scanner);
  scanner.end();
  return value;
}

function pieces(scanner: JsonScanner): unknown {
  const next = scanner.next();
  if (next === '{') {
    const entries: [string, unknown][] = [];
    scanner.object((key) => entries.push([key, pieces(scanner)]));
    return Object.fromEntries(entries);
  }
  if (next === '[') {
    const items: unknown[] = [];
    scanner.array(() => items.push(pieces(scanner)));
    return items;
  }
  if (next === '"') return scanner.text();
  return /[-\d]/.test(next) ? scanner.number() : scanner.value();
}

describe('JSON in bytes', () => {
  it('is read as JSON.parse reads it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1, '\t'), (value, space) => {
        const text = JSON.stringify(value, undefined, space);
        expect(JSON.stringify(read(text))).toBe(JSON.stringify(JSON.parse(text)));
      }),
    );
  });

  it('has the same numbers, however they are written', () => {
    for (const text of [
      '0.1',
      '-12.5e-3',
      '1E5',
      '9007199254740993',
      '123456789.123456789',
      '-0',
      '4.35',
      '1e400',
    ])
      expect(read(text)).toBe(JSON.parse(text));
  });

  it('is refused where it breaks off or is none, with the byte', () => {
    for (const text of ['[1,', '[1 2]', '{"a" 1}', '{a:1}', '"x', '[', '[1]]', '{"a":}', '[-]', ''])
      expect(() => read(text), text).toThrow(SyntaxError);
  });

  it('breaks no reader, whatever it is', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          read(text);
        } catch (error) {
          expect(error).toBeInstanceOf(SyntaxError);
        }
      }),
    );
  });
});
