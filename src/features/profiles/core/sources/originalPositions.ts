import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LEAST_UPPER_BOUND, originalPositionFor, TraceMap } from '@jridgewell/trace-mapping';
import { isElsewhere } from '../../../../platform/files/isElsewhere';
import { largestFile, readRegularText, withRegularFile } from '../../../../platform/files/regularFile';

const largestMap = largestFile.sourceMap;
/** Bytes of the end of a file that names its source map. */
const tailBytes = 64 * 1024;
const named = /\/\/[#@] sourceMappingURL=(\S+)\s*$|\/\*[#@] sourceMappingURL=(\S+?)\s*\*\/\s*$/;

/** A place in the source that a place of generated code was made from. */
export interface OriginalPosition {
  file: string;
  line: number;
  column: number;
  /** As it is called in the source. */
  name?: string;
}

/** Leads from places of one generated file to those of its sources. Lines and columns count from 1. */
export interface OriginalPositions {
  /** Without a column, by the first place of the line; none where the line is made of several. */
  of(line: number, column?: number): OriginalPosition | undefined;
}

/** undefined for a file without a source map, or with one that cannot be read. */
export async function originalPositions(generated: string): Promise<OriginalPositions | undefined> {
  try {
    const url = await urlOfMap(generated);
    if (url === undefined) return undefined;
    const data = /^data:application\/json[^,]*?(;base64)?,(.*)$/s.exec(url);
    const file = data ? generated : url.startsWith('file:') ? fileURLToPath(url) : beside(generated, url);
    // Whoever wrote the name does not make this machine talk to another.
    if (!data && isElsewhere(file)) return undefined;
    const text = data ? decoded(data[2]!, data[1] !== undefined) : await readRegularText(file, largestMap);
    // Against cross-site inclusion some servers put this in front.
    const map = new TraceMap(text.replace(/^\)\]\}'[^\n]*\n/, ''), file);
    return { of: (line, column) => positionIn(map, file, line, column) };
  } catch {
    return undefined;
  }
}

function positionIn(
  map: TraceMap,
  mapFile: string,
  line: number,
  column: number | undefined,
): OriginalPosition | undefined {
  const at = { line, column: Math.max(0, (column ?? 1) - 1) };
  const onLine = originalPositionFor(map, at);
  const found =
    onLine.source === null ? originalPositionFor(map, { ...at, bias: LEAST_UPPER_BOUND }) : onLine;
  const { source } = found;
  if (source === null) return undefined;
  if (column === undefined && isMadeOfSeveral(map, line, { source, line: found.line })) return undefined;
  return {
    ...{ file: pathOfSource(source, mapFile), line: found.line, column: found.column + 1 },
    ...(found.name !== null && { name: found.name }),
  };
}

/** Lines of the source that one line of compiled code is made of, at most; bundles put whole programs on a line. */
const mostLines = 5;

function isMadeOfSeveral(map: TraceMap, line: number, first: { source: string; line: number }): boolean {
  const last = originalPositionFor(map, { line, column: 2 ** 30 });
  return last.source !== first.source || Math.abs(last.line - first.line) > mostLines;
}

/** Bundlers name sources by schemes of their own, below which is the path from the root of the project. */
function pathOfSource(source: string, mapFile: string): string {
  if (source.startsWith('file:')) return fileURLToPath(source);
  if (/^[a-z-]+:\/\//.test(source)) return source;
  return resolve(dirname(mapFile), decodeURIComponent(source));
}

async function urlOfMap(generated: string): Promise<string | undefined> {
  return withRegularFile(generated, async (file, { size }) => {
    const length = Math.min(size, tailBytes);
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
    const match = named.exec(buffer.toString('utf8').trimEnd());
    if (match) return match[1] ?? match[2];
    // A map within the file is longer than its end.
    if (size <= length || size > largestMap) return undefined;
    const whole = await readRegularText(generated, largestMap);
    const inline = named.exec(whole.trimEnd());
    return inline?.[1] ?? inline?.[2];
  });
}

/** Maps are read from this machine only. */
function beside(generated: string, url: string): string {
  if (/^[a-z-]+:/i.test(url) || url.startsWith('//')) throw new TypeError(`not a file: ${url}`);
  return resolve(dirname(generated), decodeURIComponent(url));
}

const decoded = (text: string, isBase64: boolean) =>
  isBase64 ? Buffer.from(text, 'base64').toString('utf8') : decodeURIComponent(text);
