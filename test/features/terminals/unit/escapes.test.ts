import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EscapeReader } from '../../../../src/features/terminals/cli/escapes';

/** What one reader makes of all pieces, the bytes of each stretch as text. */
function read(...pieces: string[]): string[] {
  const reader = new EscapeReader();
  const parts = pieces.flatMap((piece) => reader.read(Buffer.from(piece, 'latin1')));
  return parts.map((part) => (typeof part === 'string' ? `<${part}>` : part.toString('latin1')));
}

describe('Escapes', () => {
  it.each([
    [['~.'], ['<disconnect>']],
    [['~', '.'], ['<disconnect>']],
    [['ls\r~?ls'], ['ls\r', '<help>', 'ls']],
    [['x\n~\x1a~.'], ['x\n', '<suspend>', '<disconnect>']],
    [['~~.'], ['~.']],
    [
      ['~~', '\r~~~.'],
      ['~', '\r~~.'],
    ],
    [['~x'], ['~x']],
    [['cd ~/.ssh\r'], ['cd ~/.ssh\r']],
    [['a~.'], ['a~.']],
    [['~\r~.'], ['~\r', '<disconnect>']],
  ])('%j is read as %j', (pieces, parts) => {
    expect(read(...pieces)).toEqual(parts);
  });

  it('lose nothing of what is typed without a tilde, and do not depend on how it arrives', () => {
    const typed = fc.array(fc.constantFrom('~', '.', '\r', 'a', '?'), { maxLength: 30 });
    fc.assert(
      fc.property(typed, (keys) => {
        expect(read(...keys).join('')).toBe(read(keys.join('')).join(''));
      }),
    );
    const plain = fc.string().filter((text) => !text.includes('~'));
    fc.assert(
      fc.property(plain, (text) => read(text).join('') === Buffer.from(text, 'latin1').toString('latin1')),
    );
  });
});
