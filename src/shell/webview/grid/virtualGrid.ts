import type { AnswerMessage, RequestMessage } from '../../protocol/requests';
import type { RowNews, RowRange, RowRequests, RowStatus } from '../../protocol/rows';
import { DrawnRows } from './drawnRows';
import type { RowAdapter } from './gridRow';
import { RowCache } from './rowCache';
import type { Viewport } from './viewport';

/** What the editor tells a grid. */
export type GridMessage<Row> = RowNews<Row, RowStatus> | AnswerMessage<RowRequests<Row>>;

export interface GridOptions<Row> {
  viewport: Viewport;
  adapter: RowAdapter<Row>;
  /** What it is called; `keyboard` is the id of what explains its keys. */
  label: string;
  /** Whether several rows can be chosen. */
  isMultiselectable: boolean;
  post: (message: RequestMessage<RowRequests<Row>>) => void;
  /** A key that the grid has no use for, while a row is chosen. */
  key: (row: Row, event: KeyboardEvent) => void;
  /** Other rows are chosen, or the newest is held in sight, or no longer is. */
  changed?: () => void;
}

/** Rows of which the editor has any number: those in sight are elements, and the others are asked for when they come into sight. */
export class VirtualGrid<Row extends { at: number }> {
  readonly view: HTMLElement;
  readonly root: HTMLElement;
  private readonly cache = new RowCache<Row>((from, to) =>
    this.options.post({ type: 'rows', generation: this.places.generation, from, to }),
  );
  private readonly drawn: DrawnRows<Row>;
  private readonly viewport: Viewport;
  /** The row that has the focus, and the other end of those that are chosen. */
  private selected: { at: number; to: number } | undefined;
  private isDrawing = false;

  constructor(private readonly options: GridOptions<Row>) {
    const { viewport, adapter, label, isMultiselectable } = options;
    this.drawn = new DrawnRows(viewport.body, viewport.places, this.cache, adapter);
    this.viewport = viewport;
    this.view = viewport.view;
    this.root = viewport.root;
    for (const [name, value] of [
      ['role', 'grid'],
      ['tabindex', '0'],
      ['aria-readonly', 'true'],
      ['aria-label', label],
      ['aria-describedby', 'keyboard'],
    ] as const)
      this.view.setAttribute(name, value);
    if (isMultiselectable) this.view.setAttribute('aria-multiselectable', 'true');
    this.view.addEventListener('keydown', (event) => this.keyDown(event));
    this.view.addEventListener('mousedown', (event) => this.pressed(event));
    this.view.addEventListener('click', (event) => this.clicked(event));
    this.view.addEventListener('focus', () => this.focused());
    viewport.attach({
      redraw: () => this.redraw(),
      changed: () => this.options.changed?.(),
      heightOf: (at) => this.drawn.heightOf(at),
    });
    new ResizeObserver(() => this.redraw()).observe(this.view);
  }

  get isFollowing(): boolean {
    return this.viewport.isFollowing;
  }

  get selectedRow(): Row | undefined {
    return this.selected && this.cache.get(this.selected.at);
  }

  get selection(): RowRange {
    const { generation } = this.places;
    if (!this.selected) return { generation, from: 0, to: 0 };
    const { at, to } = this.selected;
    return { generation, from: Math.min(at, to), to: Math.max(at, to) + 1 };
  }

  /** The place that searching goes on from. */
  get place(): number {
    return this.selected?.at ?? (this.isFollowing ? this.places.end : this.viewport.top);
  }

  /** The row that is looked at, where it is not just the newest. */
  get rowInSight(): Row | undefined {
    if (this.isFollowing) return undefined;
    return this.selectedRow ?? this.cache.get(this.viewport.top);
  }

  /** Once it is on the page: says how many rows fit. */
  begin(): void {
    this.options.post({ type: 'drawn', newest: this.viewport.page });
  }

  take(message: GridMessage<Row>): void {
    switch (message.type) {
      case 'tick':
        this.update(message.status, message.newest);
        return this.options.post({ type: 'drawn', newest: this.viewport.newest });
      case 'rows':
        if (message.generation !== this.places.generation) return;
        this.cache.answered();
        this.cache.take(message.rows);
        return this.redraw();
      case 'stale':
        this.cache.age();
        return this.redraw();
      case 'goTo':
        return this.goTo(message.generation, message.at);
    }
  }

  /** Rows are drawn in another way. */
  use(adapter: RowAdapter<Row>): void {
    this.drawn.adapter = adapter;
    this.redraw();
  }

  follow(): void {
    this.viewport.follow();
  }

  focus(): void {
    this.view.focus();
  }

  private get places() {
    return this.viewport.places;
  }

