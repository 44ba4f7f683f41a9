const initialLines = 64;

/** Lines of one stream that wait for those of others, in a ring that grows. */
export class PendingLines {
  count = 0;
  /** Bytes of their text. */
  bytes = 0;
  private head = 0;
  private mask = initialLines - 1;
  private address = new Uint32Array(initialLines);
  private meta = new Uint32Array(initialLines);
  private time = new Float64Array(initialLines);
  /** What they are merged by: their time, but neither before the line before them nor after their arrival. */
  private key = new Float64Array(initialLines);
  private arrival = new Float64Array(initialLines);

  push(address: number, meta: number, time: number, key: number, arrival: number): void {
    if (this.count > this.mask) this.grow();
    const at = (this.head + this.count) & this.mask;
    this.address[at] = address;
    this.meta[at] = meta;
    this.time[at] = time;
    this.key[at] = key;
    this.arrival[at] = arrival;
    this.count++;
  }

  get headAddress(): number {
    return this.address[this.head]!;
  }
  get headMeta(): number {
    return this.meta[this.head]!;
  }
  get headTime(): number {
    return this.time[this.head]!;
  }
  get headKey(): number {
    return this.key[this.head]!;
  }
  get headArrival(): number {
    return this.arrival[this.head]!;
  }

  shift(): void {
    this.head = (this.head + 1) & this.mask;
    this.count--;
  }

  /** None of them is later than `time`, and they are merged by that. */
  bringForward(time: number): void {
    for (let index = 0; index < this.count; index++) {
      const at = (this.head + index) & this.mask;
      this.time[at] = Math.min(this.time[at]!, time);
      this.key[at] = Math.min(this.key[at]!, time);
    }
  }

  private grow(): void {
    const size = this.mask + 1;
    const turned = <A extends Uint32Array | Float64Array>(from: A, to: A): A => {
      to.set(from.subarray(this.head));
      to.set(from.subarray(0, this.head), size - this.head);
      return to;
    };
    this.address = turned(this.address, new Uint32Array(size * 2));
    this.meta = turned(this.meta, new Uint32Array(size * 2));
    this.time = turned(this.time, new Float64Array(size * 2));
    this.key = turned(this.key, new Float64Array(size * 2));
    this.arrival = turned(this.arrival, new Float64Array(size * 2));
    this.head = 0;
    this.mask = size * 2 - 1;
  }
}
