import { type Frame, functionKey, type Profile, totalWeights } from './profile';

/** What is looked up again and again while a profile is explored. */
export interface ProfileIndex {
  /** The number of the function of each frame. */
  readonly functionOf: Int32Array;
  /** The first frame of each function. */
  readonly functions: readonly Frame[];
  readonly firstChild: Int32Array;
  readonly sibling: Int32Array;
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
  const { length } = tree.parent;
  const firstChild = new Int32Array(length).fill(-1);
  const sibling = new Int32Array(length).fill(-1);
  for (let node = length - 1; node > 0; node--) {
    sibling[node] = firstChild[tree.parent[node]!]!;
    firstChild[tree.parent[node]!] = node;
  }
  // Of one type of values only: a large tree has several.
  let last: { valueType: number; totals: Float64Array } | undefined;
  const totals = (valueType: number) => {
    if (last?.valueType !== valueType) last = { valueType, totals: totalWeights(tree, valueType) };
    return last.totals;
  };
  return { functionOf, functions, firstChild, sibling, totals };
}
