import type { PanelStatus, PanelWords, RowModel } from '../../protocol/watchPanel';
import { element } from '../shared/element';
import { rowElement, rowId } from './rowElement';

/** Pixels; the style sheet has the same. */
const rowHeight = 24;
/** Rows beyond the edges that are drawn, too. */
const margin = 8;
/** Rows that are kept though they are not drawn. */
const cached = 600;

export interface GridEvents {
  /** Rows are missing. */
  ask(from: number, to: number): void;
  act(row: RowModel, key: string, event: Event): void;
}

/** The rows, newest first; only those that fit on the screen are elements. */
export class RowGrid {
  private readonly rows = new Map<number, RowModel>();
  private readonly drawn = new Map<number, HTMLElement>();
  private readonly space = element('div', { class: 'space', role: 'presentation' });
  readonly root = element(
    'div',
    { class: 'grid', role: 'grid', tabindex: '0', 'aria-readonly': 'true' },
    this.space,
  );
  private first = 0;
  private end = 0;
  private generation = -1;
  private selected: number | undefined;
  private asked = '';
  private drawing = false;

  constructor(
    private readonly words: PanelWords,
    private readonly events: GridEvents,
  ) {
    this.root.setAttribute('aria-label', words.rows);
    this.root.setAttribute('aria-describedby', 'keyboard');
    this.root.addEventListener('scroll', () => this.redraw());
    this.root.addEventListener('keydown', (event) => this.keyDown(event));
    this.root.addEventListener('click', (event) => this.clicked(event));
    this.root.addEventListener('dblclick', (event) => {
      if (this.selectedRow) this.events.act(this.selectedRow, 'Enter', event);
    });
    this.root.addEventListener('focus', () => {
      if (this.selected === undefined && this.end > this.first) this.select(this.end - 1);
    });
    new ResizeObserver(() => this.redraw()).observe(this.root);
  }

  /** Rows that fit. */
  get page(): number {
    return Math.max(1, Math.floor(this.root.clientHeight / rowHeight));
  }

  get selectedRow(): RowModel | undefined {
    return this.selected === undefined ? undefined : this.rows.get(this.selected);
  }

  update({ generation, first, end }: PanelStatus, newest: readonly RowModel[]): void {
    const isSame = generation === this.generation;
    const added = isSame ? end - this.end : 0;
    const wasAtTop = this.root.scrollTop < rowHeight;
    if (!isSame) this.startOver(generation);
    this.first = first;
    this.end = end;
    for (const row of newest) this.know(row);
    for (const at of this.rows.keys()) if (at < first) this.rows.delete(at);
    this.space.style.height = `${(end - first) * rowHeight}px`;
    this.root.setAttribute('aria-rowcount', String(end - first));
    // What is read stays where it is; who looks at the newest stays with them.
    if (added > 0 && !wasAtTop) this.root.scrollTop += added * rowHeight;
    this.asked = '';
    this.redraw();
  }

  take(generation: number, rows: readonly RowModel[]): void {
    if (generation !== this.generation) return;
    for (const row of rows) this.know(row);
    this.redraw();
  }

  focus(): void {
    this.root.focus();
  }

  /** A row that says something else than before is drawn again. */
  private know(row: RowModel): void {
    const before = this.rows.get(row.at);
    this.rows.set(row.at, row);
    const drawn = this.drawn.get(row.at);
    if (!drawn || JSON.stringify(before) === JSON.stringify(row)) return;
    drawn.remove();
    this.drawn.delete(row.at);
  }

  private startOver(generation: number): void {
    this.generation = generation;
    this.rows.clear();
    for (const row of this.drawn.values()) row.remove();
    this.drawn.clear();
    this.selected = undefined;
    this.root.removeAttribute('aria-activedescendant');
  }

  private redraw(): void {
    if (this.drawing) return;
    this.drawing = true;
    requestAnimationFrame(() => {
      this.drawing = false;
      this.draw();
    });
  }

  /** Places of the rows on the screen and near it: from the oldest up to, but without, the newest. */
  private window(): { from: number; to: number } {
    const top = Math.floor(this.root.scrollTop / rowHeight);
    const to = Math.min(this.end, this.end - top + margin);
    const from = Math.max(this.first, this.end - top - this.page - 1 - margin);
    return { from, to };
  }

  private draw(): void {
    const { from, to } = this.window();
    for (const [at, row] of this.drawn) {
      if (at >= from && at < to) continue;
      row.remove();
      this.drawn.delete(at);
    }
    let missing: { from: number; to: number } | undefined;
    for (let at = to - 1; at >= from; at--) {
      const known = this.rows.get(at);
      if (known) this.place(at, known);
      else missing = { from: at, to: missing?.to ?? at + 1 };
    }
    if (this.selected === undefined || !this.drawn.has(this.selected))
      this.root.removeAttribute('aria-activedescendant');
    if (this.rows.size > cached)
      for (const at of this.rows.keys())
        if ((at < from || at >= to) && at !== this.selected) this.rows.delete(at);
    const question = missing && `${this.generation} ${missing.from} ${missing.to}`;
    if (!missing || question === this.asked) return;
    this.asked = question!;
    this.events.ask(missing.from, missing.to);
  }

  private place(at: number, row: RowModel): void {
    let drawn = this.drawn.get(at);
    if (!drawn) {
      drawn = rowElement(row, this.words);
      drawn.dataset['at'] = String(at);
      this.drawn.set(at, drawn);
      this.space.append(drawn);
    }
    const index = this.end - 1 - at;
    drawn.style.transform = `translateY(${index * rowHeight}px)`;
    drawn.setAttribute('aria-rowindex', String(index + 1));
    const isSelected = at === this.selected;
    drawn.setAttribute('aria-selected', String(isSelected));
    if (isSelected) this.root.setAttribute('aria-activedescendant', rowId(row.seq));
  }

  private select(at: number): void {
    this.selected = Math.min(Math.max(at, this.first), this.end - 1);
    const top = (this.end - 1 - this.selected) * rowHeight;
    const { scrollTop, clientHeight } = this.root;
    if (top < scrollTop) this.root.scrollTop = top;
    else if (top + rowHeight > scrollTop + clientHeight) this.root.scrollTop = top + rowHeight - clientHeight;
    this.draw();
  }

  private keyDown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || this.end === this.first) return;
    const at = this.selected ?? this.end;
    const moves: Record<string, number> = {
      ArrowDown: at - 1,
      ArrowUp: at + 1,
      PageDown: at - this.page,
      PageUp: at + this.page,
      Home: this.end - 1,
      End: this.first,
    };
    const to = moves[event.key];
    if (to !== undefined) this.select(to);
    else if (this.selectedRow) return this.events.act(this.selectedRow, event.key, event);
    else return;
    event.preventDefault();
  }

  private clicked(event: MouseEvent): void {
    const row = event.target instanceof Element ? event.target.closest<HTMLElement>('.row') : null;
    if (row) this.select(Number(row.dataset['at']));
    if (this.selectedRow) this.events.act(this.selectedRow, '', event);
  }
}
