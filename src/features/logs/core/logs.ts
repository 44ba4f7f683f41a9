import type { Host, Inventory } from '../../../platform/inventory/model';
import type { Deadline } from '../../../platform/batch/deadline';
import type { LogRequest, LogSession, LogTarget } from './logSession';
import type { LogOrigin } from './logSource';
import type { BytesProgress, RangedFile } from './file/rangedFile';

export interface FollowOptions {
  /** Bytes of memory for lines and their index; the oldest are dropped beyond it. Default: 256 MiB. */
  memory?: number;
  /** Milliseconds that a line waits for earlier ones of other streams. Default: 400. */
  holdMs?: number;
}

export interface DownloadOptions {
  deadline: Deadline;
  onProgress?: (progress: BytesProgress) => void;
}

/** What `downloadFile` did. */
export interface Downloaded {
  readonly bytes: number;
  /** SHA-256 of the file in hex; `verified` tells whether the host computed the same one. */
  readonly sha256: string;
  readonly verified: boolean;
}

/** The part of the core that has to do with logs. */
export interface Logs {
  follow(request: LogRequest, options?: FollowOptions): LogSession;
  /**
   * What `muster logs` follows: the sources of these names (none: all) on those of the hosts that have them.
   * @throws MusterError INVENTORY for a source that is not there
   */
  targetsOf(inventory: Inventory, hosts: readonly Host[], sources?: readonly string[]): LogTarget[];
  /** A source made up for the moment. */
  targetsFor(hosts: readonly Host[], origin: LogOrigin): LogTarget[];
  /** Opens a file on a host for reading in parts. @throws MusterError */
  open(host: Host, path: string, deadline: Deadline): Promise<RangedFile>;
  /** The offset of the first line of `time` (milliseconds since 1970) or later, found by halving. @throws MusterError */
  seekTime(file: RangedFile, time: number, deadline: Deadline): Promise<number>;
  /**
   * Copies a file of a host with many reads under way at once. A partial copy at `target` + `.part` is resumed, also
   * after a dropped link; the checksum is compared where the host has sha256sum. @throws MusterError
   */
  download(host: Host, path: string, target: string, options: DownloadOptions): Promise<Downloaded>;
  dispose(): Promise<void>;
}
