import { homeFolder } from '../../../platform/files/homeFolder';
import type { ErrorReport } from '../../../platform/errors/errors';

/** A line of a file, counted from 1. */
export interface Place {
  file: string;
  line: number;
}

/** The known_hosts entry that a HOST_KEY_MISMATCH names as `path:line`; a fingerprint's slashes begin no path. */
export function knownHostsPlace(error: Pick<ErrorReport, 'message' | 'causes'>): Place | undefined {
  for (const text of [error.message, ...error.causes]) {
    const [, file, line] = /(?<=\s|^)((?:~|[A-Za-z]:)?[/\\][^\n:]*):(\d+)/.exec(text) ?? [];
    if (file !== undefined && line !== undefined) {
      return { file: file.replace(/^~(?=[/\\])/, homeFolder()), line: Number(line) };
    }
  }
  return undefined;
}
