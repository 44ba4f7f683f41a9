import { MusterError } from '../core/errors';

/** What the user asked for cannot be: exit status 2, nothing is run. */
export function usageError(message: string, hint?: string): MusterError {
  return new MusterError('INVENTORY', message, { hint });
}
