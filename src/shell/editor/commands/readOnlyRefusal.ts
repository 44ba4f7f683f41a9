import { MusterError } from '../../../platform/errors/errors';
import type { Host } from '../../../platform/inventory/model';
import { refuseReadOnly } from '../../../platform/inventory/readOnly';

/** Why work that changes these hosts would be refused. */
export function readOnlyRefusal(hosts: readonly Host[]): string | undefined {
  try {
    refuseReadOnly(hosts);
    return undefined;
  } catch (error) {
    if (!MusterError.is(error, 'READ_ONLY')) throw error;
    return [error.message, error.hint].filter(Boolean).join('. ');
  }
}
