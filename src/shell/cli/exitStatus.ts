import { type ErrorCode, MusterError } from '../../platform/errors/errors';

/** Exit statuses, part of the public contract. */
export const exitStatus = {
  /** All healthy or ok. */
  ok: 0,
  /** Something is not. */
  failed: 1,
  /** Bad usage or inventory: nothing was run. */
  usage: 2,
  /** No difference was found, but something that was asked for cannot be seen. */
  partial: 3,
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

/** What an error that ends a command exits with, where that is not `failed`. */
const statuses: Partial<Record<ErrorCode, number>> = {
  USAGE: exitStatus.usage,
  INVENTORY: exitStatus.usage,
  READ_ONLY: exitStatus.usage,
  UNTRUSTED: exitStatus.usage,
  CANCELLED: exitStatus.interrupted,
  INTERNAL: exitStatus.internal,
};

/** The exit status of any command that ends with this error. */
export const exitStatusOf = (code: ErrorCode): number => statuses[code] ?? exitStatus.failed;

/** The command line asks for what cannot be. */
export class UsageError extends MusterError {
  constructor(message: string) {
    super('USAGE', message);
  }
}
