import { t } from '../../../../platform/l10n/l10n';
import type { Profile } from '../model/profile';
import { idleNotes } from '../model/idle';
import { pprofTypes } from '../model/pprofTypes';
import { undrawn } from '../analysis/undrawn';
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

/** What a format cannot hold of a profile, for people. */
export function lossIn(to: WrittenFormat, profile: Profile, valueType = profile.defaultValueType): string[] {
  const notes = idleNotes(profile);
  if (to === 'folded') return [...notes, ...unfolded(profile, valueType)];
  if (to === 'speedscope') return [...notes, ...undrawn(profile)];
  return [...notes, ...pprofTypes(profile).flatMap(({ losses }) => losses)];
}

function unfolded({ valueTypes, tree }: Profile, written: number): string[] {
  const others = valueTypes.filter(
    (_, index) => index !== written && tree.self[index]!.some((weight) => weight !== 0),
  );
  if (others.length === 0) return [];
  const names = others.map(({ name }) => name).join(', ');
  return [t('folded stacks hold one type of values: {0}, and not {1}', valueTypes[written]!.name, names)];
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
