import type { ErrorReport } from '../errors/errors';
import { compactHostSet } from '../inventory/selection/hostSet';
import { exampleOf } from './exampleOf';

/** Hosts on which the same came of it. */
export interface Folded<Result> {
  hosts: string[];
  /** The hosts written compactly, e.g. `web-[01-18]`. */
  hostSet: string;
  /** One of the results, standing for all. */
  result: Result;
}

/** Groups results with the same key: the biggest group last, else in the order given. */
export function foldBy<Result extends { host: string; error?: ErrorReport | undefined }>(
  results: readonly Result[],
  keyOf: (result: Result) => string,
): Folded<Result>[] {
  const groups = new Map<string, Result[]>();
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
