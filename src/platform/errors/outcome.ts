import type { ErrorReport } from './errors';

/** What every result of the work on a target says. */
export interface Outcome {
  status: string;
  error?: ErrorReport;
}

const failures: ReadonlySet<string> = new Set(['failed', 'unhealthy']);

/** Whether it counts as one where a batch stops after failures. */
export function isFailure({ status }: Outcome): boolean {
  return failures.has(status);
}
