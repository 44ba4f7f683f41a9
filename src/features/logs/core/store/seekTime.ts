import type { Deadline } from '../../../../platform/batch/deadline';
import type { LogZone } from '../recognise/logZone';
import { latestWrite } from '../follow/modificationTime';
import { LineRecogniser } from '../recognise/recogniseLine';
import type { RangedFile } from '../file/rangedFile';

/** Bytes that are read to find a line with a time. */
const blockBytes = 65_536;
const newline = 0x0a;

/**
 * The offset of the first line of `time` (milliseconds since 1970) or later, found by halving: times are taken to
 * rise. The file's size if all lines are earlier. @throws MusterError
 */
export async function seekTime(
  file: RangedFile,
  time: number,
  deadline: Deadline,
  zone: LogZone = { offsetMs: 0 },
): Promise<number> {
  const recogniser = new LineRecogniser('auto');
  recogniser.zone = zone;
  let low = 0;
  let high = file.size;
  // All lines that begin before `low` are earlier; the one at `high` is not, or is the end.
  while (high - low > blockBytes) {
    const middle = Math.floor((low + high) / 2);
    const line = await timedLine(file, middle, high, recogniser, deadline);
    if (!line || line.time >= time) high = middle;
    else low = line.offset;
  }
  return firstLater(file, low, time, recogniser, deadline);
}

/** The first line with a time that begins after `offset`, before `limit`. */
async function timedLine(
  file: RangedFile,
  offset: number,
  limit: number,
  recogniser: LineRecogniser,
  deadline: Deadline,
): Promise<{ offset: number; time: number } | undefined> {
  for (let at = offset; at < limit; at += blockBytes / 2) {
    const block = Buffer.from(await file.read(at, blockBytes, deadline));
    if (block.length === 0) return undefined;
    let start = block.indexOf(newline) + 1;
    if (start === 0) continue;
    for (let end = block.indexOf(newline, start); end >= 0; end = block.indexOf(newline, start)) {
      recogniser.read(block, start, end, latestWrite(file));
      if (at + start >= limit) return undefined;
      if (!isNaN(recogniser.time)) return { offset: at + start, time: recogniser.time };
      start = end + 1;
    }
  }
  return undefined;
}

/** Line by line from the beginning of one. */
async function firstLater(
  file: RangedFile,
  offset: number,
  time: number,
  recogniser: LineRecogniser,
  deadline: Deadline,
): Promise<number> {
  let at = offset;
  while (at < file.size) {
    const block = Buffer.from(await file.read(at, blockBytes * 2, deadline));
    if (block.length === 0) return at;
    let start = 0;
    for (let end = block.indexOf(newline, start); end >= 0; end = block.indexOf(newline, start)) {
      recogniser.read(block, start, end, latestWrite(file));
      if (recogniser.time >= time) return at + start;
      start = end + 1;
    }
    // A line longer than a block has told its time, or has none.
    at += start === 0 ? block.length : start;
  }
  return at;
}
