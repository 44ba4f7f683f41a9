/** So many of something at a time; who comes later waits in the order of coming. */
export class Slots {
  private free: number;
  private readonly waiting: (() => void)[] = [];
  /** Of `waiting`, those that were served: taking from the front of a long list costs its length. */
  private served = 0;

  constructor(readonly size: number) {
    this.free = size;
  }

  /** Whether who comes now would wait. */
  get isTaken(): boolean {
    return this.free === 0;
  }

  get waits(): number {
    return this.waiting.length - this.served;
  }

  /** Resolves with what gives the slot back, to be called once. */
  async take(): Promise<() => void> {
    if (this.free > 0) this.free--;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    return () => this.giveBack();
  }

  private giveBack(): void {
    const next = this.waiting[this.served];
    if (!next) return void this.free++;
    this.served++;
    if (this.served > 1_000) {
      this.waiting.splice(0, this.served);
      this.served = 0;
    }
    next();
  }
}
