import { maxLineBytes } from '../logRow';
import type { Slabs } from '../store/slabs';

const newline = 0x0a;
const smallestCarry = 512;

/**
 * A whole line without its newline, the address of its copy in a slab, and how many bytes of it beyond `maxLineBytes`
 * were left out.
 */
export type TakeLine = (bytes: Buffer, start: number, end: number, address: number, cut: number) => void;

/** Takes the bytes of one stream apart into lines, which are copied into slabs as many at a time as fit. */
export class LineSplitter {
  /** The beginning of a line whose end has not come. */
  private carry = Buffer.alloc(0);
  private carried = 0;
  private cut = 0;

  /** @param nextSlab begins another slab, for which it may give up an older one */
  constructor(
    private readonly slabs: Slabs,
    private readonly nextSlab: () => void,
    private readonly take: TakeLine,
  ) {}

  append(bytes: Buffer, start: number, end: number): void {
    if (this.carried > 0) {
      const first = bytes.indexOf(newline, start);
      if (first < 0 || first >= end) return this.keep(bytes, start, end);
      this.keep(bytes, start, first);
      this.end();
      start = first + 1;
    }
    const last = end > start ? bytes.lastIndexOf(newline, end - 1) : -1;
    if (last >= start) {
      this.takeLines(bytes, start, last + 1);
      start = last + 1;
    }
    if (start < end) this.keep(bytes, start, end);
  }

  /** What was carried becomes a line. */
  end(): void {
    const { carry, carried, cut, slabs } = this;
    if (carried === 0) return;
    this.carried = 0;
    this.cut = 0;
    if (carried > slabs.left) this.nextSlab();
    this.take(carry, 0, carried, slabs.write(carry, 0, carried), cut);
    // A giant is not kept for those who come after it.
    if (carry.length > 64 * smallestCarry) this.carry = Buffer.alloc(0);
  }

  private keep(bytes: Buffer, start: number, end: number): void {
    const kept = Math.min(end - start, maxLineBytes - this.carried);
    const needed = this.carried + kept;
    if (needed > this.carry.length) {
      const grown = Buffer.allocUnsafeSlow(
        Math.min(maxLineBytes, Math.max(smallestCarry, needed, this.carry.length * 2)),
      );
      this.carry.copy(grown, 0, 0, this.carried);
      this.carry = grown;
    }
    bytes.copy(this.carry, this.carried, start, start + kept);
    this.carried = needed;
    this.cut += end - start - kept;
  }

  /** Whole lines, the end of each included. */
  private takeLines(bytes: Buffer, start: number, end: number): void {
    while (start < end) {
      const part = this.partThatFits(bytes, start, end);
      if (part === start) {
        // The first line is longer than what is left: of the slab, or of any.
        const lineEnd = bytes.indexOf(newline, start);
        if (lineEnd - start > maxLineBytes) {
          this.keep(bytes, start, lineEnd);
          this.end();
          start = lineEnd + 1;
        } else this.nextSlab();
        continue;
      }
      const base = this.slabs.write(bytes, start, part) - start;
      while (start < part) {
        const lineEnd = bytes.indexOf(newline, start);
        this.take(bytes, start, lineEnd, base + start, 0);
        start = lineEnd + 1;
      }
    }
  }

  /** The end of the lines that fit into what is left of the slab; `start` if there are none. */
  private partThatFits(bytes: Buffer, start: number, end: number): number {
    const { left } = this.slabs;
    if (end - start <= left) return end;
    if (left === 0) return start;
    const last = bytes.lastIndexOf(newline, start + left - 1);
    return last < start ? start : last + 1;
  }
}
