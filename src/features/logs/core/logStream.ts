import type { ErrorReport } from '../../../platform/errors/errors';

/**
 * - `connecting` the first time, or `reconnecting` after the link was lost; see `error` for why
 * - `unreachable`: there was no link yet, for the reason in `error`, and it is tried again
 * - `waiting` for a file that does not exist yet
 * - `reading` what was there before, as long as nothing has come; then `following`
 * - `ended`: nothing more comes, and nothing is wrong; `failed`: see `error`
 */
export type StreamState =
  'connecting' | 'unreachable' | 'reconnecting' | 'waiting' | 'reading' | 'following' | 'ended' | 'failed';

/** The lines of one file, unit or command on one host, in the order in which it wrote them. */
export interface LogStream {
  /** Small integers from 0, in the order of appearance; a glob may gain files. */
  readonly id: number;
  /** Name of the host in the inventory; empty for this machine. */
  readonly host: string;
  /** Name of its source. */
  readonly source: string;
  /** The file's path, `journal` or the unit's name, or the command line. */
  readonly label: string;
  readonly state: StreamState;
  readonly error?: ErrorReport;
  /** Of bytes and lines received so far. */
  readonly bytes: number;
  readonly lines: number;
}
