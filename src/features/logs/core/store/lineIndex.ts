/** Lines of a segment of the index. */
export const segmentLines = 65_536;
const segmentBits = 16;
const segmentMask = segmentLines - 1;

/** Bytes of a segment. */
export const segmentBytes = segmentLines * (4 + 4 + 8 + 2);

interface Segment {
  address: Uint32Array;
  meta: Uint32Array;
  time: Float64Array;
  stream: Uint16Array;
}

/*
 * What is known of a line beside its address, time and stream, in 32 bits: its length (21 bits, up to 1 MiB), its kind
 * (4 bits, 0 is a line), its level (3 bits) and flags.
 */
const lengthMask = 0x1fffff;
const kindShift = 21;
const levelShift = 25;
/** Kinds that stand for lines whose time is not quite their own. */
export const inheritedTime = 14;
export const uncertainTime = 15;
export const lateFlag = 1 << 28;
export const continuesFlag = 1 << 29;
export const arrivedFlag = 1 << 30;
/** There is more to tell, in a map: bytes cut, lines lost. */
export const remarkFlag = 1 << 31;

export function metaOf(length: number, kind: number, level: number, flags: number): number {
  return (length | (kind << kindShift) | (level << levelShift) | flags) >>> 0;
}
export const lengthOf = (meta: number): number => meta & lengthMask;
/** 0 for lines. */
export const kindOf = (meta: number): number => {
  const kind = (meta >>> kindShift) & 15;
  return kind < inheritedTime ? kind : 0;
};
/** Whether the time of a line is that of a line before it. */
export const hasInheritedTime = (meta: number): boolean => ((meta >>> kindShift) & 15) === inheritedTime;
/** Whether the time of a line may be an hour wrong: its zone is not written, and that of the host is not known well. */
export const hasUncertainTime = (meta: number): boolean => ((meta >>> kindShift) & 15) === uncertainTime;
export const levelOf = (meta: number): number => (meta >>> levelShift) & 7;

/** The merged sequence: for every seq from `first` to `end` where its line is and what is known of it. */
export class LineIndex {
  first = 0;
  end = 0;
  private readonly segments = new Map<number, Segment>();
  private readonly free: Segment[] = [];
  private last: Segment | undefined;

  /** Bytes of the segments in use. */
  get bytes(): number {
    return this.segments.size * segmentBytes;
  }

  append(address: number, meta: number, time: number, stream: number): void {
    const at = this.end & segmentMask;
    if (at === 0 || this.last === undefined) this.begin();
    const segment = this.last!;
    segment.address[at] = address;
    segment.meta[at] = meta;
    segment.time[at] = time;
    segment.stream[at] = stream;
    this.end++;
  }

  /** What was found out about a line. */
  set(seq: number, meta: number, time: number): void {
    const segment = this.segmentOf(seq);
    segment.meta[seq & segmentMask] = meta;
    segment.time[seq & segmentMask] = time;
  }

  /** Gives up all before `seq`. */
  dropBefore(seq: number): void {
    const firstSegment = Math.floor(this.first / segmentLines);
    this.first = Math.min(seq, this.end);
    this.lookedAt = -1;
    for (let number = firstSegment; (number + 1) * segmentLines <= this.first; number++) {
      const segment = this.segments.get(number);
      if (!segment) continue;
      this.segments.delete(number);
      if (segment === this.last) this.last = undefined;
      this.free.push(segment);
    }
  }

  address(seq: number): number {
    return this.segmentOf(seq).address[seq & segmentMask]!;
  }

  meta(seq: number): number {
    return this.segmentOf(seq).meta[seq & segmentMask]!;
  }

  time(seq: number): number {
    return this.segmentOf(seq).time[seq & segmentMask]!;
  }

  stream(seq: number): number {
    return this.segmentOf(seq).stream[seq & segmentMask]!;
  }

  private segmentOf(seq: number): Segment {
    const number = seq < 0x7fffffff ? seq >> segmentBits : Math.floor(seq / segmentLines);
    return number === this.lookedAt && this.looked ? this.looked : this.look(number);
  }
  private lookedAt = -1;
  private looked: Segment | undefined;

  private look(number: number): Segment {
    this.lookedAt = number;
    this.looked = this.segments.get(number);
    if (!this.looked) throw new RangeError('the line is not kept any more');
    return this.looked;
  }

  private begin(): void {
    const segment = this.free.pop() ?? newSegment();
    this.segments.set(Math.floor(this.end / segmentLines), segment);
    this.last = segment;
    this.lookedAt = -1;
  }
}

function newSegment(): Segment {
  const memory = new SharedArrayBuffer(segmentBytes);
  return {
    time: new Float64Array(memory, 0, segmentLines),
    address: new Uint32Array(memory, segmentLines * 8, segmentLines),
    meta: new Uint32Array(memory, segmentLines * 12, segmentLines),
    stream: new Uint16Array(memory, segmentLines * 16, segmentLines),
  };
}
