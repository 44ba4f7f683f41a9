import type { LocatedProfile } from '../model/locatedProfile';
import { profileIndex } from '../model/profileIndex';

/** A row of the call tree: calls of one function below the same callers, from whatever lines. */
export interface Callee {
  /** Of the function, to go on from here. */
  number: number;
  name: string;
  file: string | undefined;
  line: number | undefined;
  self: number;
  total: number;
  hasCallees: boolean;
}

export interface CalleesOrder {
  /** Numbers of functions from the outermost on; empty for the roots. */
  path: readonly number[];
  valueType: number;
  /** Functions of other files are passed through. */
  mineOnly?: boolean;
  limit: number;
}

/** What is called at the end of a path, the heaviest first. */
export function callees(
  profile: LocatedProfile,
  { path, valueType, mineOnly = false, limit }: CalleesOrder,
): { count: number; callees: Callee[] } {
  const { frames, tree, mine } = profile;
  const { functionOf, functions, firstChild, sibling, totals, sizes } = profileIndex(profile);
  const self = tree.self[valueType]!;
  const total = totals(valueType);
  // What grew and what shrank below a call may cancel each other out: it is shown all the same.
  const size = sizes(valueType);
  const isShown = (node: number) => !mineOnly || mine.has(frames[tree.frame[node]!]!.file ?? '');
  /** Calls `visit` for the shown nodes right below; what is passed through is not one of them. */
  const below = (nodes: readonly number[], visit: (node: number) => boolean | void) => {
    const open = [...nodes];
    for (let at = open.pop(); at !== undefined; at = open.pop())
      for (let node = firstChild[at]!; node >= 0; node = sibling[node]!) {
        if (!isShown(node)) open.push(node);
        else if (visit(node)) return;
      }
  };
  let nodes = [0];
  for (const number of path) {
    const next: number[] = [];
    below(nodes, (node) => void (functionOf[tree.frame[node]!] === number && next.push(node)));
    nodes = next;
  }
  const groups = new Map<number, { nodes: number[]; self: number; total: number; size: number }>();
  below(nodes, (node) => {
    const number = functionOf[tree.frame[node]!]!;
    const group = groups.get(number) ?? { nodes: [], self: 0, total: 0, size: 0 };
    group.nodes.push(node);
    group.self += self[node]!;
    group.total += total[node]!;
    group.size += size[node]!;
    groups.set(number, group);
  });
  const all = [...groups]
    .filter(([, group]) => group.size > 0)
    .sort(([, a], [, b]) => Math.abs(b.total) - Math.abs(a.total));
  return {
    count: all.length,
    callees: all.slice(0, limit).map(([number, group]) => {
      const { name, file, line } = functions[number]!;
      let hasCallees = false;
      below(group.nodes, (node) => (hasCallees = size[node]! > 0));
      return {
        ...{ number, name, file, line },
        ...{ self: group.self, total: group.total, hasCallees },
      };
    }),
  };
}
