import type { LegendSource, LogPart, LogRow, LogWords, TimeMode } from '../protocol/logsPanel';
import type { Column, RowAdapter } from '../../../shell/webview/grid/gridRow';
import { element, icon } from '../../../shell/webview/element';
import { setText } from '../../../shell/webview/setText';
import { isoText, timeText } from './timeText';

/** What the drawing of every row depends on. */
export interface RowContext {
  words: LogWords;
  legend: readonly LegendSource[];
  time: TimeMode;
  /** Rows are the steps of one thing. */
  correlates: boolean;
}

/** How lines are drawn. */
export function logRows(context: RowContext): RowAdapter<LogRow> {
  const columns = logColumns(context);
  const missing = columns.map(({ name }): Column<undefined> => {
    return { name, fill: (cell) => () => setText(cell, name === 'text' ? context.words.loading : '') };
  });
  return {
    id: ({ id }) => `line-${id}`,
    classes: (row) => {
      if (row.kind === 'control') return `control ${row.tone}`;
      return row.level ? `line level-${row.level}` : 'line';
    },
    columns: () => columns,
    missing,
    isLive: context.time === 'ago',
  };
}

function logColumns({ words, legend, time: mode, correlates }: RowContext): Column<LogRow>[] {
  return [
    {
      name: 'marks',
      fill: (cell) => (row) => {
        const marks = marksOf(row, words);
        if (marks.length > 0 || cell.childElementCount > 0) cell.replaceChildren(...marks);
      },
    },
    {
      name: 'gutter',
      fill: (cell) => {
        const host = element('span', { class: 'host' });
        const name = element('span', { class: 'source' });
        cell.append(host, name);
        return (row) => {
          const source = row.source === undefined ? undefined : legend[row.source];
          setText(host, source?.host ?? '');
          setText(name, source?.source ?? '');
          cell.title = source ? `${source.host} ${source.source}` : '';
          cell.className = `cell gutter${source ? ` color-${source.color}` : ''}`;
        };
      },
    },
    {
      name: 'time',
      fill: (cell) => (row, older) => {
        setText(cell, timeText(row.time, mode, older?.time));
        cell.title =
          row.time === undefined ? '' : `${isoText(row.time, 'local')}\n${isoText(row.time, 'utc')}`;
      },
    },
    {
      // What has passed since the row before, where rows are steps of one thing.
      name: 'delta',
      fill: (cell) => (row, older) =>
        setText(cell, correlates ? timeText(row.time, 'delta', older?.time) : ''),
    },
    {
      name: 'level',
      fill: (cell) => (row) =>
        setText(cell, row.kind === 'line' && row.level ? words.shortLevels[row.level] : ''),
    },
    {
      name: 'text',
      fill: (cell) => (row) => {
        if (row.kind === 'control') cell.replaceChildren(icon(row.icon), row.text);
        else showParts(cell, row.parts, row.more, words);
      },
    },
  ];
}

function marksOf(row: LogRow, words: LogWords): HTMLElement[] {
  const marks: HTMLElement[] = [];
  if (row.isBookmarked) marks.push(mark('bookmark', words.bookmarked));
  if (row.kind === 'line' && row.isPinned) marks.push(mark('pinned', words.pinnedLine));
  if (row.kind === 'line' && row.isLate) marks.push(mark('history', words.late));
  return marks;
}

function showParts(cell: HTMLElement, parts: readonly LogPart[], more: string, words: LogWords): void {
  const [only] = parts;
  if (parts.length === 1 && more === '' && isPlain(only!)) return setText(cell, only!.text);
  cell.replaceChildren(...parts.map((part) => partNode(part, words)));
  if (more !== '') cell.append(element('span', { class: 'more' }, more));
}

function isPlain(part: LogPart): boolean {
  return Object.keys(part).length === 1;
}

/** Text is never taken for HTML, and colours go through the object model, which no value can leave. */
function partNode(part: LogPart, words: LogWords): Node {
  if (isPlain(part)) return document.createTextNode(part.text);
  const made = element(part.isMatch ? 'mark' : 'span', {}, part.text);
  if (part.isBold) made.classList.add('bold');
  if (part.isItalic) made.classList.add('italic');
  if (part.isUnderlined) made.classList.add('underlined');
  if (part.isMuted) made.classList.add('muted');
  if (part.isFrame) {
    made.classList.add('frame');
    made.title = words.openFrame;
  }
  if (part.color !== undefined) made.style.color = part.color;
  if (part.background !== undefined) made.style.backgroundColor = part.background;
  return made;
}

function mark(name: string, title: string): HTMLElement {
  const made = icon(name);
  made.title = title;
  made.setAttribute('role', 'img');
  made.setAttribute('aria-label', title);
  made.removeAttribute('aria-hidden');
  return made;
}
