import { withoutNames } from '../../../platform/batch/exampleOf';
import { foldBy, type Folded } from '../../../platform/batch/foldBy';
import type { TransferResult } from './copyBatch';

export type FoldedTransfer = Folded<TransferResult>;

/** Groups results by what came of them: the biggest group last, else in the order given. */
export function foldTransfers(results: readonly TransferResult[]): FoldedTransfer[] {
  return foldBy(results, keyOf);
}

function keyOf({ host, status, changedFiles, sameFiles, error, changes, ...rest }: TransferResult): string {
  const { leftOut, leftBehind, partial } = rest;
  const failure = error && [error.code, withoutNames([error.message, ...error.causes], host)];
  return JSON.stringify([status, changedFiles, sameFiles, failure, changes, leftOut, leftBehind, partial]);
}
