import type { LogFilter, TextPattern } from './logFilter';
import type { LogDetails, LogRow } from './logRow';
import type { LogSink } from './logSink';
import type { FindState, Histogram, ViewState } from './logView';
import { type RowsRead, StoreHost, type StoreNews } from './storeHost';
import type { FoundMatch } from './storeView';
import type { LogStoreOptions } from './logStore';

/** What a session asks of its store, wherever that is. */
export interface StoreClient {
  readonly sink: LogSink;
  openView(view: number, filter: LogFilter): Promise<ViewState>;
  closeView(view: number): void;
  setFilter(view: number, filter: LogFilter): Promise<ViewState>;
  find(view: number, pattern: TextPattern | undefined): Promise<FindState>;
  neighbour(view: number, position: number, direction: 1 | -1): Promise<FoundMatch | undefined>;
  rows(view: number, from: number, to: number): Promise<LogRow[]>;
  positionOf(view: number, seq: number): Promise<number>;
  positionAt(view: number, time: number): Promise<number>;
  histogram(view: number, buckets: number, from?: number, to?: number): Promise<Histogram>;
  text(view: number, from: number, to: number, prefixed: boolean): Promise<{ text: string; next: number }>;
  details(seq: number): Promise<LogDetails | undefined>;
  /** Rows from the seq `from` on that the filter of a view lets pass, and where to go on. @throws MusterError USAGE */
  read(filter: LogFilter, from: number): Promise<RowsRead>;
  /** Merges what waits. */
  settle(): Promise<void>;
  dispose(): Promise<void>;
}

/** Milliseconds between looks at what was merged, while something waits. */
const drainMs = 10;

/** The store in this thread. */
export function storeHere(options: LogStoreOptions, tell: (news: StoreNews) => void): StoreClient {
  const host = new StoreHost(options, tell);
  const listeners = new Set<() => void>();
  let timer: NodeJS.Timeout | undefined;
  const drained = () => {
    // What is held back sends nothing that would look again.
    timer = host.isPending ? setTimeout(drained, drainMs) : undefined;
    for (const listener of listeners) listener();
  };
  const later = <T>(work: () => T | Promise<T>): Promise<T> => Promise.resolve().then(work);
  return {
    sink: {
      expect: (feed) => host.expect(feed),
      open: (stream) => host.open(stream),
      append: (stream, bytes, start, end) => {
        host.append(stream, bytes, start, end);
        timer ??= setTimeout(drained, drainMs);
      },
      event: (stream, event, endsLine) => host.event(stream, event, endsLine),
      phase: (stream, phase, zone) => host.phase(stream, phase, zone),
      written: (stream, time) => host.written(stream, time),
      pendingOf: (feed) => host.pendingOf(feed),
      onDrain: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    openView: (view, filter) => later(() => host.openView(view, filter)),
    closeView: (view) => host.closeView(view),
    setFilter: (view, filter) => later(() => host.setFilter(view, filter)),
    find: (view, pattern) => later(() => host.find(view, pattern)),
    neighbour: (view, position, direction) => later(() => host.neighbour(view, position, direction)),
    rows: (view, from, to) => later(() => host.rows(view, from, to)),
    positionOf: (view, seq) => later(() => host.positionOf(view, seq)),
    positionAt: (view, time) => later(() => host.positionAt(view, time)),
    histogram: (view, buckets, from, to) => later(() => host.histogram(view, buckets, from, to)),
    text: (view, from, to, prefixed) => later(() => host.text(view, from, to, prefixed)),
    details: (seq) => later(() => host.details(seq)),
    read: (filter, from) => later(() => host.read(filter, from)),
    settle: () => later(() => host.settle()),
    dispose: () => {
      clearTimeout(timer);
      host.dispose();
      return Promise.resolve();
    },
  };
}
