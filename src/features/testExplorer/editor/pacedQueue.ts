/** Milliseconds of work in one turn of the event loop. */
const budgetMs = 8;

/** Gives others their turn when the work since the last pause has taken long. */
export class Pace {
  private since = performance.now();

  constructor(private readonly budget = budgetMs) {}

  get isDue(): boolean {
    return performance.now() - this.since >= this.budget;
  }

  async pause(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.since = performance.now();
  }
}

/** Works through what it is given in order, a little in each turn of the event loop. */
export class PacedQueue<Item> {
  private items: Item[] = [];
  private working: Promise<void> | undefined;

  constructor(
    private readonly work: (item: Item) => void,
    private readonly failed: (error: unknown) => void,
  ) {}

  add(item: Item): void {
    this.items.push(item);
    this.working ??= this.drain();
  }

  /** Resolves when nothing is left. */
  async idle(): Promise<void> {
    while (this.working) await this.working;
  }

  private async drain(): Promise<void> {
    const pace = new Pace();
    await pace.pause();
    while (this.items.length > 0) {
      // Taken in blocks: shifting a long array one by one is slow.
      const block = this.items;
      this.items = [];
      for (const item of block) {
        if (pace.isDue) await pace.pause();
        try {
          this.work(item);
        } catch (error) {
          this.failed(error);
        }
      }
    }
    this.working = undefined;
  }
}
