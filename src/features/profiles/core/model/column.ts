/** Numbers that grow. */
export class Column<Numbers extends Int32Array | Float64Array> {
  length = 0;

  private constructor(
    public values: Numbers,
    private readonly make: (length: number) => Numbers,
  ) {}

  static ofIntegers(): Column<Int32Array> {
    return new Column<Int32Array>(new Int32Array(1024), (length) => new Int32Array(length));
  }

  static ofFloats(): Column<Float64Array> {
    return new Column<Float64Array>(new Float64Array(1024), (length) => new Float64Array(length));
  }

  push(value: number): void {
    if (this.length === this.values.length) {
      const bigger = this.make(2 * this.length);
      bigger.set(this.values);
      this.values = bigger;
    }
    this.values[this.length++] = value;
  }

  finish(length = this.length): Numbers {
    const whole = this.make(length);
    whole.set(this.values.subarray(0, Math.min(length, this.length)));
    return whole;
  }

  add(index: number, value: number): void {
    while (this.length <= index) this.push(0);
    this.values[index]! += value;
  }
}
