import { createHash } from 'node:crypto';
import { withoutNames } from '../../../platform/batch/exampleOf';
import { foldBy, type Folded } from '../../../platform/batch/foldBy';
import type { RunResult } from './runBatch';

/** Hosts whose exit and output are the same. */
export type FoldedGroup = Folded<RunResult>;

/** Groups results by status, exit and output as clubak does: the biggest group last, else in the order given. */
export function foldResults(results: readonly RunResult[]): FoldedGroup[] {
  return foldBy(results, foldKey);
}

function foldKey(result: RunResult): string {
  const { status, exitCode, signal, error, droppedBytes } = result;
  const failure = error && [
    error.code,
    error.phase,
    withoutNames([error.message, ...error.causes], result.host),
  ];
  return createHash('sha256')
    .update(JSON.stringify([status, exitCode, signal, droppedBytes, failure, result.stdout.length]))
    .update(result.stdout)
    .update(result.stderr)
    .digest('base64');
}
