import type { Profile } from './profile';
import { idleNotes } from './idle';
import { pprofTypes } from './pprofTypes';
import { undrawn } from './undrawn';
import type { WrittenFormat } from './profileFormats';
import { toFolded } from './toFolded';
import { toPprof } from './toPprof';
import { toSpeedscope } from './toSpeedscope';

/** A profile in another format, in parts; folded stacks are of one type of values. */
export async function writtenProfile(
  profile: Profile,
  to: WrittenFormat,
  name: string,
  valueType = profile.defaultValueType,
): Promise<Iterable<string | Uint8Array>> {
  if (to === 'pprof') return [await toPprof(profile)];
  return inChunks(to === 'folded' ? toFolded(profile, valueType) : toSpeedscope(profile, name));
}

/** What a format cannot hold of a profile, for people; that folded stacks are of one type of values is no news. */
export function lossIn(to: WrittenFormat, profile: Profile): string[] {
  const notes = idleNotes(profile);
  if (to === 'folded') return notes;
  if (to === 'speedscope') return [...notes, ...undrawn(profile)];
  return [...notes, ...pprofTypes(profile).flatMap(({ losses }) => losses)];
}

/** Small parts together. */
function* inChunks(parts: Iterable<string>): Generator<string> {
  let text = '';
  for (const part of parts) {
    if ((text += part).length <= 65_536) continue;
    yield text;
    text = '';
  }
  if (text !== '') yield text;
}
