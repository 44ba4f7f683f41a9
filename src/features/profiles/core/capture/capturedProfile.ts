import { basename } from 'node:path';
import { MusterError } from '../../../../platform/errors/errors';
import type { Profile, ProfileFormat } from '../model/profile';
import { largestFile, readRegularFile } from '../../../../platform/files/regularFile';
import { readProfile } from '../formats/readProfile';
import type { CaptureEnding } from './profiler';

/** What the file of a capture holds. */
export interface CapturedProfile {
  /** Undefined for what is drawn but not read, and for what is no profile. */
  profile?: Profile;
  /** The one of its format, where the profiler could not know. */
  ending: CaptureEnding;
  /** It is sound, and has no weight. */
  isEmpty: boolean;
  /** Why it is no profile. */
  error?: MusterError;
}

const endings: Readonly<Record<ProfileFormat, CaptureEnding>> = {
  pprof: '.pb.gz',
  folded: '.folded',
  speedscope: '.speedscope.json',
  cpuprofile: '.cpuprofile',
  heapprofile: '.heapprofile',
  'perf script': '.perf.txt',
  'chrome trace': '.speedscope.json',
  svg: '.profile',
};

/** Reads the file of a capture, all in one go: in an editor, in a thread of its own. */
export async function capturedProfile(file: string, ending: CaptureEnding): Promise<CapturedProfile> {
  const bytes = await readRegularFile(file, largestFile.profile);
  if (bytes.length === 0) return { ending, isEmpty: true };
  // Recordings of the JVM are speedscope's own to read.
  if (bytes.toString('latin1', 0, 4) === 'FLR\0') return { ending: '.jfr', isEmpty: false };
  try {
    const profile = await readProfile(bytes, basename(file));
    const isEmpty =
      !profile.idle && profile.tree.self.every((weights) => weights.every((weight) => weight === 0));
    return { profile, ending: ending === '.profile' ? endings[profile.format] : ending, isEmpty };
  } catch (error) {
    if (!MusterError.is(error, 'FORMAT', 'TOO_LARGE')) throw error;
    return { ending, isEmpty: false, error };
  }
}
