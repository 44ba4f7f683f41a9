/** Events per second over the last minute. */
export class EventRate {
  private readonly counts: number[];
  private second = 0;

  constructor(readonly seconds = 60) {
    this.counts = Array.from({ length: seconds }, () => 0);
  }

  /** `count` events at `time`, ms since the epoch. */
  add(count: number, time = Date.now()): void {
    this.advance(time);
    this.counts[this.counts.length - 1]! += count;
  }

  /** The oldest second first, the one that is not over last. */
  read(time = Date.now()): number[] {
    this.advance(time);
    return [...this.counts];
  }

  private advance(time: number): void {
    const now = Math.floor(time / 1000);
    const passed = Math.min(Math.max(0, now - this.second), this.seconds);
    for (let count = 0; count < passed; count++) {
      this.counts.shift();
      this.counts.push(0);
    }
    this.second = Math.max(this.second, now);
  }
}
