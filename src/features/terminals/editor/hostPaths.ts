/** A path in a line of output, with what follows it: `/etc/hosts:12:3`. Lines and columns count from 1. */
export interface HostPath {
  path: string;
  line?: number;
  column?: number;
  start: number;
  length: number;
}

/** Longer lines hold no paths that anybody reads. */
const maxLine = 4096;
const maxPaths = 50;

/** Absolute paths only: nobody knows the folder that a shell is in. Not the tail of a URL, nor a lone slash. */
const pattern =
  /(?<![\p{L}\p{N}_.~:/@\\-])\/(?:[\p{L}\p{N}_.@%+,=~-]+\/)*[\p{L}\p{N}_.@%+,=~-]*[\p{L}\p{N}_@%+=~-]\/?(?::(\d{1,9})(?::(\d{1,9}))?)?/gu;

export function findHostPaths(text: string): HostPath[] {
  if (text.length > maxLine) return [];
  const found: HostPath[] = [];
  for (const match of text.matchAll(pattern)) {
    const [all, line, column] = match;
    const place = [line, column].filter((part) => part !== undefined);
    const path = all.slice(0, all.length - place.reduce((sum, part) => sum + part.length + 1, 0));
    found.push({
      path,
      ...(line !== undefined && { line: Number(line) }),
      ...(column !== undefined && { column: Number(column) }),
      start: match.index,
      length: all.length,
    });
    if (found.length === maxPaths) break;
  }
  return found;
}
