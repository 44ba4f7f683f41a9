import type { Color } from 'ansi-sequence-parser';

const names = ['Black', 'Red', 'Green', 'Yellow', 'Blue', 'Magenta', 'Cyan', 'White'];

/** A colour of a terminal: one of the 16 that themes define, such as `BrightRed`, or one of CSS. */
export type AnsiColor = { theme: string } | { css: string };

export function ansiColor(color: Color): AnsiColor {
  switch (color.type) {
    case 'named': {
      const bright = color.name.startsWith('bright');
      const name = bright ? color.name.slice(6) : color.name;
      return { theme: `${bright ? 'Bright' : ''}${name[0]!.toUpperCase()}${name.slice(1)}` };
    }
    case 'table':
      return tableColor(color.index);
    case 'rgb':
      return { css: rgb(...color.rgb.map((part) => Math.min(255, Math.max(0, Math.round(part))))) };
  }
}

/** xterm's 256 colours: 16 of the theme, a cube of 6 × 6 × 6, 24 greys. */
function tableColor(index: number): AnsiColor {
  if (index < 16) return { theme: `${index < 8 ? '' : 'Bright'}${names[index % 8]!}` };
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10;
    return { css: rgb(grey, grey, grey) };
  }
  const level = (part: number) => (part === 0 ? 0 : 55 + part * 40);
  const cube = index - 16;
  return { css: rgb(level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6)) };
}

function rgb(...parts: number[]): string {
  return `rgb(${parts.join(',')})`;
}
