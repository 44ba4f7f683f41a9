import type { ErrorReport } from '../../errors';
import type { LogStats } from '../logSession';
import type { LogStream } from '../logStream';
import type { FindState, LogView, ViewState } from '../logView';

/** What a view is asked over threads: every method that answers once. */
export type ViewMethod =
  'setFilter' | 'rows' | 'positionOf' | 'positionAt' | 'find' | 'next' | 'previous' | 'histogram';

export type FileLogCall =
  | { method: 'view'; view: number; args: Parameters<LogViewOpener> }
  | { method: 'close'; view: number; args: [] }
  | { method: 'details'; args: [seq: number] }
  | { method: 'text'; view: number; args: [from: number, to: number, prefixed: boolean] }
  | { method: ViewMethod; view: number; args: unknown[] };

type LogViewOpener = (filter?: Parameters<LogView['setFilter']>[0]) => void;

/** Which bytes of a file are covered, of how many. */
export interface FileReach {
  readonly start: number;
  readonly end: number;
  readonly size: number;
}

/** To the thread of a file. */
export type ToFileThread = { call: number } & FileLogCall;

/** From it. */
export type FromFileThread =
  | { type: 'answer'; call: number; value?: unknown; error?: ErrorReport }
  | { type: 'streams'; streams: readonly LogStream[] }
  | { type: 'stats'; stats: LogStats; reach: FileReach }
  | { type: 'state'; view: number; state: ViewState }
  | { type: 'find'; view: number; state: FindState };
