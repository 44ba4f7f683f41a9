import type { LegendSource, LogPart, LogRow, LogWords, TimeMode } from '../../protocol/logsPanel';
import { element, icon } from '../shared/element';
import { setText } from '../shared/setText';
import { isoText, timeText } from './timeText';

/** What the drawing of every row depends on. */
export interface RowContext {
  words: LogWords;
  legend: readonly LegendSource[];
  time: TimeMode;
  /** Rows are the steps of one thing. */
  correlates: boolean;
}

/** The element of a row, used again for others: at 50,000 lines a second every row on the screen is new each time. */
export class LineElement {
  readonly root = element('div', { class: 'row', role: 'row' });
  private readonly marks = element('div', { class: 'cell marks', role: 'gridcell' });
  private readonly host = element('span', { class: 'host' });
  private readonly source = element('span', { class: 'source' });
  private readonly gutter = element(
    'div',
    { class: 'cell gutter', role: 'gridcell' },
    this.host,
    this.source,
  );
  private readonly time = element('div', { class: 'cell time', role: 'gridcell' });
  /** What has passed since the row before, where rows are steps of one thing. */
  private readonly delta = element('div', { class: 'cell delta', role: 'gridcell' });
  private readonly level = element('div', { class: 'cell level', role: 'gridcell' });
  private readonly text = element('div', { class: 'cell text', role: 'gridcell' });
  private shown: { row?: LogRow; context?: RowContext; before?: number } = {};

  constructor() {
    this.root.append(this.marks, this.gutter, this.time, this.delta, this.level, this.text);
  }

  /** `before`: the time of the row before it. */
  show(at: number, row: LogRow | undefined, context: RowContext, before: number | undefined): void {
    this.root.dataset['at'] = String(at);
    const { shown } = this;
    const isSame = shown.row === row && shown.context === context && shown.before === before && row;
    if (isSame && context.time !== 'ago') return;
    this.shown = { row, context, before };
    if (!row) return this.showMissing(context.words);
    const { words, legend, time } = context;
    this.root.id = `line-${row.id}`;
    setText(this.time, timeText(row.time, time, before));
    setText(this.delta, context.correlates ? timeText(row.time, 'delta', before) : '');
    this.time.title =
      row.time === undefined ? '' : `${isoText(row.time, 'local')}\n${isoText(row.time, 'utc')}`;
    const source = row.source === undefined ? undefined : legend[row.source];
    setText(this.host, source?.host ?? '');
    setText(this.source, source?.source ?? '');
    this.gutter.title = source ? `${source.host} ${source.source}` : '';
    this.gutter.className = `cell gutter${source ? ` color-${source.color}` : ''}`;
    const marks: HTMLElement[] = [];
    if (row.isBookmarked) marks.push(mark('bookmark', words.bookmarked));
    if (row.kind === 'line') {
      if (row.isPinned) marks.push(mark('pinned', words.pinnedLine));
      if (row.isLate) marks.push(mark('history', words.late));
      this.root.className = `row line${row.level ? ` level-${row.level}` : ''}`;
      setText(this.level, row.level ? words.shortLevels[row.level] : '');
      this.showParts(row.parts, row.more, words);
    } else {
      this.root.className = `row control ${row.tone}`;
      setText(this.level, '');
      this.text.replaceChildren(icon(row.icon), row.text);
    }
    if (marks.length > 0 || this.marks.childElementCount > 0) this.marks.replaceChildren(...marks);
  }

  private showParts(parts: readonly LogPart[], more: string, words: LogWords): void {
    const [only] = parts;
    if (parts.length === 1 && more === '' && isPlain(only!)) return setText(this.text, only!.text);
    this.text.replaceChildren(...parts.map((part) => partNode(part, words)));
    if (more !== '') this.text.append(element('span', { class: 'more' }, more));
  }

  private showMissing({ loading }: LogWords): void {
    this.root.className = 'row loading';
    this.root.removeAttribute('id');
    for (const cell of [this.time, this.delta, this.host, this.source, this.level]) setText(cell, '');
    for (const cell of [this.time, this.gutter]) cell.title = '';
    this.gutter.className = 'cell gutter';
    this.marks.replaceChildren();
    setText(this.text, loading);
  }
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
