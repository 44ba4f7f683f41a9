import fc from 'fast-check';

/** Any character of Unicode, half of them in ASCII. fast-check's own unit `binary` takes a second to be made. */
const codePoint = fc.oneof(
  { arbitrary: fc.integer({ min: 0, max: 0x7f }), weight: 2 },
  fc.integer({ min: 0x80, max: 0xd7ff }),
  fc.integer({ min: 0xe000, max: 0x10ffff }),
);

/** Texts of up to `maxLength` characters, whatever they are. */
export const unicodeText = (maxLength = 10): fc.Arbitrary<string> =>
  fc.array(codePoint, { maxLength }).map((points) => String.fromCodePoint(...points));
