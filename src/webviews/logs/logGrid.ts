import type { LogRow, LogStatus, RowRange } from '../../protocol/logsPanel';
import { element } from '../shared/element';
import { LineElement, type RowContext } from './lineElement';
import { RowCache } from './rowCache';
import { Scrollbar } from './scrollbar';

/** Pixels; the style sheet has the same. A wrapped row is as tall as its lines. */
const rowHeight = 20;
/** Rows beyond the edges that are asked for, too. */
const margin = 120;

export interface GridEvents {
  /** Rows are missing. */
  ask(range: RowRange): void;
  /** A key that the grid has no use for. */
  key(row: LogRow, event: KeyboardEvent): void;
  /** A place in source code was clicked. */
  openFrame(row: LogRow): void;
  /** Other lines are chosen, or it follows, or no longer does. */
  changed(): void;
}

/**
 * The rows, oldest first; those on the screen are elements, laid out from the row at the top, or from the newest one at
 * the bottom while it follows. The scroll bar is one of its own: no element is as tall as five million rows.
 */
export class LogGrid {
  private readonly lines = element('div', { class: 'lines', role: 'presentation' });
  readonly view = element(
    'div',
    { class: 'view', role: 'grid', tabindex: '0', 'aria-readonly': 'true', 'aria-multiselectable': 'true' },
    this.lines,
  );
  private readonly scrollbar = new Scrollbar((share) => this.scrollTo(share));
  readonly root = element('div', { class: 'grid' }, this.view, this.scrollbar.root);
  private readonly cache = new RowCache((from, to) =>
    this.events.ask({ generation: this.generation, from, to }),
  );
  /** On the screen, in their order; the first shows `drawnFrom`. */
  private readonly drawn: LineElement[] = [];
  private readonly spare: LineElement[] = [];
  private drawnFrom = 0;
  private first = 0;
  private end = 0;
  generation = -1;
  /** The row at the top, and the pixels of it that are above the edge. */
  private top = { at: 0, offset: 0 };
  isFollowing = true;
  /** Lines at the end that came since it stays put. */
  private leftAt = 0;
  private selected: { at: number; to: number } | undefined;
  private isDrawing = false;
  private wraps = false;

  constructor(
    private context: RowContext,
    private readonly events: GridEvents,
  ) {
    this.view.setAttribute('aria-label', context.words.rows);
    this.view.setAttribute('aria-describedby', 'keyboard');
    this.view.addEventListener('wheel', (event) => this.wheel(event), { passive: false });
    this.view.addEventListener('keydown', (event) => this.keyDown(event));
    this.view.addEventListener('mousedown', (event) => this.clicked(event));
    this.view.addEventListener('click', (event) => this.frameClicked(event));
    this.view.addEventListener('focus', () => {
      if (!this.selected && this.end > this.first) this.draw();
    });
    new ResizeObserver(() => this.redraw()).observe(this.view);
  }

  /** Rows that fit. */
  get page(): number {
    return Math.max(1, Math.floor(this.view.clientHeight / rowHeight));
  }

  /** Lines below the edge that came since it stays put. */
  get newLines(): number {
    return this.isFollowing ? 0 : Math.max(0, this.end - this.leftAt);
  }

  get selectedRow(): LogRow | undefined {
    return this.selected && this.cache.get(this.selected.at);
  }

  /** The place that searching goes on from. */
  get place(): number {
    return this.selected?.at ?? (this.isFollowing ? this.end : this.top.at);
  }

  get selection(): RowRange {
    const { at, to } = this.selected ?? { at: 0, to: -1 };
    return { generation: this.generation, from: Math.min(at, to), to: Math.max(at, to) + 1 };
  }

  /** The line that is to stay in sight when other lines are shown. */
  get keep(): number | undefined {
    if (this.isFollowing) return undefined;
    return (this.selectedRow ?? this.cache.get(this.top.at))?.id;
  }

  update({ generation, first, end }: LogStatus, newest: readonly LogRow[]): void {
    if (generation !== this.generation) this.startOver(generation, end);
    this.first = first;
    this.end = end;
    this.cache.take(newest);
    if (this.top.at < first) this.top = { at: first, offset: 0 };
    if (this.selected && this.selected.at < first) this.select(undefined);
    this.view.setAttribute('aria-rowcount', String(end - first));
    this.redraw();
  }

  take(generation: number, rows: readonly LogRow[]): void {
    if (generation !== this.generation) return;
    this.cache.answered();
    this.cache.take(rows);
    this.redraw();
  }

  /** Rows are where they were, but look different. */
  renew(): void {
    this.cache.age();
    this.redraw();
  }

