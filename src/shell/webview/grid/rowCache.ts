/** Rows that are kept though they are not drawn. */
const cached = 3000;
/** Milliseconds until a question is asked again. */
const patienceMs = 2000;

/** The rows that the editor told, by place, and the question for those that are missing. */
export class RowCache<Row extends { at: number }> {
  private readonly rows = new Map<number, Row>();
  /** Shown until newer ones are there. */
  private old = new Map<number, Row>();
  private asked: { from: number; to: number; time: number } | undefined;

  constructor(private readonly ask: (from: number, to: number) => void) {}

  get(at: number): Row | undefined {
    return this.rows.get(at) ?? this.old.get(at);
  }

  /** A row that is told again as it was stays the same object, and its element what it is. */
  take(rows: readonly Row[]): void {
    for (const row of rows) {
      const before = this.get(row.at);
      const isSame = before && JSON.stringify(before) === JSON.stringify(row);
      this.rows.set(row.at, isSame ? before : row);
    }
  }

  /** After an answer: what is missing may be asked for. */
  answered(): void {
    this.asked = undefined;
  }

  /** What is known is to be asked for again. */
  age(): void {
    this.old = new Map([...this.old, ...this.rows]);
    this.rows.clear();
    this.asked = undefined;
  }

  clear(): void {
    this.rows.clear();
    this.old.clear();
    this.asked = undefined;
  }

  /** Asks for what is missing among the rows of the range; forgets others, but for `kept`, when there are many. */
  need(from: number, to: number, kept: number | undefined): void {
    if (this.rows.size > cached + (to - from))
      for (const at of this.rows.keys()) if ((at < from || at >= to) && at !== kept) this.rows.delete(at);
    let first = from;
    while (first < to && this.rows.has(first)) first++;
    let end = to;
    while (end > first && this.rows.has(end - 1)) end--;
    if (first >= end) return this.forgetOld(kept);
    const now = performance.now();
    if (this.asked && now - this.asked.time < patienceMs) return;
    this.asked = { from: first, to: end, time: now };
    this.ask(first, end);
  }

  private forgetOld(kept: number | undefined): void {
    for (const at of this.old.keys()) if (at !== kept) this.old.delete(at);
  }
}
