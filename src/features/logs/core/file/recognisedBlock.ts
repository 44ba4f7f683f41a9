import type { Continues } from '../recognise/continuation';
import type { LogZone } from '../recognise/logZone';
import { LineRecogniser } from '../recognise/recogniseLine';
import type { TimeSource } from '../logRow';
import type { BlockLines } from './fileBlocks';

export const timeSources = ['none', 'before', 'line', 'offset'] as const satisfies readonly TimeSource[];

/** Time, level and record of each line of a block. */
export interface RecognisedBlock {
  /** Milliseconds since 1970; of a line that tells none that of the line before, NaN without. */
  times: Float64Array;
  /** Indices into `logLevels`. */
  levels: Uint8Array;
  /** 1 for lines that go on with the record before. */
  continues: Uint8Array;
  /** Indices into `timeSources`. */
  sources: Uint8Array;
}

/**
 * What the lines of a block tell of themselves. `zone`: of times without one. `latest`: when they were written at the
 * latest, in milliseconds since 1970, for times without a year.
 */
export function recogniseBlock(
  { bytes, starts, ends }: BlockLines,
  goesOn: Continues,
  zone: LogZone,
  latest: number,
): RecognisedBlock {
  const recogniser = new LineRecogniser('auto');
  recogniser.zone = zone;
  const count = starts.length;
  const [times, levels, continues] = [new Float64Array(count), new Uint8Array(count), new Uint8Array(count)];
  const sources = new Uint8Array(count);
  let time = NaN;
  let level = 0;
  for (let line = 0; line < count; line++) {
    const [start, end] = [starts[line]!, ends[line]!];
    if (line > 0 && goesOn(bytes, start, end)) continues[line] = 1;
    else {
      recogniser.read(bytes, start, end, latest);
      if (!Number.isNaN(recogniser.time)) {
        time = recogniser.time;
        sources[line] = recogniser.isCertain ? 2 : 3;
      }
      if (recogniser.continuesRecord && !Number.isNaN(time)) continues[line] = 1;
      else level = recogniser.level;
    }
    if (sources[line] === 0 && !Number.isNaN(time)) sources[line] = 1;
    times[line] = time;
    levels[line] = level;
  }
  return { times, levels, continues, sources };
}
