import {
  type DecorationOptions,
  type Disposable,
  l10n,
  MarkdownString,
  OverviewRulerLane,
  Range,
  type TextDocument,
  type TextEditor,
  type TextEditorDecorationType,
  ThemeColor,
  Uri,
  window,
  workspace,
} from 'vscode';
import { weightText } from '../../core/model/weightText';
import { Disposables } from '../../../../shell/editor/disposables';
import { defineSetting } from '../../../../shell/editor/settings';
import { escapeMarkdown } from '../../../../shell/editor/hosts/escapeMarkdown';
import type { DocumentWeight, DocumentWeights } from './documentWeights';
import { heatOf, shareText } from '../list/share';

export const showHeatSetting = defineSetting('profiles.showHeat', (value) => value !== false);

/** Lines of a document that are marked at most: the heaviest. */
const mostLines = 1000;
/** A share of the whole below which a line is not marked. */
const leastShare = 0.001;
const redrawMs = 150;

/** A marked line as it is drawn. */
export interface HeatedLine {
  /** From 0. */
  line: number;
  text: string;
  heat: Heat;
}

type Heat = ReturnType<typeof heatOf> | 'stale';

/** Bars of the gutter, which knows no colours of the theme: wider for more. */
const bars: Readonly<Record<Heat, { width: number; colour: string }>> = {
  'charts.red': { width: 8, colour: '%23e51400' },
  'charts.orange': { width: 6, colour: '%23d18616' },
  'charts.yellow': { width: 4, colour: '%23bf9f00' },
  descriptionForeground: { width: 2, colour: '%238a8a8a' },
  stale: { width: 4, colour: '%238a8a8a' },
};

/** Marks the lines of open editors with what they weigh in the active profile. */
export class LineHeat implements Disposable {
  private readonly owned = new Disposables();
  private readonly types = new Map<Heat, TextEditorDecorationType>();
  private readonly drawn = new Map<string, readonly HeatedLine[]>();
  private readonly wasDirty = new WeakMap<TextDocument, boolean>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly weights: DocumentWeights) {
    this.owned.add(weights.onDidChange(() => this.drawSoon()));
    this.owned.add(showHeatSetting.onDidChange(() => this.drawSoon()));
    this.owned.add(window.onDidChangeVisibleTextEditors(() => this.drawSoon()));
    this.owned.add(
      workspace.onDidChangeTextDocument(({ document }) => {
        // What is typed moves the marks by itself.
        if (this.wasDirty.get(document) === document.isDirty) return;
        this.wasDirty.set(document, document.isDirty);
        this.drawSoon();
      }),
    );
    this.drawSoon();
  }

  /** The marked lines of a document that is on screen, from the top. */
  of(uri: Uri): readonly HeatedLine[] {
    return this.drawn.get(uri.toString()) ?? [];
  }

  dispose(): void {
    clearTimeout(this.timer);
    for (const type of this.types.values()) type.dispose();
    this.owned.dispose();
  }

  private drawSoon(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      for (const editor of window.visibleTextEditors) void this.draw(editor);
    }, redrawMs);
  }

  private async draw(editor: TextEditor): Promise<void> {
    const { document } = editor;
    const key = document.uri.toString();
    const weight = showHeatSetting.get(document.uri)
      ? await this.weights.of(document).catch((): undefined => undefined)
      : undefined;
    if (!weight && !this.drawn.has(key)) return;
    const lines = weight ? heated(document, weight) : [];
    if (weight) this.drawn.set(key, lines);
    else this.drawn.delete(key);
    const byHeat = new Map<Heat, DecorationOptions[]>([...this.types.keys()].map((heat) => [heat, []]));
    for (const { line, text, heat } of lines)
      byHeat.set(heat, [...(byHeat.get(heat) ?? []), optionsOf(document, line, text, weight!)]);
    for (const [heat, options] of byHeat) editor.setDecorations(this.typeOf(heat), options);
  }

  private typeOf(heat: Heat): TextEditorDecorationType {
    const known = this.types.get(heat);
    if (known) return known;
    const { width, colour } = bars[heat];
    const bar = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect x="4" width="${width}" height="16" fill="${colour}"/></svg>`;
    const type = window.createTextEditorDecorationType({
      gutterIconPath: Uri.parse(`data:image/svg+xml;utf8,${bar}`, true),
      gutterIconSize: 'contain',
      overviewRulerLane: OverviewRulerLane.Center,
      overviewRulerColor: new ThemeColor(heat === 'stale' ? 'disabledForeground' : heat),
      after: {
        margin: '0 0 0 3em',
        color: new ThemeColor(heat === 'stale' ? 'disabledForeground' : 'editorCodeLens.foreground'),
      },
    });
    this.types.set(heat, type);
    return type;
  }
}

function heated(document: TextDocument, { lines, whole, valueType, isStale }: DocumentWeight): HeatedLine[] {
  return lines
    .filter(({ line, self }) => line <= document.lineCount && Math.abs(self) >= leastShare * whole)
    .sort((a, b) => Math.abs(b.self) - Math.abs(a.self))
    .slice(0, mostLines)
    .sort((a, b) => a.line - b.line)
    .map(({ line, self }) => {
      const text = `${shareText(self, whole)} · ${weightText(self, valueType.unit)}`;
      return {
        line: line - 1,
        text: isStale ? l10n.t('{0} (changed since the capture)', text) : text,
        heat: isStale ? 'stale' : heatOf(self, whole),
      };
    });
}

function optionsOf(
  document: TextDocument,
  line: number,
  text: string,
  { lines, whole, valueType, entry }: DocumentWeight,
): DecorationOptions {
  const weights = lines.find((one) => one.line === line + 1)!;
  const hover = new MarkdownString();
  const words = [
    l10n.t('self {0} ({1})', shareText(weights.self, whole), weightText(weights.self, valueType.unit)),
    l10n.t('total {0} ({1})', shareText(weights.total, whole), weightText(weights.total, valueType.unit)),
    `${valueType.name} · ${entry.uri.path.slice(entry.uri.path.lastIndexOf('/') + 1)}`,
  ];
  hover.appendMarkdown(words.map(escapeMarkdown).join('  \n'));
  const end = document.lineAt(line).range.end;
  return {
    range: new Range(line, 0, line, end.character),
    hoverMessage: hover,
    renderOptions: { after: { contentText: text } },
  };
}
