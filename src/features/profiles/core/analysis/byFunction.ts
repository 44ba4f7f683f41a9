import { type Frame, functionKey, type Profile, totalWeights } from '../model/profile';
import { ProfileBuilder } from '../model/profileBuilder';
import { profileIndex } from '../model/profileIndex';

/** A frame for each function, by its number in the index: that of the line that weighs most, where a click leads to. */
export function functionFrames(profile: Profile): Frame[] {
  const { frames, tree, defaultValueType } = profile;
  const { functionOf, functions } = profileIndex(profile);
  if (functions.length === frames.length) return [...functions];
  const self = new Float64Array(frames.length);
  const total = new Float64Array(frames.length);
  const totals = totalWeights(tree, defaultValueType);
  for (let node = 1; node < totals.length; node++) {
    self[tree.frame[node]!]! += Math.abs(tree.self[defaultValueType]![node]!);
    total[tree.frame[node]!]! += Math.abs(totals[node]!);
  }
  const heaviest = new Int32Array(functions.length).fill(-1);
  const isHeavier = (one: number, other: number) =>
    self[one]! - self[other]! || total[one]! - total[other]! || lineOf(frames[other]!) - lineOf(frames[one]!);
  for (let frame = 0; frame < frames.length; frame++) {
    const known = heaviest[functionOf[frame]!]!;
    if (known < 0 || isHeavier(frame, known) > 0) heaviest[functionOf[frame]!] = frame;
  }
  return Array.from(heaviest, (frame) => frames[frame]!);
}

export interface FrameOrder {
  name: string;
  file: string | undefined;
}

export function functionFrame(profile: Profile, { name, file }: FrameOrder): Frame | undefined {
  const key = functionKey({ name, ...(file !== undefined && { file }) });
  return functionFrames(profile).find((frame) => functionKey(frame) === key);
}

// Finite, since the lines of two frames may both be unknown.
const lineOf = ({ line = Number.MAX_SAFE_INTEGER }: Frame) => line;

/** The profile with one frame for each function, so that calls of one from several lines are one call, as `hotFunctions` adds them. @throws MusterError TOO_LARGE */
export function byFunction(profile: Profile): Profile {
  const { frames, tree, valueTypes, format, notes, defaultValueType } = profile;
  const { functionOf, functions } = profileIndex(profile);
  if (functions.length === frames.length) return profile;
  const builder = new ProfileBuilder(format);
  const types = valueTypes.map(({ name, unit }) => builder.valueType(name, unit));
  const numbers = functionFrames(profile).map((frame) =>
    builder.frame(frame.name, frame.file, frame.line, frame),
  );
  const places = new Int32Array(tree.frame.length);
  places[0] = ProfileBuilder.root;
  for (let node = 0; node < places.length; node++) {
    if (node > 0)
      places[node] = builder.child(places[tree.parent[node]!]!, numbers[functionOf[tree.frame[node]!]!]!);
    for (const type of types) builder.add(places[node]!, type, tree.self[type]![node]!);
  }
  builder.notes.push(...notes);
  return builder.finish(defaultValueType);
}
