import { type CallTreeLinks, callTreeLinks } from './callTreeLinks';
import { type Frame, functionKey, type Profile, totalSizes, totalWeights } from './profile';

/** What is looked up again and again while a profile is explored. */
export interface ProfileIndex extends CallTreeLinks {
  /** The number of the function of each frame. */
  readonly functionOf: Int32Array;
  /** The first frame of each function. */
  readonly functions: readonly Frame[];
  /** The weight of each node with everything below it. */
  readonly totals: (valueType: number) => Float64Array;
  /** The same of weights without their signs. */
  readonly sizes: (valueType: number) => Float64Array;
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
  const totals = lastOf((valueType) => totalWeights(tree, valueType));
  const sizes = lastOf((valueType) => totalSizes(tree, valueType));
  return { functionOf, functions, ...callTreeLinks(tree), totals, sizes };
}

/** Keeps the column of one type of values only: a large tree has several. */
function lastOf(columnOf: (valueType: number) => Float64Array): (valueType: number) => Float64Array {
  let last: { valueType: number; column: Float64Array } | undefined;
  return (valueType) => {
    if (last?.valueType !== valueType) last = { valueType, column: columnOf(valueType) };
    return last.column;
  };
}
