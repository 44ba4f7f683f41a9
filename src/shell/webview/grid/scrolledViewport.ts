import { element } from '../element';
import { RowPlaces, type RowWindow, type Viewport, type ViewportHost } from './viewport';

/** Rows beyond the edges that are drawn, too: the browser scrolls before it says so. */
const margin = 8;
/** Pixels. Firefox draws no element beyond 17.9 million, Chromium none beyond 33.5 million. */
const tallest = 16_000_000;

/** Rows of one height that the browser scrolls. */
export class ScrolledViewport implements Viewport {
  readonly places: RowPlaces;
  readonly body = element('div', { class: 'space', role: 'presentation' });
  readonly view = element('div', { class: 'grid' }, this.body);
  readonly root = this.view;

  constructor(
    newest: 'top' | 'bottom',
    /** Pixels; the style sheet has the same. */
    private readonly rowHeight: number,
  ) {
    this.places = new RowPlaces(newest);
  }

  attach(host: ViewportHost): void {
    this.view.addEventListener('scroll', () => host.redraw());
  }

  get isFollowing(): boolean {
    const isNear = (above: number) => Math.abs(above - this.above) < this.rowHeight;
    return isNear(this.places.newest === 'top' ? 0 : Math.max(0, this.total - this.view.clientHeight));
  }

  get page(): number {
    return Math.max(1, Math.floor(this.view.clientHeight / this.rowHeight));
  }

  get newest(): number {
    return this.page + 2;
  }

  get top(): number {
    return this.places.atOf(Math.floor(this.above / this.rowHeight));
  }

  move({ generation, first, end }: { generation: number; first: number; end: number }): void {
    const { places, rowHeight, isFollowing, top } = this;
    const isSame = generation === places.generation;
    const offset = this.above - places.indexOf(top) * rowHeight;
    Object.assign(places, { generation, first, end });
    this.body.style.height = `${Math.min(this.total, tallest)}px`;
    if (isFollowing && places.newest === 'bottom') this.follow();
    else if (isSame && !isFollowing) this.scrollTo(places.indexOf(top) * rowHeight + offset);
  }

  window(): RowWindow {
    const top = Math.floor(this.above / this.rowHeight);
    const from = Math.max(0, top - margin);
    const to = Math.min(this.places.count, top + this.page + 1 + margin);
    return { from, to, knownFrom: from, knownTo: to };
  }

  lay(rows: ReadonlyMap<number, { readonly root: HTMLElement }>): void {
    const outside = this.above - this.view.scrollTop;
    for (const [at, { root }] of rows)
      root.style.transform = `translateY(${this.places.indexOf(at) * this.rowHeight - outside}px)`;
  }

  reveal(at: number): void {
    const { above, rowHeight } = this;
    const room = this.view.clientHeight - rowHeight;
    const place = this.places.indexOf(at) * rowHeight;
    if (place < above) this.scrollTo(place);
    else if (place > above + room) this.scrollTo(place - room);
  }

  center(at: number): void {
    this.scrollTo((this.places.indexOf(at) - Math.floor(this.page / 2)) * this.rowHeight);
  }

  follow(): void {
    this.scrollTo(this.places.newest === 'top' ? 0 : this.total);
  }

  stay(): void {}

  private get total(): number {
    return this.places.count * this.rowHeight;
  }

  /** Pixels of rows for each that is scrolled: more than one where an element cannot be as tall as all rows. */
  private get stretch(): number {
    const { clientHeight } = this.view;
    return this.total <= tallest ? 1 : (this.total - clientHeight) / (tallest - clientHeight);
  }

  /** Pixels of rows above the edge. */
  private get above(): number {
    return this.view.scrollTop * this.stretch;
  }

  private scrollTo(above: number): void {
    this.view.scrollTop = above / this.stretch;
  }
}
