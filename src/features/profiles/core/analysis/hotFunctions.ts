import { callTreeLinks } from '../model/callTreeLinks';
import { type Frame, functionKey, type Profile, totalWeights } from '../model/profile';
import { type WholeWeight, wholeWeight } from '../model/wholeWeight';

/** A function with its weights, in the unit of the value type. */
export interface HotFunction {
  name: string;
  file: string | undefined;
  /** The first line that was seen of it. */
  line: number | undefined;
  /** Of the function alone. */
  self: number;
  /** With all that it called; what calls itself counts once. */
  total: number;
}

/** Functions that weigh something by their self weight, the heaviest first, as `pprof -top` counts them; `total` and `whole` are those of the profile. */
export function hotFunctions(
  profile: Profile,
  valueType = profile.defaultValueType,
): WholeWeight & { functions: HotFunction[] } {
  const { frames, tree } = profile;
  const self = tree.self[valueType]!;
  const totals = totalWeights(tree, valueType);
  const functions: HotFunction[] = [];
  const functionOf = functionsOf(frames, functions);
  const active = new Int32Array(functions.length);
  walk(profile, {
    enter: (node) => {
      const index = functionOf[tree.frame[node]!]!;
      functions[index]!.self += self[node]!;
      if (active[index]!++ === 0) functions[index]!.total += totals[node]!;
    },
    leave: (node) => active[functionOf[tree.frame[node]!]!]!--,
  });
  const weighty = functions.filter((one) => one.self !== 0 || one.total !== 0);
  weighty.sort((a, b) => Math.abs(b.self) - Math.abs(a.self) || Math.abs(b.total) - Math.abs(a.total));
  return { ...wholeWeight(profile, valueType), functions: weighty };
}

/** The number of the function of each frame; fills in the functions. */
function functionsOf(frames: readonly Frame[], functions: HotFunction[]): Int32Array {
  const numbers = new Map<string, number>();
  return Int32Array.from(frames, (frame) => {
    const key = functionKey(frame);
    const known = numbers.get(key);
    const { name, file, line } = frame;
    if (known === undefined) {
      const number = functions.push({ name, file, line, self: 0, total: 0 }) - 1;
      numbers.set(key, number);
      return number;
    }
    const one = functions[known]!;
    if (line !== undefined && (one.line === undefined || line < one.line)) one.line = line;
    return known;
  });
}

/** Visits the nodes of a tree below its root, in depth, however deep it is. */
export function walk(
  { tree }: Profile,
  { enter, leave }: Readonly<Record<'enter' | 'leave', (node: number) => void>>,
): void {
  const { parent } = tree;
  const { firstChild, sibling } = callTreeLinks(tree);
  for (let node = firstChild[0]!; node > 0;) {
    enter(node);
    if (firstChild[node]! >= 0) {
      node = firstChild[node]!;
      continue;
    }
    leave(node);
    while (node > 0 && sibling[node]! < 0) {
      node = parent[node]!;
      if (node > 0) leave(node);
    }
    node = node > 0 ? sibling[node]! : 0;
  }
}