  /** Rows are drawn in another way. */
  show(context: RowContext, wraps: boolean): void {
    this.context = context;
    this.wraps = wraps;
    this.root.classList.toggle('wraps', wraps);
    this.root.classList.toggle('correlates', context.correlates);
    const widest = Math.max(8, ...context.legend.map((one) => one.host.length + one.source.length + 1));
    this.root.style.setProperty('--gutter-width', `${Math.min(30, widest) + 3}ch`);
    this.redraw();
  }

  follow(): void {
    this.isFollowing = true;
    this.events.changed();
    this.redraw();
  }

  /** Chooses a row and brings it into the middle. */
  goTo(generation: number, at: number): void {
    if (generation !== this.generation) return;
    this.stay();
    this.top = { at: Math.max(this.first, at - Math.floor(this.page / 2)), offset: 0 };
    this.select(at);
    this.redraw();
  }

  focus(): void {
    this.view.focus();
  }

  selectAll(): void {
    if (this.end === this.first) return;
    this.stay();
    this.selected = { at: this.end - 1, to: this.first };
    this.events.changed();
    this.redraw();
  }

  private startOver(generation: number, end: number): void {
    this.generation = generation;
    this.cache.clear();
    this.leftAt = end;
    this.select(undefined);
  }

  private redraw(): void {
    if (this.isDrawing) return;
    this.isDrawing = true;
    requestAnimationFrame(() => {
      this.isDrawing = false;
      this.draw();
    });
  }

  private draw(): void {
    const height = this.view.clientHeight;
    if (height === 0) return;
    const count = this.end - this.first;
    const fitting = Math.ceil(height / rowHeight) + 1;
    if (!this.isFollowing) this.settleTop();
    const from = this.isFollowing ? Math.max(this.first, this.end - fitting) : this.top.at;
    const to = Math.min(this.end, from + fitting + (this.isFollowing ? 0 : 1));
    this.drawRows(from, to);
    if (this.isFollowing) {
      const overflow = this.wraps ? this.lines.offsetHeight - height : (to - from) * rowHeight - height;
      this.shift(-Math.max(0, overflow));
      this.cache.need(from, to, this.selected?.at);
    } else {
      this.shift(-this.top.offset);
      const around = [Math.max(this.first, from - margin), Math.min(this.end, to + margin)] as const;
      this.cache.need(...around, this.selected?.at);
    }
    const reach = Math.max(1, count - height / rowHeight);
    const above = this.top.at - this.first + this.top.offset / rowHeight;
    this.scrollbar.update(count * rowHeight, this.isFollowing ? 1 : Math.min(1, above / reach));
    this.scrollbar.root.hidden = count * rowHeight <= height && !this.wraps;
  }

  private shift(pixels: number): void {
    this.lines.style.transform = `translateY(${pixels}px)`;
  }

  /** Moves the elements that stay, and uses those of rows that are gone for others. */
  private drawRows(from: number, to: number): void {
    const { drawn } = this;
    while (drawn.length > 0 && this.drawnFrom < from) {
      this.put(drawn.shift()!);
      this.drawnFrom++;
    }
    while (drawn.length > 0 && this.drawnFrom + drawn.length > to) this.put(drawn.pop()!);
    if (drawn.length === 0) this.drawnFrom = from;
    while (this.drawnFrom > from) {
      const line = this.spare.pop() ?? new LineElement();
      drawn.unshift(line);
      this.lines.prepend(line.root);
      this.drawnFrom--;
    }
    while (this.drawnFrom + drawn.length < to) {
      const line = this.spare.pop() ?? new LineElement();
      drawn.push(line);
      this.lines.append(line.root);
    }
    const { from: low, to: high } = this.selection;
    drawn.forEach((line, index) => {
      const at = from + index;
      const row = this.cache.get(at);
      line.show(at, row, this.context, this.cache.get(at - 1)?.time);
      line.root.setAttribute('aria-rowindex', String(at - this.first + 1));
      line.root.setAttribute('aria-selected', String(at >= low && at < high));
      line.root.classList.toggle('active', at === this.selected?.at);
    });
    const active = this.selectedRow;
    const isDrawn = active && active.at >= from && active.at < to;
    if (isDrawn) this.view.setAttribute('aria-activedescendant', `line-${active.id}`);
    else this.view.removeAttribute('aria-activedescendant');
  }

  private put(line: LineElement): void {
    line.root.remove();
    this.spare.push(line);
  }

  /** Pixels of a row; a wrapped one is laid out for that. */
  private heightOf(at: number): number {
    if (!this.wraps) return rowHeight;
    const drawn = this.drawn[at - this.drawnFrom];
    if (drawn?.root.dataset['at'] === String(at)) return drawn.root.offsetHeight;
    const row = this.cache.get(at);
    if (!row) return rowHeight;
    const line = this.spare.pop() ?? new LineElement();
    line.show(at, row, this.context, undefined);
    line.root.classList.add('measured');
    this.lines.append(line.root);
    const height = line.root.offsetHeight;
    line.root.classList.remove('measured');
    this.put(line);
    return height;
  }

