import { element } from '../element';

/** A column of a grid. What it shows of a row is text: it may be from a host. */
export interface Column<Row> {
  /** The class of its cells. */
  readonly name: string;
  /** What is above it. */
  readonly title?: string;
  /** Columns that its cells cover. */
  readonly span?: number;
  /** It is for the mouse only, which can do nothing there that a key does not. */
  readonly isForMouse?: boolean;
  /** Makes what shows a row in a cell, which is used again for other rows. `older`: the row before it in time. */
  readonly fill: (cell: HTMLElement) => (row: Row, older: Row | undefined) => void;
}

/** How rows are drawn. */
export interface RowAdapter<Row> {
  /** The id of its element. */
  id(row: Row): string;
  /** The classes of its element. */
  classes(row: Row): string;
  columns(row: Row): readonly Column<Row>[];
  /** What is drawn for a row that is not there yet; without it, nothing is. */
  readonly missing?: readonly Column<undefined>[];
  /** What is drawn changes with time. */
  readonly isLive?: boolean;
}

/** The names of columns, which the names of the cells tell screen readers already. */
export function headOf<Row>(columns: readonly Column<Row>[]): HTMLElement {
  const titles = columns.flatMap(({ name, title }) =>
    title === undefined ? [] : [element('div', { class: `cell ${name}` }, title)],
  );
  return element('div', { class: 'row head', 'aria-hidden': 'true' }, ...titles);
}

type Show = (row: unknown, older: unknown) => void;

/** The element of a row, used again for others: at 50,000 rows a second every row on the screen is new each time. */
export class GridRow<Row> {
  readonly root = element('div', { class: 'row', role: 'row' });
  private columns: readonly Column<never>[] = [];
  private shows: Show[] = [];
  private shown: { row?: Row; older?: Row; adapter?: RowAdapter<Row> } = {};

  show(at: number, row: Row | undefined, older: Row | undefined, adapter: RowAdapter<Row>): void {
    this.root.dataset['at'] = String(at);
    const { shown } = this;
    const isSame = shown.row === row && shown.older === older && shown.adapter === adapter;
    if (isSame && !adapter.isLive) return;
    this.shown = { row, older, adapter };
    if (row === undefined) this.root.removeAttribute('id');
    else this.root.id = adapter.id(row);
    this.root.className = row === undefined ? 'row loading' : `row ${adapter.classes(row)}`;
    if (row === undefined) this.use(adapter.missing ?? []);
    else this.use(adapter.columns(row));
    for (const show of this.shows) show(row, older);
  }

  private use<Shown>(columns: readonly Column<Shown>[]): void {
    if (columns === this.columns) return;
    this.columns = columns;
    const cells = columns.map(cellOf);
    this.shows = columns.map(({ fill }, index) => fill(cells[index]!) as Show);
    this.root.replaceChildren(...cells);
  }
}

function cellOf<Row>({ name, span, isForMouse }: Column<Row>): HTMLElement {
  if (isForMouse) return element('div', { class: name, 'aria-hidden': 'true' });
  const cell = element('div', { class: `cell ${name}`, role: 'gridcell' });
  if (span !== undefined) cell.setAttribute('aria-colspan', String(span));
  return cell;
}
