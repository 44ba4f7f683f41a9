import { maxLineBytes } from '../logRow';

/** Bytes of a slab: the longest line fits into one. */
export const slabBytes = maxLineBytes;
const offsetBits = 20;
const offsetMask = slabBytes - 1;

/** Slabs hold what lines say; they are allocated up to a bound, and the oldest are used again. */
export class Slabs {
  /** By number; a slab that is free keeps its memory. */
  private readonly slabs: Buffer[] = [];
  private readonly used: number[] = [];
  /** The highest seq of a line within the slab, and lines that have none yet. */
  private readonly lastSeq: number[] = [];
  private readonly unmerged: number[] = [];
  /** Counts how often a slab was used again. */
  private readonly epochs: number[] = [];
  /** Numbers of slabs in use, oldest first, and of free ones. */
  private readonly order: number[] = [];
  private readonly free: number[] = [];
  private current = -1;
  private room = 0;

  /** Bytes of all slabs that are in use. */
  get bytes(): number {
    return this.order.length * slabBytes;
  }

  /** Slabs that are full, or at least not the one being written. */
  get count(): number {
    return this.order.length;
  }

  /** Bytes that still fit into the slab being written. */
  get left(): number {
    return this.room;
  }

  /** Begins another slab. */
  next(): void {
    let number = this.free.pop();
    if (number === undefined) {
      number = this.slabs.length;
      // An address has 12 bits for the number.
      if (number >= 4096) throw new RangeError('a log store holds at most 4 GiB');
      // Memory that V8 does not count: for what it counts it collects garbage every few slabs.
      this.slabs.push(Buffer.from(new SharedArrayBuffer(slabBytes)));
    }
    this.used[number] = 0;
    this.epochs[number] = (this.epochs[number] ?? 0) + 1;
    this.lastSeq[number] = -1;
    this.unmerged[number] = 0;
    this.order.push(number);
    this.current = number;
    this.room = slabBytes;
  }

  /** Copies bytes that fit into the slab being written; its address. */
  write(bytes: Buffer, start: number, end: number): number {
    const at = slabBytes - this.room;
    // `fill` takes memory as it is, where `copy` goes byte by byte into what may be shared: a third of its time.
    if (end > start) this.slabs[this.current]!.fill(bytes.subarray(start, end), at, at + end - start);
    this.room -= end - start;
    this.used[this.current] = slabBytes - this.room;
    return ((this.current << offsetBits) | at) >>> 0;
  }

  buffer(address: number): Buffer {
    return this.slabs[address >>> offsetBits]!;
  }

  /** A slab by its number, the bytes of it that are written, and what changes when it is used again. */
  slab(number: number): Buffer {
    return this.slabs[number]!;
  }
  usedOf(number: number): number {
    return this.used[number]!;
  }
  epochOf(number: number): number {
    return this.epochs[number]!;
  }

  /** Lines in the slab of this address wait for their seq. */
  waiting(address: number, lines: number): void {
    this.unmerged[address >>> offsetBits]! += lines;
  }

  merged(address: number, seq: number): void {
    this.unmerged[address >>> offsetBits]!--;
    this.placed(address, seq);
  }

  /** A line has its seq. */
  placed(address: number, seq: number): void {
    this.lastSeq[address >>> offsetBits] = seq;
  }

  /** Whether the oldest slab can be given up; if not, lines in it have to be merged first. */
  get oldestIsMerged(): boolean {
    const [oldest] = this.order;
    return oldest !== undefined && oldest !== this.current && this.unmerged[oldest] === 0;
  }

  /** Highest seq within the oldest slab. */
  get oldestLastSeq(): number {
    return this.lastSeq[this.order[0]!]!;
  }

  /** Frees the oldest slabs that hold nothing from `firstSeq` on. */
  release(firstSeq: number): void {
    while (this.oldestIsMerged && this.oldestLastSeq < firstSeq) this.free.push(this.order.shift()!);
  }
}

export function offsetOf(address: number): number {
  return address & offsetMask;
}

export function slabOf(address: number): number {
  return address >>> offsetBits;
}
