/** Exit statuses, part of the public contract. */
export const exitStatus = {
  /** All healthy or ok. */
  ok: 0,
  /** Something is not. */
  failed: 1,
  /** Bad usage or inventory: nothing was run. */
  usage: 2,
  /** A fault of Muster itself (EX_SOFTWARE of sysexits.h). */
  internal: 70,
  /** The output cannot be written, e.g. the disk is full (EX_IOERR). */
  output: 74,
  hangup: 129,
  interrupted: 130,
  /** Whoever read the output has gone. */
  brokenPipe: 141,
  terminated: 143,
} as const;

/** The command line asks for what cannot be. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
