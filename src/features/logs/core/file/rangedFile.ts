import type { Deadline } from '../../../../platform/batch/deadline';

/** A file that is read in parts, on a host or here, without copying it. */
export interface RangedFile {
  readonly host: string;
  readonly path: string;
  /** Bytes when it was opened or last read. */
  readonly size: number;
  /** When it was modified last before it was opened or last seen to grow, in milliseconds since 1970, if that is known. */
  readonly modified?: number;
  /** Up to `length` bytes from `offset`; fewer at the end of the file. @throws MusterError */
  read(offset: number, length: number, deadline: Deadline): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Progress in bytes. */
export interface BytesProgress {
  readonly done: number;
  readonly total: number;
}
