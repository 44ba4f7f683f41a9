import { createHash } from 'node:crypto';
import type { ErrorReport } from '../errors/errors';
import { t } from '../l10n/l10n';
import { compactHostSet } from '../inventory/selection/hostSet';
import type { RunResult } from '../../features/runs/core/runBatch';

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

/** The first of results with the same trouble. Where their words differ in names or addresses it says whose they are. */
export function exampleOf<Result extends { host: string; message?: string; error?: ErrorReport | undefined }>(
  group: readonly Result[],
): Result {
  const first = group[0]!;
  const wordsOf = ({ message, error }: Result) => JSON.stringify([message, error?.message, error?.causes]);
  const words = wordsOf(first);
  if (group.every((result) => wordsOf(result) === words)) return first;
  const marked = (text: string) => t('for example on {0}: {1}', first.host, text);
  const { message, error } = first;
  return {
    ...first,
    ...(message !== undefined && { message: marked(message) }),
    ...(error && { error: { ...error, message: marked(error.message) } }),
  };
}

/** Two hosts that fail in the same way differ in their name and address only. */
export function withoutNames(messages: readonly string[], host: string): string {
  const name = new RegExp(`(?<![\\w-])${host.replace(/[^\w-]/g, '\\$&')}(?![\\w-])`, 'g');
  return messages
    .join('\n')
    .replace(/\b\d{1,3}(\.\d{1,3}){3}(:\d+)?\b|\[?[0-9a-f]*:[0-9a-f:]+\]?(:\d+)?/gi, '{address}')
    .replace(name, '{name}');
}
