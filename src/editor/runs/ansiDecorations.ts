import type { Color } from 'ansi-sequence-parser';
import {
  type DecorationRenderOptions,
  type Disposable,
  Range,
  type TextEditor,
  type TextEditorDecorationType,
  ThemeColor,
  window,
} from 'vscode';
import type { AnsiSpan } from './ansiText';

/** Looks that differ; beyond these text stays plain. */
const mostTypes = 256;
const names = ['Black', 'Red', 'Green', 'Yellow', 'Blue', 'Magenta', 'Cyan', 'White'];

/** Draws the colours of terminals over text, those of the theme's terminal where they have names. */
export class AnsiDecorations implements Disposable {
  private readonly types = new Map<string, TextEditorDecorationType>();

  draw(editor: TextEditor, spans: readonly AnsiSpan[]): void {
    const ranges = new Map<TextEditorDecorationType, Range[]>();
    for (const type of this.types.values()) ranges.set(type, []);
    for (const span of spans) {
      const type = this.typeOf(span);
      if (!type) continue;
      const range = new Range(editor.document.positionAt(span.start), editor.document.positionAt(span.end));
      const all = ranges.get(type);
      if (all) all.push(range);
      else ranges.set(type, [range]);
    }
    for (const [type, all] of ranges) editor.setDecorations(type, all);
  }

  dispose(): void {
    for (const type of this.types.values()) type.dispose();
    this.types.clear();
  }

  private typeOf({ foreground, background, bold, italic, underline }: AnsiSpan) {
    const key = JSON.stringify([foreground, background, bold, italic, underline]);
    const known = this.types.get(key);
    if (known || this.types.size >= mostTypes) return known;
    const look: DecorationRenderOptions = {
      ...(foreground && { color: colorOf(foreground) }),
      ...(background && { backgroundColor: colorOf(background) }),
      ...(bold && { fontWeight: 'bold' }),
      ...(italic && { fontStyle: 'italic' }),
      ...(underline && { textDecoration: 'underline' }),
    };
    const type = window.createTextEditorDecorationType(look);
    this.types.set(key, type);
    return type;
  }
}

function colorOf(color: Color): ThemeColor | string {
  switch (color.type) {
    case 'named': {
      const bright = color.name.startsWith('bright');
      const name = bright ? color.name.slice(6) : color.name;
      return new ThemeColor(
        `terminal.ansi${bright ? 'Bright' : ''}${name[0]!.toUpperCase()}${name.slice(1)}`,
      );
    }
    case 'table':
      return tableColor(color.index);
    case 'rgb':
      return `rgb(${color.rgb.map((part) => Math.min(255, Math.max(0, Math.round(part)))).join(',')})`;
  }
}

/** xterm's 256 colours: 16 of the theme, a cube of 6 × 6 × 6, 24 greys. */
function tableColor(index: number): ThemeColor | string {
  if (index < 16) return new ThemeColor(`terminal.ansi${index < 8 ? '' : 'Bright'}${names[index % 8]!}`);
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10;
    return `rgb(${grey},${grey},${grey})`;
  }
  const level = (part: number) => (part === 0 ? 0 : 55 + part * 40);
  const cube = index - 16;
  return `rgb(${level(Math.floor(cube / 36))},${level(Math.floor(cube / 6) % 6)},${level(cube % 6)})`;
}
