import { Column } from './column';

/** Pairs of numbers, each with a number of its own: that of how many others were met before it. */
export class Pairs {
  readonly first = Column.ofIntegers();
  readonly second = Column.ofIntegers();
  /** Numbers of pairs plus 1: a table with open addressing, in which 0 is an empty place. */
  private places = new Int32Array(4096);

  get length(): number {
    return this.first.length;
  }

  numberOf(first: number, second: number): number {
    const place = this.placeOf(first, second);
    const known = this.places[place]!;
    if (known !== 0) return known - 1;
    const number = this.length;
    this.first.push(first);
    this.second.push(second);
    this.places[place] = number + 1;
    if (2 * number > this.places.length) this.grow();
    return number;
  }

  /** Where the pair is in the table, or would be. */
  private placeOf(first: number, second: number): number {
    const { places } = this;
    const mask = places.length - 1;
    let place = Math.imul(Math.imul(first, 0x9e3779b1) ^ second, 0x85ebca6b);
    for (place = (place ^ (place >>> 15)) & mask; ; place = (place + 1) & mask) {
      const number = places[place]! - 1;
      if (number < 0 || (this.second.values[number] === second && this.first.values[number] === first))
        return place;
    }
  }

  private grow(): void {
    this.places = new Int32Array(4 * this.places.length);
    for (let number = 0; number < this.length; number++)
      this.places[this.placeOf(this.first.values[number]!, this.second.values[number]!)] = number + 1;
  }
}
