/** What the page of a panel of rows and the editor tell each other about the rows. */
import type { NoArgs } from './requests';

/** Rows by place, `to` not among them. */
export interface RowRange {
  generation: number;
  from: number;
  to: number;
}

/** Which rows there are; told ten times a second at most. */
export interface RowStatus {
  /** Rows that were told under another generation are not where they were. */
  generation: number;
  /** The place of the oldest row. */
  first: number;
  /** The place after that of the newest row. */
  end: number;
}

export interface RowRequests<Row> {
  /** The page is loaded. */
  ready: { args: NoArgs; result: void };
  /** What was told is drawn; the next tick may come. `newest`: rows that are to come with it. */
  drawn: { args: { newest: number }; result: void };
  rows: { args: RowRange; result: { generation: number; rows: Row[] } | undefined };
}

/** What the editor reports by itself. `state` is what the page is to keep for a reload, where it changed. */
export type RowNews<Row, Status extends RowStatus> =
  /** `newest` are the newest rows, so that who stays with them need not ask. */
  | { type: 'tick'; status: Status; newest: Row[]; state?: unknown }
  /** Rows are where they were, but look different. */
  | { type: 'stale' }
  /** Shows and chooses a row. */
  | { type: 'goTo'; generation: number; at: number };
