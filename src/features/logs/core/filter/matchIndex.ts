/** Rows by position; the oldest disappear, the newest are appended, and older ones may be added before the first. */
export interface RowSource {
  readonly first: number;
  readonly end: number;
}

/** Numbers of a segment. */
const segment = 65_536;

/** A list that grows at its end and loses numbers at either; what is looked up is kept in segments. */
class NumberList {
  /** Index of the first that is kept, and one more than that of the last. */
  first = 0;
  end = 0;
  private readonly segments = new Map<number, Float64Array>();

  push(value: number): void {
    const number = Math.floor(this.end / segment);
    let values = this.segments.get(number);
    if (!values) this.segments.set(number, (values = new Float64Array(segment)));
    values[this.end++ % segment] = value;
  }

  at(index: number): number {
    return this.segments.get(Math.floor(index / segment))![index % segment]!;
  }

  dropFirst(): void {
    this.first++;
    if (this.first % segment === 0) this.segments.delete(this.first / segment - 1);
  }

  dropLast(): void {
    this.end--;
    if (this.end % segment === 0) this.segments.delete(this.end / segment);
  }

  /** The first index from `first` on whose value is not before `value`, the values rising (1) or falling (-1). */
  search(value: number, direction: 1 | -1): number {
    let low = this.first;
    let high = this.end;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if ((this.at(middle) - value) * direction < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Rows looked at between two looks at the clock. */
const step = 2_048;

/**
 * The positions of a source that match, found in slices: what is appended first, then from the newest to the oldest.
 * Its own positions are signed: 0 is the first match after it was made, -1 the newest before.
 */
export class MatchIndex implements RowSource {
  private readonly newer = new NumberList();
  private readonly older = new NumberList();
  private scannedTo: number;
  private scannedFrom: number;

  /**
   * @param scan calls `hit` for the matching positions of a run, in rising order
   * @param startOf the start of the record to which a position belongs, so that runs hold whole records
   */
  constructor(
    private readonly source: RowSource,
    private readonly scan: (from: number, to: number, hit: (position: number) => void) => void,
    private readonly startOf: (position: number) => number = (position) => position,
  ) {
    this.scannedFrom = this.scannedTo = source.end;
  }

  get first(): number {
    return this.older.end > 0 ? -this.older.end : this.newer.first;
  }

  get end(): number {
    return this.newer.end;
  }

  /** From 0 to 1. */
  get scanned(): number {
    const { first, end } = this.source;
    if (end === first) return 1;
    return Math.max(0, Math.min(1, (this.scannedTo - Math.max(this.scannedFrom, first)) / (end - first)));
  }

  get isComplete(): boolean {
    return this.scannedTo >= this.source.end && this.scannedFrom <= this.source.first;
  }

  /** What the source calls the row at this position. */
  at(position: number): number {
    return position >= 0 ? this.newer.at(position) : this.older.at(-position - 1);
  }

  /** The first position whose row is `value` or comes after it; `end` if there is none. */
  from(value: number): number {
    const { newer, older } = this;
    if (older.end > 0 && older.at(0) >= value) {
      // Falling: the last one that is not before the value.
      const index = older.search(value - 0.5, -1);
      return -index;
    }
    return newer.search(value, 1);
  }

  /** Looks through the source until it is done or `deadline` (of performance.now) has come; whether there is more. */
  advance(deadline: number): boolean {
    this.drop();
    while (!this.isComplete) {
      if (this.scannedTo < this.source.end) this.scanNewer();
      else this.scanOlder();
      if (performance.now() > deadline) break;
    }
    return !this.isComplete;
  }

  private scanNewer(): void {
    const from = Math.max(this.scannedTo, this.source.first);
    const to = Math.min(this.source.end, from + step);
    this.scan(from, to, (position) => this.newer.push(position));
    this.scannedTo = to;
    if (this.scannedFrom > to) this.scannedFrom = to;
  }

  private scanOlder(): void {
    const to = this.scannedFrom;
    const from = Math.max(this.source.first, this.startOf(Math.max(this.source.first, to - step)));
    const found: number[] = [];
    this.scan(from, to, (position) => found.push(position));
    for (let index = found.length - 1; index >= 0; index--) this.older.push(found[index]!);
    this.scannedFrom = from;
  }

  /** Gives up what the source does not have any more. */
  private drop(): void {
    const { older, newer, source } = this;
    while (older.end > 0 && older.at(older.end - 1) < source.first) older.dropLast();
    if (older.end > 0) return;
    while (newer.first < newer.end && newer.at(newer.first) < source.first) newer.dropFirst();
  }
}