  /** Brings the offset into the row at the top, and follows again when the newest row is in sight. */
  private settleTop(): void {
    const { top } = this;
    top.at = Math.max(this.first, Math.min(top.at, this.end - 1));
    while (top.offset < 0 && top.at > this.first) top.offset += this.heightOf(--top.at);
    if (top.offset < 0) top.offset = 0;
    for (let height; top.at < this.end - 1 && top.offset >= (height = this.heightOf(top.at)); top.at++)
      top.offset -= height;
    const furthest = this.topFor(this.end - 1);
    if (top.at < furthest.at || (top.at === furthest.at && top.offset <= furthest.offset)) return;
    this.top = furthest;
  }

  /** The top with which a row is the last on the screen. */
  private topFor(at: number): { at: number; offset: number } {
    let room = this.view.clientHeight;
    let row = at;
    for (; row >= this.first; row--) {
      room -= this.heightOf(row);
      if (room <= 0) return { at: row, offset: -room };
    }
    return { at: this.first, offset: 0 };
  }

  private stay(): void {
    if (!this.isFollowing) return;
    this.top = this.topFor(this.end - 1);
    this.isFollowing = false;
    this.leftAt = this.end;
    this.events.changed();
  }

  private scrollBy(pixels: number): void {
    if (pixels < 0) this.stay();
    if (this.isFollowing) return;
    this.top.offset += pixels;
    this.settleTop();
    const { at, offset } = this.topFor(this.end - 1);
    if (pixels > 0 && this.top.at === at && this.top.offset >= offset) return this.follow();
    this.redraw();
  }

  private scrollTo(share: number): void {
    if (share >= 1) return this.follow();
    this.stay();
    const reach = Math.max(0, this.end - this.first - this.view.clientHeight / rowHeight);
    const place = this.first + share * reach;
    this.top = { at: Math.floor(place), offset: Math.round((place % 1) * rowHeight) };
    this.redraw();
  }

  private wheel(event: WheelEvent): void {
    if (event.ctrlKey || event.shiftKey || event.deltaY === 0) return;
    const unit = [1, rowHeight, this.view.clientHeight][event.deltaMode] ?? 1;
    this.scrollBy(event.deltaY * unit);
    event.preventDefault();
  }

  /** Without a place nothing is chosen. `extends_`: the row that was chosen first stays the other end. */
  private select(at: number | undefined, extends_ = false): void {
    const place = at === undefined ? undefined : Math.max(this.first, Math.min(at, this.end - 1));
    this.selected =
      place === undefined ? undefined : { at: place, to: extends_ ? (this.selected?.to ?? place) : place };
    this.events.changed();
  }

  private moveTo(at: number, extends_: boolean): void {
    this.stay();
    this.select(at, extends_);
    const place = this.selected!.at;
    const last = this.topFor(place);
    if (place < this.top.at || (place === this.top.at && this.top.offset > 0))
      this.top = { at: place, offset: 0 };
    else if (last.at > this.top.at || (last.at === this.top.at && last.offset > this.top.offset))
      this.top = last;
    this.redraw();
  }

  private keyDown(event: KeyboardEvent): void {
    if (this.end === this.first) return;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'a') {
      this.selectAll();
      return event.preventDefault();
    }
    const row = this.selectedRow;
    const at = this.selected?.at ?? (this.isFollowing ? this.end : this.top.at - 1);
    const moves: Record<string, number> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + this.page,
      PageUp: at - this.page,
      Home: this.first,
      End: this.end - 1,
    };
    const to = event.ctrlKey || event.metaKey || event.altKey ? undefined : moves[event.key];
    if (to === undefined) return row && this.events.key(row, event);
    event.preventDefault();
    this.moveTo(to, event.shiftKey);
    if (event.key === 'End' && !event.shiftKey) this.follow();
  }

  private clicked(event: MouseEvent): void {
    const row = event.target instanceof Element ? event.target.closest<HTMLElement>('.row') : null;
    if (!row || event.button === 1) return;
    const at = Number(row.dataset['at']);
    const { from, to } = this.selection;
    // A menu is for what is chosen already.
    if (event.button === 2 && at >= from && at < to) return;
    this.stay();
    this.select(at, event.shiftKey);
    if (event.shiftKey) event.preventDefault();
    this.view.focus();
    this.draw();
  }

  private frameClicked(event: MouseEvent): void {
    const frame = event.target instanceof Element ? event.target.closest('.frame') : null;
    if (frame && this.selectedRow) this.events.openFrame(this.selectedRow);
  }
}
