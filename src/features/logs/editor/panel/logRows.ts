import { l10n } from 'vscode';
import type { ControlKind, LogRow as EngineRow } from '../../core/logRow';
import type { LogSource } from '../../core/logSource';
import { printable } from '../../../../platform/text/printable';
import type { LogRow, Tone } from '../../protocol/logsPanel';
import { sizeText } from '../../../../shell/editor/text/sizeText';
import { lineParts } from '../lineParts';

/** What a panel knows of lines that the engine does not. */
export interface RowMarks {
  bookmarks: ReadonlyMap<number, unknown>;
  pinned: ReadonlySet<number>;
  matches: ((line: string) => [number, number][]) | undefined;
  /** The names of fields of a stream's lines, where they are none of the usual ones. */
  fields: (stream: number) => LogSource['fields'];
  /** Structured lines are shown as they came. */
  isRaw: boolean;
}

const looks: Record<ControlKind, { tone: Tone; icon: string }> = {
  connected: { tone: 'info', icon: 'plug' },
  ended: { tone: 'info', icon: 'circle-slash' },
  rotated: { tone: 'info', icon: 'sync' },
  truncated: { tone: 'warning', icon: 'warning' },
  disconnected: { tone: 'warning', icon: 'debug-disconnect' },
  resumed: { tone: 'info', icon: 'debug-continue' },
  gap: { tone: 'error', icon: 'error' },
  problem: { tone: 'error', icon: 'error' },
};

/** The row at place `at` as the page draws it. */
export function rowModel(row: EngineRow, at: number, marks: RowMarks): LogRow {
  const { bookmarks, pinned, matches, fields, isRaw } = marks;
  const common = { at, id: row.seq, time: row.time, isBookmarked: bookmarks.has(row.seq) };
  if (row.kind !== 'line')
    return {
      ...common,
      kind: 'control',
      ...looks[row.kind],
      text: sentence(printable(row.text, 400)),
      source: row.stream,
    };
  const level = row.level === 'none' ? undefined : row.level;
  const told = { hasTime: row.time !== undefined, hasLevel: level !== undefined };
  return {
    ...{ ...common, kind: 'line', source: row.stream, level },
    parts: lineParts(row.text, { ...told, matches, isRaw, fields: fields(row.stream) }),
    more: moreText(row),
    isLate: row.late === true,
    isPinned: pinned.has(row.seq),
  };
}

function moreText({ hidden = 0, cut = 0 }: EngineRow): string {
  const texts = [
    ...(hidden > 0 ? [l10n.t('{0} more', sizeText(hidden))] : []),
    ...(cut > 0 ? [l10n.t('{0} cut off', sizeText(cut))] : []),
  ];
  return texts.join(', ');
}

function sentence(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
