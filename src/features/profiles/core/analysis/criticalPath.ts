import { functionKey, type Profile, totalSizes, totalWeights } from '../model/profile';

/** A step of the heaviest chain. */
export interface PathStep {
  name: string;
  file: string | undefined;
  line: number | undefined;
  self: number;
  total: number;
  /** Less than half of the step before goes on here: the weight is spread over several callees, or spent before. */
  narrows: boolean;
}

/** A share of the whole below which the path is not followed. */
const leastShare = 0.01;

/**
 * The heaviest chain of calls from the outermost function on; calls of one function from different lines are one step.
 * Through a difference it leads where most has changed, whether it grew or shrank.
 */
export function criticalPath(profile: Profile, valueType = profile.defaultValueType): PathStep[] {
  const { frames, tree } = profile;
  const self = tree.self[valueType]!;
  const totals = totalWeights(tree, valueType);
  const sizes = totalSizes(tree, valueType);
  const childrenOf = new Map<number, number[]>();
  for (let node = 1; node < tree.parent.length; node++) {
    const parent = tree.parent[node]!;
    const children = childrenOf.get(parent);
    if (children) children.push(node);
    else childrenOf.set(parent, [node]);
  }
  const path: PathStep[] = [];
  let before = sizes[0]!;
  for (let nodes = [0]; ;) {
    const groups = new Map<string, { nodes: number[]; total: number; size: number }>();
    for (const node of nodes)
      for (const child of childrenOf.get(node) ?? []) {
        const key = functionKey(frames[tree.frame[child]!]!);
        const group = groups.get(key) ?? { nodes: [], total: 0, size: 0 };
        group.nodes.push(child);
        group.total += totals[child]!;
        group.size += sizes[child]!;
        groups.set(key, group);
      }
    let heaviest: { nodes: number[]; total: number; size: number } | undefined;
    for (const group of groups.values()) if (group.size > (heaviest?.size ?? 0)) heaviest = group;
    if (!heaviest || heaviest.size < leastShare * sizes[0]!) return path;
    ({ nodes } = heaviest);
    const { name, file, line } = frames[tree.frame[nodes[0]!]!]!;
    path.push({
      ...{ name, file, line },
      self: nodes.reduce((sum, node) => sum + self[node]!, 0),
      total: heaviest.total,
      narrows: heaviest.size < before / 2,
    });
    before = heaviest.size;
  }
}
