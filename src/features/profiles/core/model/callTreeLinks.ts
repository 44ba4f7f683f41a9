import type { CallTree } from './profile';

/** The way down a call tree, by node; -1 is none. Children follow each other in the order of their numbers. */
export interface CallTreeLinks {
  readonly firstChild: Int32Array;
  readonly sibling: Int32Array;
}

export function callTreeLinks({ parent }: CallTree): CallTreeLinks {
  const firstChild = new Int32Array(parent.length).fill(-1);
  const sibling = new Int32Array(parent.length).fill(-1);
  for (let node = parent.length - 1; node > 0; node--) {
    sibling[node] = firstChild[parent[node]!]!;
    firstChild[parent[node]!] = node;
  }
  return { firstChild, sibling };
}
