import { Deadline } from '../../../../platform/batch/deadline';
import type { RangedFile } from './rangedFile';

/** Whole lines of a file that are read together. */
export interface Block {
  /** Bytes. */
  readonly offset: number;
  readonly length: number;
  /** Number of its first line, counted from where reading began: lines before that have negative numbers. */
  readonly firstLine: number;
  readonly lines: number;
}

/** The bytes of a block, and where its lines begin and end in them, line ends left out. */
export interface BlockLines {
  readonly block: Block;
  readonly bytes: Buffer;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  /** Bytes of the last line that were not read: it is too long. */
  readonly cut: number;
}

/** Bytes of a block, at least; and of one that are read, at most: a block of one line can be long. */
const blockBytes = 64 * 1024;
const mostRead = 2 * 1024 * 1024;
/** Milliseconds for one read of a slow link. */
const readMs = 60_000;
/** Blocks that are kept in memory. */
const cached = 64;
const newline = 0x0a;

/** Where the lines of a part of a file are, without keeping them: 10 GB take some 10 MB. The part grows at both ends. */
export class FileBlocks {
  /** In their order in the file. */
  private readonly after: Block[] = [];
  /** Before where reading began, the nearest first. */
  private readonly before: Block[] = [];
  private readonly cache = new Map<Block, Promise<BlockLines>>();
  /** The last line has no end yet. */
  private isTorn = false;

  /** @param anchor offset of the beginning of a line, from which on reading begins */
  constructor(
    private readonly file: RangedFile,
    private readonly anchor: number,
    private readonly signal: AbortSignal,
  ) {}

  get count(): number {
    return this.after.length + this.before.length;
  }

  /** Offset of the first byte that is covered, and of the first that is no longer. */
  get start(): number {
    return this.before.at(-1)?.offset ?? this.anchor;
  }
  get end(): number {
    return endOf(this.after.at(-1)) ?? this.anchor;
  }

  /** Numbers of the first line, and one more than that of the last. */
  get firstLine(): number {
    return this.before.at(-1)?.firstLine ?? 0;
  }
  get endLine(): number {
    const last = this.after.at(-1);
    return last ? last.firstLine + last.lines : 0;
  }

  /** In the order of the file. */
  at(index: number): Block {
    const { before } = this;
    return index < before.length ? before[before.length - 1 - index]! : this.after[index - before.length]!;
  }

  /** By the number of its place from where reading began: it does not change when the part grows. */
  byPlace(place: number): Block | undefined {
    return place >= 0 ? this.after[place] : this.before[-1 - place];
  }
  get places(): { first: number; end: number } {
    return { first: -this.before.length, end: this.after.length };
  }

  /** Covers some `bytes` more after the end, at least to the end of a line. Resolves with false at the end of the file. */
  async extendAfter(bytes: number): Promise<boolean> {
    // The last line had no end: it may have gone on.
    const torn = this.isTorn ? this.after.pop() : undefined;
    if (torn) this.cache.delete(torn);
    this.isTorn = false;
    const cutter = new BlockCutter(this.end, this.endLine, (block) => this.after.push(block));
    for (;;) {
      const chunk = await this.read(cutter.position, bytes);
      cutter.take(chunk);
      if (chunk.length < bytes) {
        this.isTorn = cutter.finish();
        return false;
      }
      // A line longer than what was read: on to its end.
      if (cutter.flush()) return true;
    }
  }

  /** Covers some `bytes` more before the start. Resolves with false at the beginning of the file. */
  async extendBefore(bytes: number): Promise<boolean> {
    const { start, firstLine } = this;
    if (start === 0) return false;
    let from = Math.max(0, start - bytes);
    let chunk = await this.read(from, start - from);
    let first = from === 0 ? 0 : chunk.indexOf(newline) + 1;
    while (first === 0 && from > 0) {
      // A line longer than what was read: back to its beginning.
      const more = Math.max(0, from - bytes);
      chunk = Buffer.concat([await this.read(more, from - more), chunk]);
      from = more;
      first = from === 0 ? 0 : chunk.indexOf(newline) + 1;
      if (first === chunk.length) first = 0;
    }
    const blocks: Block[] = [];
    const cutter = new BlockCutter(from + first, 0, (block) => blocks.push(block));
    cutter.take(chunk.subarray(first));
    cutter.flush();
    const begin = firstLine - blocks.reduce((lines, block) => lines + block.lines, 0);
    for (const block of blocks.reverse()) this.before.push({ ...block, firstLine: begin + block.firstLine });
    return from > 0;
  }

