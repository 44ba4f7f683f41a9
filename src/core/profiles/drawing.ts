import { MusterError } from '../errors';
import { type LoadedProfile, profileOf } from './loadedProfile';
import { toSpeedscope } from './toSpeedscope';

/** What speedscope is given. */
export interface Drawing {
  bytes: Uint8Array;
  /** What people are told above the graph. */
  notes: readonly string[];
  /** Identical stacks are merged: there is no order in time any more. */
  isMerged: boolean;
}

/** Formats without an order in time, of which speedscope alone draws less than is in them. */
const unordered = ['pprof', 'folded', 'heapprofile'];

/**
 * A profile as speedscope draws it: as it is where speedscope reads all of it, else merged by stack, with every type of
 * values and every inlined frame.
 */
export function drawing(loaded: LoadedProfile): Drawing {
  const { name, bytes, read } = loaded;
  if (bytes && read instanceof MusterError) return { bytes, notes: [], isMerged: false };
  const profile = profileOf(loaded);
  const isOrdered = !unordered.includes(profile.format);
  if (bytes && isOrdered) return { bytes, notes: profile.notes, isMerged: false };
  const parts: Buffer[] = [];
  let text = '';
  for (const part of toSpeedscope(profile, name)) {
    if ((text += part).length < 65_536) continue;
    parts.push(Buffer.from(text));
    text = '';
  }
  parts.push(Buffer.from(text));
  return { bytes: Buffer.concat(parts), notes: profile.notes, isMerged: isOrdered };
}
