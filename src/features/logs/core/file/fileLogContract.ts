import type { LogFilter } from '../filter/logFilter';
import type { LogDetails } from '../logRow';
import type { LogStats } from '../logSession';
import type { LogStream } from '../logStream';
import type { FindState, LogView, ViewState } from '../logView';

/** Which bytes of a file are covered, of how many. */
export interface FileReach {
  readonly start: number;
  readonly end: number;
  readonly size: number;
}

/** Methods of a view that its thread carries out as they are. */
export type ViewMethod = 'rows' | 'positionOf' | 'positionAt' | 'find' | 'next' | 'previous' | 'histogram';

type ViewMethods = {
  [Name in ViewMethod]: (view: number, ...args: Parameters<LogView[Name]>) => ReturnType<LogView[Name]>;
};

/** Between a log on screen and the thread that reads its file; views go by numbers. */
export interface FileLogContract {
  data: { path: string };
  methods: ViewMethods & {
    open(view: number, filter: LogFilter): Promise<ViewState>;
    close(view: number): void;
    setFilter(view: number, filter: LogFilter): Promise<ViewState>;
    text(view: number, from: number, to: number, prefixed: boolean): Promise<string>;
    details(seq: number): Promise<LogDetails | undefined>;
  };
  news: {
    streams(streams: readonly LogStream[]): void;
    stats(stats: LogStats, reach: FileReach): void;
    state(view: number, state: ViewState): void;
    found(view: number, state: FindState): void;
  };
}
