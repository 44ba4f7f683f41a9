import { element } from '../element';

/** Pixels. Browsers draw no element beyond some 17 million: the scroll bar of more rows moves in larger steps. */
const tallest = 4_000_000;

/** A scroll bar for any number of rows, which are not below it. */
export class Scrollbar {
  private readonly space = element('div');
  readonly root = element('div', { class: 'scrollbar', 'aria-hidden': 'true', tabindex: '-1' }, this.space);
  private shown = { total: 0, top: 0 };

  /** `onMove` gets which part of what can be scrolled is above: 0 to 1. */
  constructor(onMove: (share: number) => void) {
    this.root.addEventListener('scroll', () => {
      // What was set here is told, too.
      if (Math.abs(this.root.scrollTop - this.shown.top) < 2) return;
      this.shown.top = this.root.scrollTop;
      const reach = this.space.offsetHeight - this.root.clientHeight;
      onMove(reach <= 0 ? 1 : Math.min(1, this.root.scrollTop / reach));
    });
  }

  /** `total`: pixels of all rows; `share`: 0 to 1. */
  update(total: number, share: number): void {
    const height = Math.min(total, tallest);
    if (height !== this.shown.total) this.space.style.height = `${height}px`;
    const top = Math.round(share * Math.max(0, height - this.root.clientHeight));
    if (top !== this.shown.top || height !== this.shown.total) this.root.scrollTop = top;
    this.shown = { total: height, top };
  }
}
