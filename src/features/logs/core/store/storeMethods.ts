import type { LogFilter, TextPattern } from '../filter/logFilter';
import type { LogDetails, LogRow } from '../logRow';
import type { LogSink } from './logSink';
import type { LogStoreOptions } from './logStore';
import type { FindState, Histogram, ViewState } from '../logView';
import type { FoundMatch } from './storeView';

/** What the store tells by itself. */
export type StoreNews =
  | { kind: 'view'; view: number; state: ViewState }
  | { kind: 'find'; view: number; state: FindState }
  | { kind: 'numbers'; numbers: StoreNumbers };

export interface StoreNumbers {
  lines: number;
  bytes: number;
  firstSeq: number;
  endSeq: number;
  late: number;
}

/** Rows that were read, and how far; rows that were dropped before are a `gap` of all streams. */
export interface RowsRead {
  rows: LogRow[];
  next: number;
  end: number;
}

type Later<Value> = Value | Promise<Value>;

/** What a session asks of its store, wherever that is. */
export interface StoreMethods {
  openView(view: number, filter: LogFilter): ViewState;
  closeView(view: number): void;
  setFilter(view: number, filter: LogFilter): ViewState;
  find(view: number, pattern: TextPattern | undefined): FindState;
  neighbour(view: number, position: number, direction: 1 | -1): Later<FoundMatch | undefined>;
  rows(view: number, from: number, to: number): LogRow[];
  positionOf(view: number, seq: number): number;
  positionAt(view: number, time: number): number;
  histogram(view: number, buckets: number, from?: number, to?: number): Histogram;
  text(view: number, from: number, to: number, prefixed: boolean): { text: string; next: number };
  details(seq: number): LogDetails | undefined;
  /** Rows from the seq `from` on that the filter of a view lets pass, and where to go on. @throws MusterError USAGE */
  read(filter: LogFilter, from: number): RowsRead;
  /** Merges what waits. */
  settle(): void;
}

/** Between a session and a thread that has its store. */
export interface StoreContract {
  data: Pick<LogStoreOptions, 'memory' | 'holdMs'>;
  methods: StoreMethods &
    Pick<LogSink, 'expect' | 'open' | 'event' | 'phase' | 'written'> & {
      /** Bytes of several streams: of each its number, where its bytes begin and where they end. */
      bytes(buffer: ArrayBuffer, parts: readonly number[]): void;
    };
  news: {
    told(news: StoreNews): void;
    /** Of channels: their number, bytes received so far, and bytes that wait to be merged. */
    taken(feeds: readonly number[]): void;
    /** A buffer that may be used again. */
    emptied(buffer: ArrayBuffer): void;
  };
}
