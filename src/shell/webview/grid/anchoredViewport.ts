import { element } from '../element';
import { Scrollbar } from './scrollbar';
import { RowPlaces, type RowWindow, type Viewport, type ViewportHost } from './viewport';

/** Rows beyond the edges that are asked for, too. */
const margin = 120;

/** A row, and the pixels of it that are above the edge. */
interface Anchor {
  at: number;
  offset: number;
}

/**
 * Rows of any number and height, the newest at the bottom: they are laid out from the row at the top, or from the newest
 * one at the bottom while that is followed. The scroll bar is one of its own: no element is as tall as five million rows.
 */
export class AnchoredViewport implements Viewport {
  readonly places = new RowPlaces('bottom');
  readonly body = element('div', { class: 'lines', role: 'presentation' });
  readonly view = element('div', { class: 'view' }, this.body);
  private readonly scrollbar = new Scrollbar((share) => this.scrollTo(share));
  readonly root = element('div', { class: 'grid' }, this.view, this.scrollbar.root);
  private anchor: Anchor = { at: 0, offset: 0 };
  private follows = true;
  /** The end when it stopped following. */
  private leftAt = 0;
  private wraps = false;
  private drawn = { from: 0, to: 0 };
  private host: ViewportHost | undefined;

  /** `rowHeight`: pixels; the style sheet has the same. A wrapped row is as tall as its lines. */
  constructor(private readonly rowHeight: number) {}

  attach(host: ViewportHost): void {
    this.host = host;
    this.view.addEventListener('wheel', (event) => this.wheel(event), { passive: false });
  }

  get isFollowing(): boolean {
    return this.follows;
  }

  get page(): number {
    return Math.max(1, Math.floor(this.view.clientHeight / this.rowHeight));
  }

  get newest(): number {
    return this.follows ? this.page + 2 : 0;
  }

  get top(): number {
    return this.anchor.at;
  }

  /** Rows below the edge that came since it stays put. */
  get newRows(): number {
    return this.follows ? 0 : Math.max(0, this.places.end - this.leftAt);
  }

  /** Whether rows are as tall as their lines. */
  wrap(wraps: boolean): void {
    this.wraps = wraps;
    this.root.classList.toggle('wraps', wraps);
  }

  move({ generation, first, end }: { generation: number; first: number; end: number }): void {
    if (generation !== this.places.generation) this.leftAt = end;
    Object.assign(this.places, { generation, first, end });
    if (this.anchor.at < first) this.anchor = { at: first, offset: 0 };
  }

  window(): RowWindow {
    const { places, follows } = this;
    const fitting = Math.ceil(this.view.clientHeight / this.rowHeight) + 1;
    if (!follows) this.settle();
    const from = follows ? Math.max(0, places.count - fitting) : places.indexOf(this.anchor.at);
    const to = Math.min(places.count, from + fitting + (follows ? 0 : 1));
    this.drawn = { from, to };
    if (follows) return { from, to, knownFrom: from, knownTo: to };
    return {
      ...{ from, to },
      knownFrom: Math.max(0, from - margin),
      knownTo: Math.min(places.count, to + margin),
    };
  }

  lay(): void {
    const { rowHeight, drawn, places, anchor } = this;
    const height = this.view.clientHeight;
    const drawnHeight = this.wraps ? this.body.offsetHeight : (drawn.to - drawn.from) * rowHeight;
    const above = this.follows ? Math.max(0, drawnHeight - height) : anchor.offset;
    this.body.style.transform = `translateY(${-above}px)`;
    const total = places.count * rowHeight;
    const reach = Math.max(1, places.count - height / rowHeight);
    const share = (places.indexOf(anchor.at) + anchor.offset / rowHeight) / reach;
    this.scrollbar.update(total, this.follows ? 1 : Math.min(1, share));
    this.scrollbar.root.hidden = total <= height && !this.wraps;
  }

  reveal(at: number): void {
    const { anchor } = this;
    const last = this.anchorFor(at);
    if (at < anchor.at || (at === anchor.at && anchor.offset > 0)) this.anchor = { at, offset: 0 };
    else if (last.at > anchor.at || (last.at === anchor.at && last.offset > anchor.offset))
      this.anchor = last;
  }

  center(at: number): void {
    this.anchor = { at: Math.max(this.places.first, at - Math.floor(this.page / 2)), offset: 0 };
  }

  follow(): void {
    this.follows = true;
    this.host?.changed();
    this.host?.redraw();
  }

  stay(): void {
    if (!this.follows) return;
    this.anchor = this.anchorFor(this.places.end - 1);
    this.follows = false;
    this.leftAt = this.places.end;
    this.host?.changed();
  }

  /** Pixels of a row; a wrapped one is laid out for that. */
  private heightOf(at: number): number {
    return (this.wraps ? this.host?.heightOf(at) : undefined) ?? this.rowHeight;
  }

  /** Brings the offset into the row at the top, and leaves no room below the newest row. */
  private settle(): void {
    const { anchor } = this;
    const { first, end } = this.places;
    anchor.at = Math.max(first, Math.min(anchor.at, end - 1));
    while (anchor.offset < 0 && anchor.at > first) anchor.offset += this.heightOf(--anchor.at);
    if (anchor.offset < 0) anchor.offset = 0;
    for (let height; anchor.at < end - 1 && anchor.offset >= (height = this.heightOf(anchor.at)); anchor.at++)
      anchor.offset -= height;
    const furthest = this.anchorFor(end - 1);
    if (anchor.at < furthest.at || (anchor.at === furthest.at && anchor.offset <= furthest.offset)) return;
    this.anchor = furthest;
  }

  /** The anchor with which a row is the last one in sight. */
  private anchorFor(at: number): Anchor {
    const { first } = this.places;
    let room = this.view.clientHeight;
    for (let row = at; row >= first; row--) {
      room -= this.heightOf(row);
      if (room <= 0) return { at: row, offset: -room };
    }
    return { at: first, offset: 0 };
  }

  private scrollBy(pixels: number): void {
    if (pixels < 0) this.stay();
    if (this.follows) return;
    this.anchor.offset += pixels;
    this.settle();
    const { at, offset } = this.anchorFor(this.places.end - 1);
    if (pixels > 0 && this.anchor.at === at && this.anchor.offset >= offset) return this.follow();
    this.host?.redraw();
  }

  private scrollTo(share: number): void {
    if (share >= 1) return this.follow();
    this.stay();
    const { first, count } = this.places;
    const reach = Math.max(0, count - this.view.clientHeight / this.rowHeight);
    const place = first + share * reach;
    const at = Math.floor(place);
    this.anchor = { at, offset: Math.round((place - at) * this.rowHeight) };
    this.host?.redraw();
  }

  private wheel(event: WheelEvent): void {
    if (event.ctrlKey || event.shiftKey || event.deltaY === 0) return;
    const unit = [1, this.rowHeight, this.view.clientHeight][event.deltaMode] ?? 1;
    this.scrollBy(event.deltaY * unit);
    event.preventDefault();
  }
}
