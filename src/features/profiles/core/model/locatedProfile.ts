import type { Frame, LineTicks, Profile } from './profile';
import { jvmPath } from '../sources/sourcePath';
import { type OriginalPositions, originalPositions } from '../sources/originalPositions';

/** Files that may have a source map: as the profile names them, and their paths on this machine. */
export type GeneratedFiles = readonly (readonly [file: string, path: string])[];

/** A profile whose frames are led back to their sources. */
export interface LocatedProfile extends Profile {
  /** The frames as they are in the file. */
  readonly rawFrames: readonly Frame[];
  /** Files of the workspace, as the frames name them: what people mean by “my code”. */
  readonly mine: ReadonlySet<string>;
}

const known = new WeakMap<Profile, LocatedProfile>();

/** The profile as it was located last, or as it is. */
export function located(profile: Profile): LocatedProfile {
  const one = known.get(profile) ?? { ...profile, rawFrames: profile.frames, mine: new Set<string>() };
  known.set(profile, one);
  return one;
}

/** Reads the source maps of the generated files. Resolves with all files that the located frames name. */
export async function locate(profile: Profile, generated: GeneratedFiles): Promise<string[]> {
  const maps = new Map<string, OriginalPositions>();
  for (const [file, path] of generated) {
    const positions = await originalPositions(path);
    if (positions) maps.set(file, positions);
  }
  const frames = profile.frames.map((frame) => inPackage(original(frame, maps)));
  const ticks = profile.ticks && maps.size > 0 ? originalTicks(profile, frames, maps) : profile.ticks;
  known.set(profile, {
    ...{ ...profile, frames, rawFrames: profile.frames, mine: new Set() },
    ...(ticks && { ticks }),
  });
  return filesOf(frames);
}

/** Says which files are “my code”. */
export function claim(profile: Profile, mine: readonly string[]): void {
  known.set(profile, { ...located(profile), mine: new Set(mine) });
}

/** The files that frames name, each once. */
export function filesOf(frames: readonly Frame[]): string[] {
  return [...new Set(frames.flatMap(({ file }) => (file === undefined ? [] : [file])))];
}

function original(frame: Frame, maps: ReadonlyMap<string, OriginalPositions>): Frame {
  const { name, file, line, column } = frame;
  const positions = file === undefined ? undefined : maps.get(file);
  const place = positions && line !== undefined ? positions.of(line, column) : undefined;
  if (!place) return frame;
  // The wrapper of a module begins where its first statement does, and is none.
  const isNamed = place.name !== undefined && column !== 1 && /^[\w$]{1,3}$/.test(name);
  return {
    name: isNamed ? place.name! : name,
    ...{ file: place.file, line: place.line, column: place.column },
  };
}

/** Frames of the JVM name a file without its folder, or none. */
function inPackage(frame: Frame): Frame {
  const file = jvmPath(frame.name, frame.file);
  return file === undefined ? frame : { ...frame, file };
}

/** Lines of generated code as lines of the sources; those of another source than the function's are left out. */
function originalTicks(
  { ticks, frames: raw }: Profile,
  frames: readonly Frame[],
  maps: ReadonlyMap<string, OriginalPositions>,
): LineTicks {
  const result = new Map<number, ReadonlyMap<number, number>>();
  for (const [frame, lines] of ticks!) {
    const positions = maps.get(raw[frame]!.file ?? '');
    if (!positions) {
      result.set(frame, lines);
      continue;
    }
    const mapped = new Map<number, number>();
    for (const [line, count] of lines) {
      const place = positions.of(line);
      if (place?.file === frames[frame]!.file)
        mapped.set(place!.line, (mapped.get(place!.line) ?? 0) + count);
    }
    result.set(frame, mapped);
  }
  return result;
}
