import { type CallTreeLinks, callTreeLinks } from './callTreeLinks';
import { type Frame, functionKey, type Profile, totalWeights } from './profile';

/** What is looked up again and again while a profile is explored. */
export interface ProfileIndex extends CallTreeLinks {
  /** The number of the function of each frame. */
  readonly functionOf: Int32Array;
  /** The first frame of each function. */
  readonly functions: readonly Frame[];
  /** The weight of each node with everything below it. */
  readonly totals: (valueType: number) => Float64Array;
}

/** By the frames, which stay the same when other files are claimed. */
const indexes = new WeakMap<readonly Frame[], ProfileIndex>();

export function profileIndex(profile: Profile): ProfileIndex {
  const known = indexes.get(profile.frames) ?? makeIndex(profile);
  indexes.set(profile.frames, known);
  return known;
}

function makeIndex({ frames, tree }: Profile): ProfileIndex {
  const numbers = new Map<string, number>();
  const functions: Frame[] = [];
  const functionOf = Int32Array.from(frames, (frame) => {
    const key = functionKey(frame);
    const number = numbers.get(key) ?? functions.push(frame) - 1;
    numbers.set(key, number);
    return number;
  });
  // Of one type of values only: a large tree has several.
  let last: { valueType: number; totals: Float64Array } | undefined;
  const totals = (valueType: number) => {
    if (last?.valueType !== valueType) last = { valueType, totals: totalWeights(tree, valueType) };
    return last.totals;
  };
  return { functionOf, functions, ...callTreeLinks(tree), totals };
}
