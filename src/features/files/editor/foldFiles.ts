import { compactHostSet } from '../../../platform/inventory/selection/hostSet';
import { exampleOf, withoutNames } from '../../../platform/batch/exampleOf';
import type { HostFileResult } from '../../../platform/transport/files/compareFiles';

/** Hosts on which a file has the same content, or cannot be read for the same reason. */
export interface FileGroup {
  hosts: readonly string[];
  /** The hosts written compactly, e.g. `web-[01-18]`. */
  hostSet: string;
  /** One of the results, standing for all. */
  result: HostFileResult;
}

/** Groups by content, the biggest group first; then those that could not be read. */
export function foldFiles(results: readonly HostFileResult[]): FileGroup[] {
  const groups = new Map<string, HostFileResult[]>();
  for (const result of results) {
    const key = foldKey(result);
    const group = groups.get(key);
    if (group) group.push(result);
    else groups.set(key, [result]);
  }
  return [...groups.values()]
    .sort((a, b) => Number(!!a[0]!.error) - Number(!!b[0]!.error) || b.length - a.length)
    .map((group) => {
      const hosts = group.map(({ host }) => host);
      return { hosts, hostSet: compactHostSet(hosts), result: exampleOf(group) };
    });
}

function foldKey({ host, digest, error, failure }: HostFileResult): string {
  if (!error) return `=${digest}`;
  return [failure, error.code, error.phase, withoutNames([error.message, ...error.causes], host)].join('\0');
}
