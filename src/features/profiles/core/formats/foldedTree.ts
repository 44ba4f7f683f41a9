import type { CallTreeLinks } from '../model/callTreeLinks';
import type { CallTree } from '../model/profile';

/** Frames that a page draws without delay. */
const mostDrawn = 60_000;

/** Which nodes are wide enough to be drawn, for one type of values. Weights below 0 count as none. */
export interface FoldedTree {
  /** Of each node with all below it. */
  readonly totals: Float64Array;
  /** Nodes of at least this weight are drawn. */
  readonly least: number;
  /** How many are, and how many are not. */
  readonly drawn: number;
  readonly folded: number;
}

/**
 * Folds what is narrower than half a pixel of the whole below `root`, where all of it is more than a page draws without
 * delay; if what is left is still more, what is twice as wide, and so on.
 */
export function foldedTree(tree: CallTree, valueType: number, root: number, width: number): FoldedTree {
  const { parent } = tree;
  const totals = Float64Array.from(tree.self[valueType]!, (weight) => Math.max(0, weight));
  for (let node = totals.length - 1; node > 0; node--) totals[parent[node]!]! += totals[node]!;
  const below = descendants(parent, root);
  const atLeast = (least: number) => {
    let count = 0;
    for (let node = root + 1; node < totals.length; node++)
      if (below[node] && totals[node]! > 0 && totals[node]! >= least) count++;
    return count;
  };
  const all = atLeast(0);
  if (all <= mostDrawn) return { totals, least: 0, drawn: all, folded: 0 };
  for (let least = totals[root]! / (2 * width); ; least *= 2) {
    const drawn = atLeast(least);
    if (drawn <= mostDrawn || least >= totals[root]!) return { totals, least, drawn, folded: all - drawn };
  }
}

/** Whether each node is the root or below it. */
function descendants(parent: Int32Array, root: number): Uint8Array {
  const below = new Uint8Array(parent.length);
  below[root] = 1;
  for (let node = root + 1; node < parent.length; node++) below[node] = below[parent[node]!]!;
  return below;
}

/** What a walk through the drawn part of a tree meets. */
export interface FoldedTreeVisitor {
  enter(node: number): void;
  /** What is folded of the callees of the node that was entered last. */
  folded(weight: number): void;
  leave(node: number): void;
}

/** Walks what is drawn below the root, however deep it is; the root itself is not entered. */
export function walkFolded(
  { firstChild, sibling }: CallTreeLinks,
  { totals, least }: FoldedTree,
  root: number,
  visitor: FoldedTreeVisitor,
): void {
  const path = [root];
  const next = [firstChild[root]!];
  const remainders = [0];
  while (path.length > 0) {
    const depth = path.length - 1;
    const child = next[depth]!;
    if (child < 0) {
      if (remainders[depth]! > 0) visitor.folded(remainders[depth]!);
      if (depth > 0) visitor.leave(path[depth]!);
      path.pop();
      next.pop();
      remainders.pop();
      continue;
    }
    next[depth] = sibling[child]!;
    const total = totals[child]!;
    if (total <= 0) continue;
    if (total < least) {
      remainders[depth]! += total;
      continue;
    }
    visitor.enter(child);
    path.push(child);
    next.push(firstChild[child]!);
    remainders.push(0);
  }
}
