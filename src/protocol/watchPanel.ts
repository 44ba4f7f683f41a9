/** What a watch panel and the editor tell each other. The editor words and bounds everything that is shown. */

export type ChangeType = 'put' | 'delete' | 'expired';

export interface PanelFilter {
  text: string;
  isRegex: boolean;
  types: ChangeType[];
}

export interface PartModel {
  kind: 'same' | 'removed' | 'added';
  text: string;
}

/** A row; `at` is its place from the oldest, `seq` its name. */
export type RowModel = { at: number; seq: number; time: string } & (
  | {
      kind: 'change';
      revision: string;
      type: ChangeType;
      /** The type in words. */
      typeText: string;
      /** A net difference over a gap, or there when the watch began: no event. */
      origin: 'event' | 'difference' | 'snapshot';
      key: string;
      size: string;
      /** Changes of the key, when rows are grouped and it has several; else empty. */
      count: string;
      /** Before → after. */
      parts: PartModel[];
      /** What is to be said of the values beside `parts`. */
      note: string;
      /** Whether there are values to show side by side. */
      isComparable: boolean;
    }
  | { kind: 'control'; tone: Tone; icon: string; text: string }
);

export type Tone = 'info' | 'warning' | 'error';

/** How the watch is and what the view holds; told ten times a second at most. */
export interface PanelStatus {
  /** Rows that were told under another generation are not where they were. */
  generation: number;
  first: number;
  end: number;
  isPaused: boolean;
  /** A filter is at work on rows that are there. */
  isFiltering: boolean;
  tone: Tone;
  /** The connection. */
  state: string;
  /** How far the watch is complete, and when it was last seen alive. */
  proof: string;
  /** Rows that came while the view was paused; empty without. */
  waiting: string;
  count: string;
  /** Rows that came between two drawings and did not fit on the screen; empty for none. */
  folded: string;
  /** What was forgotten; empty for nothing. */
  forgotten: string;
  /** What is said where there is no row. */
  empty: string;
  /** Whether the watch ended and can be begun again. */
  hasEnded: boolean;
  /** Events of the last 60 seconds, the oldest first. */
  rate: number[];
  rateText: string;
}

/** What a panel needs to come back after a reload. */
export interface PanelState {
  cluster: string;
  inventory: string;
  /** Whether it is still the cluster that the revision is of. */
  identity: string;
  /** Base64. */
  prefix: string;
  isKey: boolean;
  /** The first revision to tell; undefined: from now on. */
  fromRevision: number | undefined;
  /** Changes that were told so far. */
  changes: number;
  filter: PanelFilter;
  isGrouped: boolean;
}

/** The words of the panel that do not change. */
export interface PanelWords {
  columns: {
    revision: string;
    time: string;
    type: string;
    key: string;
    size: string;
    change: string;
  };
  types: Record<ChangeType, string>;
  pause: string;
  resume: string;
  filter: string;
  regex: string;
  group: string;
  startFrom: string;
  startAgain: string;
  exportRows: string;
  open: string;
  compare: string;
  copyKey: string;
  copyRow: string;
  onlyKey: string;
  rows: string;
  keyboard: string;
  filtering: string;
}

export type RowAction = 'open' | 'compare' | 'copyKey' | 'copyRow';

/** From the editor. */
export type ToPanel =
  | { type: 'begin'; words: PanelWords; state: PanelState }
  /** `newest` are the newest rows, so that who stays with them need not ask. */
  | { type: 'tick'; status: PanelStatus; newest: RowModel[]; state: PanelState }
  | { type: 'rows'; generation: number; rows: RowModel[] }
  /** `problem` is empty for a filter that is in use. */
  | { type: 'filter'; filter: PanelFilter; isGrouped: boolean; problem: string };

/** From the panel. */
export type FromPanel =
  | { type: 'ready' }
  /** A tick was drawn; the next one may come. `newest`: rows that fit on the screen. */
  | { type: 'drawn'; newest: number }
  /** Asks for the rows from place `from` up to, but without, `to`. */
  | { type: 'rows'; generation: number; from: number; to: number }
  | { type: 'pause'; isPaused: boolean }
  | { type: 'filter'; filter: PanelFilter }
  | { type: 'group'; isGrouped: boolean }
  | { type: 'startFrom' }
  | { type: 'startAgain' }
  | { type: 'export' }
  /** Filters by the key of a row alone. */
  | { type: 'onlyKey'; seq: number }
  | { type: 'row'; seq: number; action: RowAction };
