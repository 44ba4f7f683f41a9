import { GridRow, type RowAdapter } from './gridRow';
import type { RowCache } from './rowCache';
import type { RowPlaces } from './viewport';

/** Which rows are chosen, and which of them has the focus. */
export interface ChosenRows {
  from: number;
  to: number;
  active: number | undefined;
}

/** The elements of the rows in sight. Those of rows that are gone are used for others. */
export class DrawnRows<Row extends { at: number }> {
  /** By place. */
  readonly byPlace = new Map<number, GridRow<Row>>();
  private readonly spare: GridRow<Row>[] = [];

  constructor(
    private readonly body: HTMLElement,
    private readonly places: RowPlaces,
    private readonly cache: RowCache<Row>,
    public adapter: RowAdapter<Row>,
  ) {}

  /** Draws the rows from one index up to, but without, another. */
  draw(from: number, to: number, chosen: ChosenRows): void {
    const { places, byPlace, body } = this;
    for (const at of byPlace.keys()) {
      const index = places.indexOf(at);
      if (index < from || index >= to || !this.isShown(at)) this.putAway(at);
    }
    let next = body.firstElementChild;
    for (let index = from; index < to; index++) {
      const at = places.atOf(index);
      if (!this.isShown(at)) continue;
      const row = byPlace.get(at) ?? this.spare.pop() ?? new GridRow<Row>();
      byPlace.set(at, row);
      row.show(at, this.cache.get(at), this.cache.get(at - 1), this.adapter);
      row.root.setAttribute('aria-rowindex', String(index + 1));
      row.root.setAttribute('aria-selected', String(at >= chosen.from && at < chosen.to));
      row.root.classList.toggle('active', at === chosen.active);
      if (row.root === next) next = next.nextElementSibling;
      else body.insertBefore(row.root, next);
    }
  }

  /** Pixels of a row, which is laid out for that when it is not drawn; undefined for one that is not there yet. */
  heightOf(at: number): number | undefined {
    const drawn = this.byPlace.get(at);
    if (drawn) return drawn.root.offsetHeight;
    const row = this.cache.get(at);
    if (row === undefined) return undefined;
    const measured = this.spare.pop() ?? new GridRow<Row>();
    measured.show(at, row, undefined, this.adapter);
    measured.root.classList.add('measured');
    this.body.append(measured.root);
    const height = measured.root.offsetHeight;
    measured.root.classList.remove('measured');
    measured.root.remove();
    this.spare.push(measured);
    return height;
  }

  private isShown(at: number): boolean {
    return this.adapter.missing !== undefined || this.cache.get(at) !== undefined;
  }

  private putAway(at: number): void {
    const row = this.byPlace.get(at)!;
    row.root.remove();
    this.byPlace.delete(at);
    this.spare.push(row);
  }
}