  private update(status: RowStatus, newest: readonly Row[]): void {
    const isOther = status.generation !== this.places.generation;
    this.viewport.move(status);
    if (isOther) this.cache.clear();
    this.cache.take(newest);
    if (isOther || (this.selected && this.selected.at < status.first)) this.select(undefined);
    this.view.setAttribute('aria-rowcount', String(this.places.count));
    this.redraw();
  }

  /** Chooses a row and brings it into the middle. */
  private goTo(generation: number, at: number): void {
    if (generation !== this.places.generation) return;
    this.viewport.stay();
    this.viewport.center(at);
    this.select(at);
    this.redraw();
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
    if (this.view.clientHeight === 0) return;
    const { viewport } = this;
    const { from, to, knownFrom, knownTo } = viewport.window();
    this.drawn.draw(from, to, { ...this.selection, active: this.selected?.at });
    viewport.lay(this.drawn.byPlace);
    const active = this.selected && this.drawn.byPlace.get(this.selected.at)?.root.id;
    if (active) this.view.setAttribute('aria-activedescendant', active);
    else this.view.removeAttribute('aria-activedescendant');
    const ends = [this.places.atOf(knownFrom), this.places.atOf(knownTo - 1)];
    if (knownTo > knownFrom) this.cache.need(Math.min(...ends), Math.max(...ends) + 1, this.selected?.at);
  }

  /** Without a place nothing is chosen. `extends_`: the row that was chosen first stays the other end. */
  private select(at: number | undefined, extends_ = false): void {
    const { first, end } = this.places;
    const place = at === undefined ? undefined : Math.max(first, Math.min(at, end - 1));
    this.selected =
      place === undefined ? undefined : { at: place, to: extends_ ? (this.selected?.to ?? place) : place };
    this.options.changed?.();
  }

  private moveTo(at: number, extends_: boolean): void {
    this.viewport.stay();
    this.select(at, extends_);
    this.viewport.reveal(at);
    this.redraw();
  }

  private selectAll(): void {
    this.viewport.stay();
    this.selected = { at: this.places.end - 1, to: this.places.first };
    this.options.changed?.();
    this.redraw();
  }

  /** The index from which keys move. */
  private get index(): number {
    const { places, selected, isFollowing } = this;
    if (selected) return places.indexOf(selected.at);
    if (isFollowing) return places.newest === 'top' ? -1 : places.count;
    return places.indexOf(this.viewport.top) - 1;
  }

  private keyDown(event: KeyboardEvent): void {
    const { isMultiselectable } = this.options;
    const { viewport, places, index } = this;
    if (places.count === 0) return;
    if (event.ctrlKey || event.metaKey || event.altKey) {
      if (!isMultiselectable || event.altKey || event.key.toLowerCase() !== 'a') return;
      this.selectAll();
      return event.preventDefault();
    }
    const moves: Record<string, number> = {
      ArrowDown: index + 1,
      ArrowUp: index - 1,
      PageDown: index + viewport.page,
      PageUp: index - viewport.page,
      Home: 0,
      End: places.count - 1,
    };
    const to = moves[event.key];
    if (to === undefined) {
      if (this.selectedRow) this.options.key(this.selectedRow, event);
      return;
    }
    event.preventDefault();
    const extends_ = isMultiselectable && event.shiftKey;
    this.moveTo(places.atOf(to), extends_);
    if (event.key === (places.newest === 'top' ? 'Home' : 'End') && !extends_) viewport.follow();
  }

  private pressed(event: MouseEvent): void {
    const at = placeOf(event);
    if (at === undefined || event.button === 1) return;
    // A menu is for what is chosen already.
    if (event.button === 2 && this.isSelected(at)) return;
    const extends_ = this.options.isMultiselectable && event.shiftKey;
    if (extends_) event.preventDefault();
    this.choose(at, extends_);
    this.view.focus();
  }

  /** Screen readers click without pressing. */
  private clicked(event: MouseEvent): void {
    const at = placeOf(event);
    if (at !== undefined && !this.isSelected(at)) this.choose(at, false);
  }

  private choose(at: number, extends_: boolean): void {
    this.viewport.stay();
    this.select(at, extends_);
    this.draw();
  }

  private isSelected(at: number): boolean {
    const { from, to } = this.selection;
    return at >= from && at < to;
  }

  /** Where one row at a time is chosen, one is as soon as a key may do something with it. */
  private focused(): void {
    if (this.selected || this.places.count === 0) return;
    if (!this.options.isMultiselectable) {
      this.select(this.places.end - 1);
      this.viewport.follow();
    }
    this.draw();
  }
}

/** The place of the row that an event is on. */
function placeOf({ target }: Event): number | undefined {
  const row = target instanceof Element ? target.closest<HTMLElement>('.row') : null;
  return row ? Number(row.dataset['at']) : undefined;
}
