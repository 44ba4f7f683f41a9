import { Column } from '../model/column';
import { Pairs } from '../model/pairs';
import type { Label, LabelRows } from '../model/profile';

/** Different sets of labels; samples that carry others keep their weight without them. */
const maxSets = 2 ** 20;

/** Gathers what of the weights has labels. */
export class LabelRowsBuilder {
  /** Weights whose labels were left out. */
  unkept = 0;
  private readonly sets: (readonly Label[])[] = [];
  private readonly setNumbers = new Map<string, number>();
  /** Rows by node and set. */
  private readonly rows = new Pairs();
  private readonly weights: Column<Float64Array>[] = [];

  get length(): number {
    return this.rows.length;
  }

  /** The number of a set of labels, the same for the same ones in any order; undefined where there are too many. */
  set(labels: readonly Label[]): number | undefined {
    const sorted = labels.length > 1 ? labels.toSorted(byKey) : labels;
    const id = JSON.stringify(sorted.map(({ key, value, unit }) => [key, value, unit]));
    const known = this.setNumbers.get(id);
    if (known !== undefined) return known;
    if (this.sets.length === maxSets) {
      this.unkept++;
      return undefined;
    }
    const number = this.sets.push(sorted) - 1;
    this.setNumbers.set(id, number);
    return number;
  }

  add(node: number, set: number, valueType: number, weight: number): void {
    const row = this.rows.numberOf(node, set);
    while (this.weights.length <= valueType) this.weights.push(Column.ofFloats());
    this.weights[valueType]!.add(row, weight);
  }

  /** undefined if nothing has labels. */
  finish(valueTypes: number): LabelRows | undefined {
    const { length } = this.rows;
    if (length === 0) return undefined;
    return {
      ...{ sets: this.sets, node: this.rows.first.finish(), set: this.rows.second.finish() },
      weights: Array.from(
        { length: valueTypes },
        (_, index) => this.weights[index]?.finish(length) ?? new Float64Array(length),
      ),
    };
  }
}

const byKey = (one: Label, other: Label) =>
  one.key < other.key ? -1 : one.key > other.key ? 1 : String(one.value) < String(other.value) ? -1 : 1;
