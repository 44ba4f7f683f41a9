import { MusterError } from '../../errors/errors';

export type FileFailure =
  | 'notFound'
  | 'noPermission'
  | 'exists'
  | 'notAFile'
  | 'notADirectory'
  | 'tooLarge'
  | 'noSpace'
  | 'changed'
  | 'unsupported'
  | 'failed';

/** What a host answered about one of its files. */
export class FileError extends MusterError {
  constructor(
    readonly failure: FileFailure,
    message: string,
    details: { host: string; hint?: string; cause?: unknown },
  ) {
    super(failure === 'noSpace' ? 'NO_SPACE' : 'PROTOCOL', message, { phase: 'request', ...details });
  }

  static of(error: unknown, ...failures: FileFailure[]): error is FileError {
    return error instanceof FileError && (failures.length === 0 || failures.includes(error.failure));
  }
}
