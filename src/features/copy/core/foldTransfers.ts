import { exampleOf, withoutNames } from '../../../platform/batch/exampleOf';
import { compactHostSet } from '../../../platform/inventory/selection/hostSet';
import type { TransferResult } from './copyBatch';

/** Hosts on which the same came of it. */
export interface FoldedTransfer {
  hosts: string[];
  /** The hosts written compactly, e.g. `web-[01-18]`. */
  hostSet: string;
  /** One of the results, standing for all. */
  result: TransferResult;
}

/** Groups results by what came of them: the biggest group last, else in the order given. */
export function foldTransfers(results: readonly TransferResult[]): FoldedTransfer[] {
  const groups = new Map<string, TransferResult[]>();
  for (const result of results) {
    const key = keyOf(result);
    const group = groups.get(key);
    if (group) group.push(result);
    else groups.set(key, [result]);
  }
  return [...groups.values()]
    .sort((a, b) => a.length - b.length)
    .map((group) => {
      const hosts = group.map(({ host }) => host);
      return { hosts, hostSet: compactHostSet(hosts), result: exampleOf(group) };
    });
}

function keyOf({ host, status, changedFiles, sameFiles, error, changes, ...rest }: TransferResult): string {
  const { leftOut, leftBehind, partial } = rest;
  const failure = error && [error.code, withoutNames([error.message, ...error.causes], host)];
  return JSON.stringify([status, changedFiles, sameFiles, failure, changes, leftOut, leftBehind, partial]);
}
