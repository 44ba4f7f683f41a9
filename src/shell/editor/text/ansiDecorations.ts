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
import { ansiColor } from './ansiColor';
import type { AnsiSpan } from './ansiText';

/** Looks that differ; beyond these text stays plain. */
const mostTypes = 256;

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
  const known = ansiColor(color);
  return 'css' in known ? known.css : new ThemeColor(`terminal.ansi${known.theme}`);
}
