/** What a watch panel and the editor tell each other. The editor words and bounds everything that is shown. */
import type { AnswerMessage, NoArgs, RequestMessage } from '../../../shell/protocol/requests';
import type { RowNews, RowRequests, RowStatus } from '../../../shell/protocol/rows';

export const changeTypes = ['put', 'delete', 'expired'] as const;
export type ChangeType = (typeof changeTypes)[number];

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
export interface PanelStatus extends RowStatus {
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

export const rowActions = ['open', 'compare', 'copyKey', 'copyRow'] as const;
export type RowAction = (typeof rowActions)[number];

/** What a page begins with. */
export interface WatchBeginning {
  words: PanelWords;
  state: PanelState;
}

export interface WatchRequests {
  pause: { args: { isPaused: boolean }; result: void };
  filter: { args: { filter: PanelFilter }; result: void };
  group: { args: { isGrouped: boolean }; result: void };
  startFrom: { args: NoArgs; result: void };
  startAgain: { args: NoArgs; result: void };
  export: { args: NoArgs; result: void };
  /** Filters by the key of a row alone. */
  onlyKey: { args: { seq: number }; result: void };
  row: { args: { seq: number; action: RowAction }; result: void };
}

/** `problem` is empty for a filter that is in use. */
export interface FilterNews {
  type: 'filter';
  filter: PanelFilter;
  isGrouped: boolean;
  problem: string;
}

/** From the editor. */
export type ToPanel =
  | ({ type: 'begin' } & WatchBeginning)
  | RowNews<RowModel, PanelStatus>
  | AnswerMessage<RowRequests<RowModel> & WatchRequests>
  | FilterNews;

/** From the panel. */
export type FromPanel = RequestMessage<RowRequests<RowModel> & WatchRequests>;
