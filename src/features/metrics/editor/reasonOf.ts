import type { ErrorReport } from '../../../platform/errors/errors';
import { printable } from '../../../platform/text/printable';

/** Why a source could not be read, and what the user can do. */
export function reasonOf({ message, hint }: ErrorReport): string {
  return printable([message, hint].filter(Boolean).join(' — '), 500);
}
