/** The places of the rows that there are, and their order on the screen. */
export class RowPlaces {
  generation = -1;
  /** The place of the oldest row. */
  first = 0;
  /** The place after that of the newest row. */
  end = 0;

  constructor(
    /** Where the newest row is. */
    readonly newest: 'top' | 'bottom',
  ) {}

  get count(): number {
    return this.end - this.first;
  }

  /** Rows above the one at a place. */
  indexOf(at: number): number {
    return this.newest === 'top' ? this.end - 1 - at : at - this.first;
  }

  /** The place of the row below so many others, or of the nearest one. */
  atOf(index: number): number {
    const within = Math.max(0, Math.min(index, this.count - 1));
    return this.newest === 'top' ? this.end - 1 - within : this.first + within;
  }
}

/** What a viewport needs of the grid that it is of. */
export interface ViewportHost {
  /** Has the rows drawn with the next frame. */
  redraw(): void;
  /** The newest row is held in sight, or no longer is. */
  changed(): void;
  /** Pixels of a row, which is laid out for that when it is not drawn; undefined for one that is not there yet. */
  heightOf(at: number): number | undefined;
}

/** Rows that are drawn, by index from the top, and those that are to be known. */
export interface RowWindow {
  from: number;
  to: number;
  knownFrom: number;
  knownTo: number;
}

/** Which rows are in sight, where they are on the screen, and how one scrolls. */
export interface Viewport {
  readonly places: RowPlaces;
  /** All of it, with its scroll bar. */
  readonly root: HTMLElement;
  /** What has the focus, and is the grid for screen readers. */
  readonly view: HTMLElement;
  /** Where the elements of rows are, in their order on the screen. */
  readonly body: HTMLElement;
  /** Whether the newest row is held in sight. */
  readonly isFollowing: boolean;
  /** Rows that fit. */
  readonly page: number;
  /** The newest rows that a tick is to bring. */
  readonly newest: number;
  /** The place of the row at the top. */
  readonly top: number;
  attach(host: ViewportHost): void;
  /** There are other rows. What is read stays where it is, and whoever looks at the newest stays with them. */
  move(next: { generation: number; first: number; end: number }): void;
  window(): RowWindow;
  /** Puts the rows that are drawn, by place, where they belong. */
  lay(rows: ReadonlyMap<number, { readonly root: HTMLElement }>): void;
  /** Brings a row into sight, by no more than is needed. */
  reveal(at: number): void;
  /** Brings a row into the middle. */
  center(at: number): void;
  /** Holds the newest row in sight. */
  follow(): void;
  /** No longer holds it: what is in sight stays. */
  stay(): void;
}