  /** The block that a line is in. */
  ofLine(line: number): Block | undefined {
    return this.search(({ firstLine }) => firstLine <= line);
  }

  ofOffset(offset: number): Block | undefined {
    return this.search((block) => block.offset <= offset) ?? (this.count > 0 ? this.at(0) : undefined);
  }

  async lines(block: Block): Promise<BlockLines> {
    const known = this.cache.get(block);
    this.cache.delete(block);
    const read = known ?? this.readLines(block);
    this.cache.set(block, read);
    for (const old of this.cache.keys()) {
      if (this.cache.size <= cached) break;
      this.cache.delete(old);
    }
    return read.catch((error: unknown) => {
      this.cache.delete(block);
      throw error;
    });
  }

  /** The last block for which `holds`, which holds for those before it, too. */
  private search(holds: (block: Block) => boolean): Block | undefined {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (holds(this.at(middle))) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? undefined : this.at(low - 1);
  }

  private async readLines(block: Block): Promise<BlockLines> {
    const bytes = await this.read(block.offset, Math.min(block.length, mostRead));
    const starts = new Uint32Array(block.lines);
    const ends = new Uint32Array(block.lines);
    let from = 0;
    for (let line = 0; line < block.lines; line++) {
      const at = bytes.indexOf(newline, from);
      const end = at < 0 ? bytes.length : at;
      starts[line] = from;
      ends[line] = end > from && bytes[end - 1] === 0x0d ? end - 1 : end;
      from = Math.min(end + 1, bytes.length);
    }
    return { block, bytes, starts, ends, cut: block.length - bytes.length };
  }

  private async read(offset: number, length: number): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    const deadline = new Deadline(readMs, this.signal);
    let read = 0;
    try {
      while (read < length) {
        const part = await this.file.read(offset + read, length - read, deadline);
        if (part.length === 0) break;
        parts.push(part);
        read += part.length;
      }
    } finally {
      deadline.dispose();
    }
    const [only] = parts;
    if (parts.length === 1 && only) return Buffer.from(only.buffer, only.byteOffset, only.byteLength);
    return Buffer.concat(parts);
  }
}

/** Cuts bytes that come one after the other into blocks of whole lines. */
class BlockCutter {
  private start: number;
  private lines = 0;
  private hasCut = false;

  constructor(
    public position: number,
    private line: number,
    private readonly add: (block: Block) => void,
  ) {
    this.start = position;
    this.lineStart = position;
  }

  private lineStart: number;

  take(chunk: Buffer): void {
    let from = 0;
    for (let at: number; (at = chunk.indexOf(newline, from)) >= 0; from = at + 1) {
      this.lines++;
      this.lineStart = this.position + at + 1;
      if (this.lineStart - this.start >= blockBytes) this.flush();
    }
    this.position += chunk.length;
  }

  /** Ends a block at the last end of a line; tells whether there is one by now. */
  flush(): boolean {
    if (this.lines > 0) {
      const { start, line: firstLine, lines } = this;
      this.add({ offset: start, length: this.lineStart - start, firstLine, lines });
      this.line += lines;
      this.start = this.lineStart;
      this.lines = 0;
      this.hasCut = true;
    }
    return this.hasCut;
  }

  /** At the end of the file: its last line may have no end, which is told. */
  finish(): boolean {
    const isTorn = this.position > this.lineStart;
    if (isTorn) {
      this.lines++;
      this.lineStart = this.position;
    }
    this.flush();
    return isTorn;
  }
}

function endOf(block: Block | undefined): number | undefined {
  return block && block.offset + block.length;
}
