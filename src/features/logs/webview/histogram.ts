import { type LogHistogram, logLevels, type LogWords } from '../protocol/logsPanel';
import { element } from '../../../shell/webview/element';
import { setText } from '../../../shell/webview/setText';
import { clockText } from './timeText';

/** Pixels of a bar and the room beside it. */
const step = 5;
/** Of lines by level, and last of those without one; from the style sheet. */
const colorNames = [...logLevels.map((level) => `--level-${level}`), '--level-none'];

export interface HistogramEvents {
  /** Shows the lines from `from` up to, but without, `to`, ms since the epoch; undefined: of all times. */
  zoom(range: { from: number; to: number } | undefined): void;
}

/** Buckets; `to` is where the cursor is. */
interface Range {
  from: number;
  to: number;
}

/** Lines over time by level. A range is chosen with the mouse, or with the arrow keys, Shift and Enter. */
export class Histogram {
  private readonly canvas = element('canvas', { 'aria-hidden': 'true' });
  private readonly chosen = element('div', { class: 'chosen' });
  private readonly told = element('div', { class: 'told', role: 'status' });
  readonly root: HTMLElement;
  private shown: LogHistogram | undefined;
  private range: Range | undefined;
  private drag = false;
  private time: 'local' | 'utc' = 'local';

  constructor(
    private readonly words: LogWords,
    private readonly events: HistogramEvents,
  ) {
    this.root = element(
      'div',
      { class: 'histogram', tabindex: '0', role: 'slider', 'aria-orientation': 'horizontal' },
      this.canvas,
      this.chosen,
      this.told,
    );
    this.root.setAttribute('aria-label', words.histogram);
    this.root.title = words.histogramKeyboard;
    this.root.addEventListener('keydown', (event) => this.keyDown(event));
    this.root.addEventListener('pointerdown', (event) => this.pointerDown(event));
    this.root.addEventListener('pointermove', (event) => this.pointerMove(event));
    this.root.addEventListener('pointerup', () => this.pointerUp());
    this.root.addEventListener('pointercancel', () => {
      this.drag = false;
      this.choose(undefined);
    });
    this.root.addEventListener('dblclick', () => this.events.zoom(undefined));
    this.root.addEventListener('pointerleave', () => this.drag || this.choose(undefined));
    this.root.addEventListener('blur', () => this.choose(undefined));
    new ResizeObserver(() => this.draw()).observe(this.root);
    // Colours are those of the theme, which the body's class tells.
    new MutationObserver(() => this.draw()).observe(document.body, { attributeFilter: ['class'] });
  }

  /** Bars that fit. */
  get buckets(): number {
    return Math.max(10, Math.floor(this.root.clientWidth / step));
  }

  update(histogram: LogHistogram | undefined): void {
    const { range, shown } = this;
    this.shown = histogram;
    this.draw();
    // Later lines move the bars: what was chosen stays the same time.
    this.choose(range && shown && histogram && movedRange(range, shown, histogram));
  }

  showTime(time: 'local' | 'utc'): void {
    this.time = time;
  }

  private get count(): number {
    return this.shown?.counts[0]?.length ?? 0;
  }

  private draw(): void {
    const { clientWidth: width, clientHeight: height } = this.root;
    const scale = window.devicePixelRatio || 1;
    this.canvas.width = Math.round(width * scale);
    this.canvas.height = Math.round(height * scale);
    const context = this.canvas.getContext('2d');
    if (!context || !this.shown || this.count === 0) return;
    context.scale(scale, scale);
    const { counts } = this.shown;
    const totals = Array.from({ length: this.count }, (_, bucket) => total(counts, bucket));
    const most = Math.max(1, ...totals);
    const style = getComputedStyle(document.body);
    const bar = width / this.count;
    const bottoms = new Float64Array(this.count).fill(height);
    // The gravest are at the bottom, where they are seen however few they are.
    counts.forEach((ofLevel, level) => {
      context.fillStyle = style.getPropertyValue(colorNames[level]!);
      ofLevel.forEach((count, bucket) => {
        if (count === 0) return;
        const tall = Math.max(1, (count / most) * (height - 2));
        bottoms[bucket]! -= tall;
        context.fillRect(bucket * bar, bottoms[bucket]!, Math.max(1, bar - 1), tall);
      });
    });
    this.drawRange();
  }

  private drawRange(): void {
    const { range } = this;
    this.chosen.hidden = !range || this.count === 0;
    if (!range || this.count === 0) return;
    const bar = this.root.clientWidth / this.count;
    const { low, high } = ends(range);
    this.chosen.style.left = `${low * bar}px`;
    this.chosen.style.width = `${(high - low + 1) * bar}px`;
  }

