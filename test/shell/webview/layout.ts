// What a DOM without layout lacks: sizes, scrolling within them, and the drawing of a canvas. A size is what the style
// sheets give; a test may give another one.
import { afterEach, beforeEach } from 'vitest';

interface Size {
  width: number;
  height: number;
}

/** Pixels, of the elements of a selector. */
const usual: Record<string, Size> = {
  '.view': { width: 800, height: 200 },
  '.grid[role=grid]': { width: 800, height: 240 },
  '.scrollbar': { width: 14, height: 200 },
  '.legend .entries': { width: 200, height: 220 },
  '.histogram': { width: 500, height: 40 },
  '.graph': { width: 1000, height: 400 },
};
let sizes = { ...usual };
const observers = new Set<() => void>();
/** What was drawn on each canvas since it was last emptied. */
const drawn = new WeakMap<HTMLCanvasElement, DrawnBox[]>();

export interface DrawnBox {
  fill: string;
  alpha: number;
  /** Left, top, width, height. */
  box: number[];
}

/** Pixels of the elements of a selector, from now on; whoever observes them hears of it. */
export function resize(selector: string, size: Size): void {
  sizes[selector] = size;
  for (const told of observers) told();
}

/** The filled boxes on a canvas. */
export function boxesOn(canvas: HTMLCanvasElement): readonly DrawnBox[] {
  return drawn.get(canvas) ?? [];
}

/** After what waits for the next drawing of the browser. */
export function nextFrame(): Promise<void> {
  return new Promise((resolve) => requestAnimationFrame(() => resolve()));
}

function sizeOf(element: HTMLElement): Size {
  const found = Object.keys(sizes).findLast((selector) => element.matches(selector));
  if (found !== undefined) return sizes[found]!;
  // A wrapped row is as tall as its lines: here one for each 100 characters.
  const isWrapped = element.matches('.wraps .row');
  const lines = isWrapped ? Math.max(1, Math.ceil((element.textContent ?? '').length / 100)) : 1;
  const own = Number.parseFloat(element.style.height);
  if (element.matches('.lines')) return { width: 0, height: sum([...element.children].map(heightOf)) };
  return { width: 0, height: element.matches('.row') ? lines * 20 : Number.isNaN(own) ? 0 : own };
}

const heightOf = (element: Element) => sizeOf(element as HTMLElement).height;
const sum = (numbers: number[]) => numbers.reduce((all, one) => all + one, 0);
const furthestOf = (element: Element) =>
  Math.max(0, sum([...element.children].map(heightOf)) - element.clientHeight);
const scrolled = new WeakMap<Element, number>();

function define(name: string, get: (element: HTMLElement) => unknown): void {
  Object.defineProperty(HTMLElement.prototype, name, {
    configurable: true,
    get(this: HTMLElement) {
      return get(this);
    },
  });
}

define('clientHeight', (element) => sizeOf(element).height);
define('clientWidth', (element) => sizeOf(element).width);
define('offsetHeight', (element) => sizeOf(element).height);
define('offsetWidth', (element) => sizeOf(element).width);
Object.defineProperty(HTMLElement.prototype, 'scrollTop', {
  configurable: true,
  // As far as there is something to scroll to.
  get(this: HTMLElement) {
    return Math.min(scrolled.get(this) ?? 0, furthestOf(this));
  },
  // Told with the next frame.
  set(this: HTMLElement, top: number) {
    const place = Math.max(0, Math.min(top, furthestOf(this)));
    if (place === this.scrollTop) return;
    scrolled.set(this, place);
    requestAnimationFrame(() => this.dispatchEvent(new Event('scroll')));
  },
});
HTMLElement.prototype.setPointerCapture = () => {};
globalThis.DragEvent = class extends MouseEvent {
  readonly dataTransfer: DataTransfer | null;

  constructor(type: string, init: DragEventInit = {}) {
    super(type, init);
    this.dataTransfer = init.dataTransfer ?? null;
  }
};
HTMLElement.prototype.attachInternals = () =>
  ({ setFormValue: () => {}, setValidity: () => {}, form: null }) as unknown as ElementInternals;

globalThis.requestAnimationFrame = (callback) => {
  setImmediate(() => callback(performance.now()));
  return 0;
};
globalThis.ResizeObserver = class {
  private readonly told: () => void;

  constructor(callback: ResizeObserverCallback) {
    this.told = () => callback([], this);
  }

  observe() {
    observers.add(this.told);
  }
  unobserve() {}
  disconnect() {
    observers.delete(this.told);
  }
};

HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement) {
  const boxes: DrawnBox[] = [];
  drawn.set(this, boxes);
  const ignored = () => {};
  return {
    ...{ fillStyle: '', globalAlpha: 1, save: ignored, restore: ignored, scale: ignored, clip: ignored },
    ...{ beginPath: ignored, rect: ignored, strokeRect: ignored, fillText: ignored, clearRect: ignored },
    ...{ moveTo: ignored, lineTo: ignored, stroke: ignored, fill: ignored, setLineDash: ignored },
    ...{ translate: ignored, rotate: ignored, drawImage: ignored, canvas: this },
    fillRect(...box: number[]) {
      boxes.push({ fill: String(this.fillStyle), alpha: this.globalAlpha, box });
    },
  };
} as unknown as HTMLCanvasElement['getContext'];

HTMLCanvasElement.prototype.toDataURL = () => 'data:image/png;base64,iVBORw0KGgo=';
globalThis.Path2D = class {
  moveTo() {}
  lineTo() {}
  rect() {}
  arc() {}
  closePath() {}
  addPath() {}
} as unknown as typeof Path2D;

// As in the pages of the editor: icons read their style sheet from it.
document.head.innerHTML = '<link id="vscode-codicon-stylesheet" href="codicon.css">';

// Lit tells that it is not minified.
Object.assign(globalThis, { litIssuedWarnings: new Set(['dev-mode']) });

/** What a page that a test opens listens to of its document, which it has for itself. */
const listeners: Parameters<typeof document.addEventListener>[] = [];
const listen = document.addEventListener.bind(document);
document.addEventListener = (...listener: Parameters<typeof listen>) => {
  listeners.push(listener);
  listen(...listener);
};

afterEach(() => {
  for (const [type, listener, options] of listeners) document.removeEventListener(type, listener, options);
});

beforeEach(() => {
  listeners.length = 0;
  sizes = { ...usual };
  observers.clear();
  document.body.replaceChildren();
});
