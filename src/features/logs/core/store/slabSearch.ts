import { offsetOf, slabOf, type Slabs } from './slabs';

interface Searched {
  epoch: number;
  /** Bytes that were looked through. */
  until: number;
  hits: Uint32Array;
  count: number;
}

/** Slabs whose hits are remembered: merged lines come from few slabs at a time. */
const mostRemembered = 32;

/**
 * Finds text in the lines of slabs without touching the lines: a whole slab is searched at once, as fast as memory, and
 * a line is asked whether it holds one of the hits. Without regard to case the letters A to Z count as a to z.
 */
export class SlabSearch {
  private readonly needle: Buffer;
  private readonly lowered: string;
  private readonly searched = new Map<number, Searched>();

  constructor(
    private readonly slabs: Slabs,
    text: string,
    private readonly caseSensitive: boolean,
  ) {
    this.needle = Buffer.from(text);
    this.lowered = this.needle.toString('latin1').toLowerCase();
  }

  /** Whether the line of this address and length holds the text. */
  has(address: number, length: number): boolean {
    if (this.needle.length > length) return false;
    if (this.needle.length === 0) return true;
    const { hits, count } = this.hitsIn(slabOf(address));
    const from = offsetOf(address);
    let low = 0;
    let high = count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (hits[middle]! < from) low = middle + 1;
      else high = middle;
    }
    return low < count && hits[low]! <= from + length - this.needle.length;
  }

  private hitsIn(number: number): Searched {
    let known = this.searched.get(number);
    const epoch = this.slabs.epochOf(number);
    if (known?.epoch !== epoch) {
      known = { epoch, until: 0, hits: known?.hits ?? new Uint32Array(256), count: 0 };
      this.searched.delete(number);
      this.searched.set(number, known);
      if (this.searched.size > mostRemembered) this.searched.delete(this.searched.keys().next().value!);
    }
    if (known.until < this.slabs.usedOf(number)) this.search(number, known);
    return known;
  }

  private search(number: number, known: Searched): void {
    const used = this.slabs.usedOf(number);
    // A hit may have begun in what was there before.
    const from = Math.max(0, known.until - this.needle.length + 1);
    const after = known.count > 0 ? known.hits[known.count - 1]! : -1;
    const slab = this.slabs.slab(number);
    const text = this.caseSensitive ? undefined : slab.toString('latin1', from, used).toLowerCase();
    for (let at = from; ;) {
      at = text === undefined ? slab.indexOf(this.needle, at) : from + text.indexOf(this.lowered, at - from);
      if (at < from || at + this.needle.length > used) break;
      if (at > after) {
        if (known.count === known.hits.length) {
          const grown = new Uint32Array(known.count * 2);
          grown.set(known.hits);
          known.hits = grown;
        }
        known.hits[known.count++] = at;
      }
      at++;
    }
    known.until = used;
  }
}
