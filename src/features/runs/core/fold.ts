import { createHash } from 'node:crypto';
import { exampleOf, withoutNames } from '../../../platform/batch/exampleOf';
import { compactHostSet } from '../../../platform/inventory/selection/hostSet';
import type { RunResult } from './runBatch';

/** Hosts whose exit and output are the same. */
export interface FoldedGroup {
  hosts: string[];
  /** The hosts written compactly, e.g. `web-[01-18]`. */
  hostSet: string;
  /** One of the results, standing for all. */
  result: RunResult;
}

/** Groups results by status, exit and output as clubak does: the biggest group last, else in the order given. */
export function foldResults(results: readonly RunResult[]): FoldedGroup[] {
  const groups = new Map<string, RunResult[]>();
  for (const result of results) {
    const key = foldKey(result);
    const group = groups.get(key);
    if (group) group.push(result);
    else groups.set(key, [result]);
  }
  return [...groups.values()]
    .sort((a, b) => a.length - b.length)
    .map((group) => {
      const hosts = group.map((result) => result.host);
      return { hosts, hostSet: compactHostSet(hosts), result: exampleOf(group) };
    });
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
