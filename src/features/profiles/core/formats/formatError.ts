import { MusterError } from '../../../../platform/errors/errors';

/** A file is not what its format says. */
export function formatError(message: string, hint?: string, cause?: unknown): MusterError {
  return new MusterError('FORMAT', message, { ...(hint !== undefined && { hint }), cause });
}