  private choose(range: Range | undefined): void {
    this.range = range;
    this.drawRange();
    const text = range && this.shown ? this.textOf(range) : '';
    setText(this.told, text);
    const last = Math.max(0, this.count - 1);
    this.root.setAttribute('aria-valuemin', '0');
    this.root.setAttribute('aria-valuemax', String(last));
    this.root.setAttribute('aria-valuenow', String(range?.to ?? last));
    this.root.setAttribute('aria-valuetext', text);
  }

  private textOf(range: Range): string {
    const { low, high } = ends(range);
    const { from, bucketMs, counts } = this.shown!;
    const sums = counts.map((ofLevel) => sum(ofLevel.slice(low, high + 1)));
    const names = [...logLevels.map((level) => this.words.levels[level]), this.words.noLevel];
    const byLevel = sums.flatMap((count, index) => (count > 0 ? [`${names[index]} ${number(count)}`] : []));
    const time = (bucket: number) => clockText(from + bucket * bucketMs, this.time);
    const times = [time(low), time(high + 1)];
    return byLevel.length === 0
      ? fill(this.words.emptyBucket, ...times)
      : fill(this.words.bucket, ...times, number(sum(sums)), byLevel.join(', '));
  }

  private zoom(range: Range): void {
    if (!this.shown) return;
    const { low, high } = ends(range);
    const { from, bucketMs } = this.shown;
    this.events.zoom({ from: from + low * bucketMs, to: from + (high + 1) * bucketMs });
    this.choose(undefined);
  }

  private keyDown(event: KeyboardEvent): void {
    const at = this.range?.to ?? this.count;
    const moves: Record<string, number> = {
      ArrowLeft: at - 1,
      ArrowRight: at + 1,
      PageUp: at - 10,
      PageDown: at + 10,
      Home: 0,
      End: this.count - 1,
    };
    const to = moves[event.key];
    if (to !== undefined && this.count > 0) {
      const place = Math.max(0, Math.min(to, this.count - 1));
      this.choose({ from: event.shiftKey ? (this.range?.from ?? place) : place, to: place });
    } else if (event.key === 'Enter' && this.range) this.zoom(this.range);
    else if (event.key === 'Escape' || event.key === 'Backspace') this.events.zoom(undefined);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private bucketAt(event: PointerEvent): number {
    const bar = this.root.clientWidth / Math.max(1, this.count);
    const x = event.clientX - this.root.getBoundingClientRect().left;
    return Math.max(0, Math.min(this.count - 1, Math.floor(x / bar)));
  }

  private pointerDown(event: PointerEvent): void {
    if (event.button !== 0 || this.count === 0) return;
    this.root.setPointerCapture(event.pointerId);
    this.drag = true;
    const at = this.bucketAt(event);
    this.choose({ from: at, to: at });
  }

  private pointerMove(event: PointerEvent): void {
    if (this.count === 0) return;
    const at = this.bucketAt(event);
    this.choose({ from: this.drag ? (this.range?.from ?? at) : at, to: at });
  }

  /** A click alone, which two make a double click, zooms nothing. */
  private pointerUp(): void {
    if (!this.drag) return;
    this.drag = false;
    if (this.range && this.range.from !== this.range.to) this.zoom(this.range);
  }
}

function ends({ from, to }: Range): { low: number; high: number } {
  return { low: Math.min(from, to), high: Math.max(from, to) };
}

/** The buckets with the times of those of another histogram; undefined when they are no longer there. */
function movedRange(range: Range, before: LogHistogram, now: LogHistogram): Range | undefined {
  const { low, high } = ends(range);
  const placeOf = (edge: number) => (before.from + edge * before.bucketMs - now.from) / now.bucketMs;
  const last = (now.counts[0]?.length ?? 0) - 1;
  const [first, end] = [Math.floor(placeOf(low)), Math.ceil(placeOf(high + 1)) - 1];
  if (end < 0 || first > last) return undefined;
  const [from, to] = [Math.max(0, first), Math.min(last, end)];
  return range.from <= range.to ? { from, to } : { from: to, to: from };
}

function total(counts: readonly number[][], bucket: number): number {
  return sum(counts.map((ofLevel) => ofLevel[bucket] ?? 0));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}

function number(count: number): string {
  return count.toLocaleString('en');
}

/** Puts values in the places of `{0}`, `{1}` and so on. */
export function fill(text: string, ...values: string[]): string {
  return text.replace(/\{(\d)\}/g, (place, index: string) => values[Number(index)] ?? place);
}
