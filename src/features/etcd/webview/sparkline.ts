const ns = 'http://www.w3.org/2000/svg';
const height = 16;
/** Pixels for a second. */
const step = 2;

/** Events per second over the last minute, as bars. */
export class Sparkline {
  readonly root = document.createElementNS(ns, 'svg');
  private readonly path = document.createElementNS(ns, 'path');

  constructor() {
    this.root.classList.add('sparkline');
    this.root.setAttribute('role', 'img');
    this.root.append(this.path);
  }

  update(rate: readonly number[], text: string): void {
    const width = rate.length * step;
    this.root.setAttribute('viewBox', `0 0 ${width} ${height}`);
    this.root.setAttribute('width', String(width));
    this.root.setAttribute('height', String(height));
    this.root.setAttribute('aria-label', text);
    const most = Math.max(1, ...rate);
    const bars = rate.map((count, second) => {
      const tall = count === 0 ? 0.5 : Math.max(1, (count / most) * height);
      return `M${second * step} ${height}v${-tall}h${step - 0.5}v${tall}z`;
    });
    this.path.setAttribute('d', bars.join(''));
  }
}
