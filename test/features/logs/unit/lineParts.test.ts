import { describe, expect, it } from 'vitest';
import { matchRanges } from '../../../../src/features/logs/core/filter/matchRanges';
import { type LineLook, lineParts as partsOf } from '../../../../src/features/logs/editor/lineParts';

const lineParts = (line: string, matches?: LineLook['matches'], look: Partial<LineLook> = {}) =>
  partsOf(line, { matches, isRaw: false, hasTime: false, hasLevel: false, ...look });

describe('A line as parts', () => {
  it('is one part where nothing is to be told apart', () => {
    expect(lineParts('plain\ttext — ünïcode', undefined)).toEqual([{ text: 'plain\ttext — ünïcode' }]);
  });

  it('has the colours of its terminal, those of the theme by name', () => {
    expect(lineParts('\x1b[1;31mERROR\x1b[0m x \x1b[38;5;196my\x1b[38;2;1;2;3mz', undefined)).toEqual([
      { text: 'ERROR', color: 'var(--vscode-terminal-ansiRed)', isBold: true },
      { text: ' x ' },
      { text: 'y', color: 'rgb(255,0,0)' },
      { text: 'z', color: 'rgb(1,2,3)' },
    ]);
  });

  it('marks what is looked for, across colours', () => {
    const parts = lineParts('a\x1b[32mbc\x1b[0md', matchRanges({ text: 'BCD' }));
    expect(parts.map(({ text, isMatch }) => `${text}${isMatch ? '!' : ''}`)).toEqual(['a', 'bc!', 'd!']);
  });

  it('marks a place in source code', () => {
    expect(lineParts('    at f (/srv/a.js:1:2)', undefined)).toEqual([
      { text: '    at f (' },
      { text: '/srv/a.js:1:2', isFrame: true },
      { text: ')' },
    ]);
  });

  it('has the message of a structured line first, and its other fields muted', () => {
    expect(lineParts('{"took":7,"msg":"served"}')).toEqual([
      { text: 'served' },
      { text: '  took=7', isMuted: true },
    ]);
    const own = { fields: { message: 'text' } };
    expect(lineParts('msg=no text=hi', undefined, own)[0]).toEqual({ text: 'hi' });
  });

  it('has them where they stand when it is shown raw', () => {
    expect(lineParts('{"msg":"served","took":7}', undefined, { isRaw: true })).toEqual([
      { text: '{"msg":"', isMuted: true },
      { text: 'served' },
      { text: '","took":7}', isMuted: true },
    ]);
  });

  it('marks what is looked for in the message and the fields, and shows the line raw where it is in neither', () => {
    const marked = (line: string, text: string) =>
      lineParts(line, matchRanges({ text })).flatMap(({ text, isMatch }) => (isMatch ? [text] : []));
    const line = '{"took":7,"msg":"served 7"}';
    expect(marked(line, '7')).toEqual(['7', '7']);
    expect(marked(line, '"took":7')).toEqual(['"took":7']);
  });

  it('lets no sequence hide, move or turn text', () => {
    const hostile =
      '\x1b[2J\x1b[1;1Hroot\x1b]0;title\x07\x1b]8;;http://x\x07link\x1b]8;;\x07\b\b\u202etxt\x1b[?25l\x00';
    const text = lineParts(hostile, undefined)
      .map((part) => part.text)
      .join('');
    expect(text).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f\u202e]/);
    expect(text).toContain('root');
    expect(text).toContain('link');
  });

  it.each(['ok\rhidden', 'ok\u2028hidden', 'ok\u2029hidden', 'ok\nhidden'])(
    'shows what ends a line within %j, so that nothing is below the row',
    (line) => {
      expect(lineParts(line)).toEqual([{ text: 'ok⏎hidden' }]);
    },
  );

  it('takes long lines with many colours in good time', () => {
    const line = '\x1b[31ma\x1b[0mb'.repeat(900);
    expect(lineParts(line, matchRanges({ text: 'a' })).length).toBe(1800);
  });
});
