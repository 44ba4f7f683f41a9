import type { Host } from '../../../platform/inventory/model';
import type { LogFilter } from './filter/logFilter';
import type { LogDetails, LogRow } from './logRow';
import type { LogSource } from './logSource';
import type { LogStream } from './logStream';
import type { Listen, LogView } from './logView';

/** Where to begin: the end, the last bytes of each file, the beginning, or a time (milliseconds since 1970). */
export type LogStart = 'end' | 'recent' | 'beginning' | { readonly time: number };

/** One source on the hosts that have it, or on this machine. */
export interface LogTarget {
  readonly source: LogSource;
  /** Undefined is this machine. */
  readonly host: Host | undefined;
}

export interface LogRequest {
  readonly targets: readonly LogTarget[];
  /** Default: recent. */
  readonly start?: LogStart;
  /** False reads what is there and ends. Default: true. */
  readonly follow?: boolean;
}

/** How a session fares; told about ten times a second. */
export interface LogStats {
  /** Of lines and bytes received, all in all. */
  readonly lines: number;
  readonly bytes: number;
  /** Lines received in the last second. */
  readonly rate: number;
  /** Lines kept, and the oldest and newest of them. */
  readonly retained: number;
  readonly firstSeq: number;
  readonly endSeq: number;
  /** The oldest lines, dropped because memory is bounded. */
  readonly dropped: number;
  /** Lines that came too late for their place. */
  readonly late: number;
  /** Whether sources are held back because lines cannot be taken in as fast as they come. */
  readonly throttled: boolean;
}

/**
 * Lines of many hosts as one sequence that grows at its end. Made by `core.logs.follow`; disposing it ends every
 * process that it started on a host.
 */
export interface LogSession {
  /** By id; states change, and globs gain files. */
  readonly streams: readonly LogStream[];
  readonly onStreams: Listen<readonly LogStream[]>;
  readonly stats: LogStats;
  readonly onStats: Listen<LogStats>;
  /** Follows more; what is followed already is not followed twice. */
  add(request: LogRequest): void;
  /** Opens a view; several may be open, each with its own filter. @throws MusterError USAGE */
  view(filter?: LogFilter): Promise<LogView>;
  /**
   * Every row from the oldest that is kept, in parts as they come; ends when all streams have ended, or `signal`
   * aborts. While they are not taken sources are held back, so that none is dropped before it was read;
   * where long lines fill the memory before that, a `gap` of all streams says how many were.
   * @throws MusterError USAGE
   */
  read(filter: LogFilter, signal: AbortSignal): AsyncIterable<readonly LogRow[]>;
  /** Undefined if the row has been dropped. */
  details(seq: number): Promise<LogDetails | undefined>;
  /** Resolves when every stream has ended; never while one is followed. */
  readonly ended: Promise<void>;
  dispose(): Promise<void>;
}
