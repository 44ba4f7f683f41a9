import { logLevels } from '../recognise/logLevel';
import type { Histogram } from '../logView';
import type { BlockLines, FileBlocks } from './fileBlocks';
import { LineNumbers } from './lineNumbers';
import type { LineTest } from './lineTest';
import type { RecognisedBlock } from './recognisedBlock';

/** Milliseconds of work at a time: others want to do something, too. */
const sliceMs = 8;

/** What a block has of lines that pass. */
interface BlockCounts {
  /** Milliseconds since 1970 of the first and the last line; NaN where none tells its time. */
  from: number;
  to: number;
  byLevel: Uint32Array;
}

/** Looks through the blocks of a file, also through those that are added, for the lines that pass a test. */
export class FileScan {
  /** The lines that pass; with no test all do, and none is written down. */
  readonly lines = new LineNumbers();
  private readonly counts = new Map<number, BlockCounts>();
  private next = 0;
  private previous = -1;

  constructor(
    private readonly blocks: FileBlocks,
    private readonly test: LineTest | undefined,
    private readonly recognise: (lines: BlockLines) => RecognisedBlock,
  ) {}

  /** From 0 to 1. */
  get scanned(): number {
    const { first, end } = this.blocks.places;
    const total = end - first;
    return total === 0 ? 1 : (this.next - this.previous - 1) / total;
  }

  get first(): number {
    return this.test ? this.lines.first : this.blocks.firstLine;
  }
  get end(): number {
    return this.test ? this.lines.end : this.blocks.endLine;
  }

  lineAt(position: number): number {
    return this.test ? this.lines.at(position) : position;
  }

  positionOf(line: number): number {
    if (this.test) return this.lines.positionOf(line);
    return Math.max(this.first, Math.min(line, this.end));
  }

  /** The last block was read before its last line had its end: what is known of it is too little. */
  forgetLast(): void {
    const { end } = this.blocks.places;
    if (this.next < end || this.test) return;
    this.counts.delete(end - 1);
    this.next = Math.max(0, end - 1);
  }

  /** Looks through what is left for a while; resolves with whether something is left. */
  async advance(): Promise<boolean> {
    const until = performance.now() + sliceMs;
    while (performance.now() < until) {
      const { first, end } = this.blocks.places;
      const isAfter = this.next < end;
      if (!isAfter && this.previous < first) return false;
      const place = isAfter ? this.next : this.previous;
      const block = this.blocks.byPlace(place)!;
      this.look(await this.blocks.lines(block), place);
      if (isAfter) this.next++;
      else this.previous--;
    }
    return true;
  }

  private look(lines: BlockLines, place: number): void {
    const counts: BlockCounts = { from: NaN, to: NaN, byLevel: new Uint32Array(logLevels.length) };
    this.counts.set(place, counts);
    if (this.test && !this.test.mayPass(lines.bytes)) return;
    const { times, levels, continues } = this.recognise(lines);
    const { starts, ends, bytes, block } = lines;
    const passing: number[] = [];
    for (let line = 0; line < starts.length;) {
      let end = line + 1;
      while (end < starts.length && continues[end]) end++;
      // A record of several lines is shown whole if one of them passes.
      let passes = !this.test;
      for (let each = line; each < end && !passes; each++) {
        const [time, level] = [times[each]!, levels[each]!];
        passes = this.test!.passes({ bytes, start: starts[each]!, end: ends[each]!, time, level });
      }
      for (; line < end; line++) {
        if (!passes) continue;
        passing.push(block.firstLine + line);
        counts.byLevel[levels[line]!]!++;
        const time = times[line]!;
        if (Number.isNaN(time)) continue;
        if (!(time >= counts.from)) counts.from = time;
        if (!(time <= counts.to)) counts.to = time;
      }
    }
    if (!this.test) return;
    if (place >= 0) for (const line of passing) this.lines.append(line);
    else for (const line of passing.reverse()) this.lines.prepend(line);
  }

  /** Lines by time, as far as they were looked through: those of a block are spread evenly over its time. */
  histogram(buckets: number, from?: number, to?: number): Histogram {
    const all = [...this.counts.values()].filter(({ from: first }) => !Number.isNaN(first));
    const first = from ?? Math.min(...boundary(all, 'from'));
    const last = to ?? Math.max(...boundary(all, 'to')) + 1;
    const counts = new Uint32Array(buckets * logLevels.length);
    if (!Number.isFinite(first) || !Number.isFinite(last))
      return { from: 0, step: 1, counts: new Uint32Array(0) };
    const step = Math.max(1, (last - first) / buckets);
    const exact = new Float64Array(counts.length);
    for (const block of all) {
      const span = block.to - block.from;
      const low = Math.floor((block.from - first) / step);
      const high = Math.floor((block.to - first) / step);
      for (let bucket = Math.max(0, low); bucket <= Math.min(buckets - 1, high); bucket++) {
        const begin = Math.max(block.from, first + bucket * step);
        const share = span === 0 ? 1 : (Math.min(block.to, first + (bucket + 1) * step) - begin) / span;
        for (const [level, count] of block.byLevel.entries())
          exact[bucket * logLevels.length + level]! += count * share;
      }
    }
    for (const [index, count] of exact.entries()) counts[index] = Math.round(count);
    return { from: first, step, counts };
  }

  /** The place of the first block with a line of this time or later, as far as they were looked through. */
  placeOfTime(time: number): number | undefined {
    const places = [...this.counts.keys()].sort((a, b) => a - b);
    return places.find((place) => this.counts.get(place)!.to >= time);
  }
}

/** One by one: an argument list of a hundred thousand overflows the stack. */
function boundary(counts: readonly BlockCounts[], end: 'from' | 'to'): [number] {
  let found = end === 'from' ? Infinity : -Infinity;
  for (const count of counts)
    found = end === 'from' ? Math.min(found, count.from) : Math.max(found, count.to);
  return [found];
}
