/** Numbers that grow at both ends, by positions that do not change: those at the front get negative ones. */
export class LineNumbers {
  private readonly after = new Numbers();
  private readonly before = new Numbers();

  get first(): number {
    return -this.before.length;
  }
  get end(): number {
    return this.after.length;
  }

  append(line: number): void {
    this.after.push(line);
  }
  /** In descending order. */
  prepend(line: number): void {
    this.before.push(line);
  }

  at(position: number): number {
    return position >= 0 ? this.after.at(position) : this.before.at(-1 - position);
  }

  /** The position of a number, or of the first one after it; `end` if there is none. */
  positionOf(line: number): number {
    let low = this.first;
    let high = this.end;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.at(middle) < line) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

class Numbers {
  private values = new Int32Array(1024);
  length = 0;

  push(value: number): void {
    if (this.length === this.values.length) {
      const grown = new Int32Array(this.values.length * 2);
      grown.set(this.values);
      this.values = grown;
    }
    this.values[this.length++] = value;
  }

  at(index: number): number {
    return this.values[index]!;
  }
}
