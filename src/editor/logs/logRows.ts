import { l10n } from 'vscode';
import type { ControlKind, LogRow as EngineRow } from '../../core/logs/logRow';
import { printable } from '../../core/printable';
import type { LogRow, Tone } from '../../protocol/logsPanel';
import { sizeText } from '../sizeText';
import { lineParts } from './lineParts';

/** What a panel knows of lines that the engine does not. */
export interface RowMarks {
  bookmarks: ReadonlyMap<number, unknown>;
  pinned: ReadonlySet<number>;
  matches: ((line: string) => [number, number][]) | undefined;
  /** The field with the message of a stream's lines, where it is none of the usual ones. */
  messageField: (stream: number) => string | undefined;
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
  const { bookmarks, pinned, matches, messageField } = marks;
  const common = { at, id: row.seq, time: row.time, isBookmarked: bookmarks.has(row.seq) };
  if (row.kind !== 'line')
    return {
      ...common,
      kind: 'control',
      ...looks[row.kind],
      text: controlText(row, row.kind),
      source: row.stream,
    };
  return {
    ...common,
    kind: 'line',
    source: row.stream,
    level: row.level === 'none' ? undefined : row.level,
    parts: lineParts(row.text, matches, messageField(row.stream)),
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

function controlText({ text, lost }: EngineRow, kind: ControlKind): string {
  const said = printable(text, 400);
  switch (kind) {
    case 'gap':
      return l10n.t('Gap: {0} — {1}', lostText(lost), said);
    case 'truncated':
      return l10n.t('The file was cut to a smaller size: {0}', said);
    case 'resumed':
      return l10n.t('Resumed, 0 lines lost — {0}', said);
    case 'disconnected':
      return l10n.t('Connection lost — {0}', said);
    case 'rotated':
      return l10n.t('The file was rotated: {0}', said);
    case 'connected':
      return l10n.t('Followed from here on — {0}', said);
    case 'ended':
      return l10n.t('Ended — {0}', said);
    case 'problem':
      return l10n.t('Problem — {0}', said);
  }
}

function lostText(lost: number | null | undefined): string {
  if (lost === null || lost === undefined) return l10n.t('an unknown number of lines is missing');
  return l10n.t('{0} lines are missing', lost.toLocaleString('en'));
}
