import { MusterError } from '../errors';
import { readProfile } from './readProfile';
import { toSpeedscope } from './toSpeedscope';

/** Bytes of a file up to which speedscope reads it by itself, with its order in time. */
const mostAsItIs = 20_000_000;

/** What speedscope is given. */
export interface DrawableProfile {
  bytes: Uint8Array;
  /** What people are told above the graph. */
  notes: string[];
  /** Identical stacks are merged: there is no order in time any more. */
  isMerged: boolean;
}

/**
 * A profile as speedscope draws it: as it is where speedscope reads all of it, else merged by stack, with every type of
 * values and every inlined frame. @throws MusterError FORMAT, TOO_LARGE
 */
export async function drawableProfile(bytes: Uint8Array, name: string): Promise<DrawableProfile> {
  try {
    const profile = await readProfile(bytes, name);
    const keepsOrder = !['pprof', 'folded', 'heapprofile'].includes(profile.format);
    if (keepsOrder && bytes.length <= mostAsItIs)
      return { bytes, notes: [...profile.notes], isMerged: false };
    const parts: Buffer[] = [];
    let text = '';
    for (const part of toSpeedscope(profile, name)) {
      if ((text += part).length < 65_536) continue;
      parts.push(Buffer.from(text));
      text = '';
    }
    parts.push(Buffer.from(text));
    return { bytes: Buffer.concat(parts), notes: [...profile.notes], isMerged: keepsOrder };
  } catch (error) {
    // Recordings of the JVM are speedscope's own to read.
    const isJfr = Buffer.from(bytes.subarray(0, 4)).toString('latin1') === 'FLR\0';
    if (MusterError.is(error, 'FORMAT') && isJfr) return { bytes, notes: [], isMerged: false };
    throw error;
  }
}
