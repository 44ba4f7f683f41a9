import { type CallTreeLinks, callTreeLinks } from '../model/callTreeLinks';
import {
  type CallTree,
  type Frame,
  type Profile,
  totalSizes,
  totalWeights,
  type ValueType,
} from '../model/profile';
import { ProfileBuilder } from '../model/profileBuilder';
import { commonTypes, type FunctionChange, profileDiff } from './profileDiff';
import { inCommonUnits } from '../model/units';

/** What of two profiles is shown. */
export interface ComparisonOrder {
  /** The name of the type of values; the one that people look at first if undefined. */
  valueType?: string | undefined;
  /** Scale the first to the total of the second; what is usual for the type of values if undefined. */
  normalize?: boolean | undefined;
  /** A node of the graph, to draw only it and what it calls. */
  below?: number | undefined;
  /** Boxes narrower than this share of the graph are left out. */
  leastShare: number;
  /** Functions of the table at most. */
  limit: number;
}

/** A call in both profiles; positions are shares of the width. Weights of the first are scaled. */
export interface ComparedBox {
  node: number;
  depth: number;
  left: number;
  width: number;
  name: string;
  file: string | undefined;
  line: number | undefined;
  before: number;
  after: number;
}

export interface Comparison {
  valueType: ValueType;
  /** What the profiles have in common. */
  valueTypes: readonly ValueType[];
  totals: { before: number; after: number };
  /** What was measured while nothing ran, in neither of the totals. */
  idle?: { before: number; after: number };
  scale: number;
  /** The greatest changes, and how many there are. */
  functions: readonly FunctionChange[];
  changed: number;
  boxes: readonly ComparedBox[];
  /** Calls that are too narrow for a box. */
  folded: number;
}

/** Two profiles laid over each other: a call is as wide as it weighs in both. @throws MusterError FORMAT, TOO_LARGE */
export class ComparedProfiles {
  private laid: { valueType: string; scale: number; tree: ComparedTree } | undefined;

  private readonly before: Profile;
  private readonly after: Profile;

  constructor(before: Profile, after: Profile) {
    [this.before, this.after] = inCommonUnits([before, after]) as [Profile, Profile];
  }

  compare({ valueType, normalize, below = 0, leastShare, limit }: ComparisonOrder): Comparison {
    const diff = profileDiff(this.before, this.after, valueType, normalize);
    const { name } = diff.valueType;
    if (this.laid?.valueType !== name || this.laid.scale !== diff.scale)
      this.laid = {
        ...{ valueType: name, scale: diff.scale },
        tree: comparedTree(this.before, this.after, diff.valueType, diff.scale),
      };
    const { tree } = this.laid;
    return {
      ...diff,
      valueTypes: commonTypes(this.before, this.after),
      functions: diff.functions.slice(0, limit),
      changed: diff.functions.length,
      ...boxesOf(tree, below < tree.before.length ? below : 0, leastShare),
    };
  }
}

interface ComparedTree {
  frames: readonly Frame[];
  tree: CallTree;
  links: CallTreeLinks;
  /** Of each node with all below it. */
  before: Float64Array;
  after: Float64Array;
  /** Of both together, without signs: how wide a call is. */
  size: Float64Array;
}

/** Lines of code move from one version to the next, so that calls are told apart by their functions only. */
function comparedTree(before: Profile, after: Profile, type: ValueType, scale: number): ComparedTree {
  const builder = new ProfileBuilder(after.format);
  const sides = [builder.valueType('before', type.unit), builder.valueType('after', type.unit)];
  const lines = new Map<number, number>();
  // Lines of the second hold where it has the function.
  for (const [side, profile, factor] of [
    [sides[1]!, after, 1],
    [sides[0]!, before, scale],
  ] as const) {
    const self =
      profile.tree.self[
        profile.valueTypes.findIndex(({ name, unit }) => name === type.name && unit === type.unit)
      ]!;
    const numbers = profile.frames.map(({ name, file, line }) => {
      const number = builder.frame(name, file);
      if (line !== undefined && !lines.has(number)) lines.set(number, line);
      return number;
    });
    const places = new Int32Array(profile.tree.frame.length);
    for (let node = 0; node < places.length; node++) {
      if (node > 0)
        places[node] = builder.child(
          places[profile.tree.parent[node]!]!,
          numbers[profile.tree.frame[node]!]!,
        );
      if (self[node] !== 0) builder.add(places[node]!, side, self[node]! * factor);
    }
  }
  const { frames, tree } = builder.finish();
  const sizes = sides.map((side) => totalSizes(tree, side));
  return {
    frames: frames.map((frame, number) => ({
      ...frame,
      ...(lines.has(number) && { line: lines.get(number)! }),
    })),
    ...{ tree, links: callTreeLinks(tree) },
    ...{ before: totalWeights(tree, sides[0]!), after: totalWeights(tree, sides[1]!) },
    size: sizes[0]!.map((size, node) => size + sizes[1]![node]!),
  };
}

/** The boxes of what is below a node, the node and what calls it over the whole width, the widest callee first. */
function boxesOf(
  { frames, tree, links, before, after, size }: ComparedTree,
  root: number,
  leastShare: number,
): Pick<Comparison, 'boxes' | 'folded'> {
  const whole = size[root]! || 1;
  const boxes: ComparedBox[] = [];
  let folded = 0;
  const add = (node: number, depth: number, left: number, width: number) => {
    const { name, file, line } =
      node === 0 ? { name: '', file: undefined, line: undefined } : frames[tree.frame[node]!]!;
    boxes.push({
      ...{ node, depth, left, width, name, file, line },
      before: before[node]!,
      after: after[node]!,
    });
  };
  const path: number[] = [];
  for (let node = root; node >= 0; node = tree.parent[node]!) path.push(node);
  path.reverse().forEach((node, depth) => add(node, depth, 0, 1));
  const open = [{ node: root, depth: path.length, left: 0 }];
  for (let next = open.pop(); next; next = open.pop()) {
    const children: number[] = [];
    for (let child = links.firstChild[next.node]!; child >= 0; child = links.sibling[child]!) {
      if (size[child]! / whole >= leastShare) children.push(child);
      else folded++;
    }
    children.sort((one, other) => size[other]! - size[one]!);
    let { left } = next;
    for (const node of children) {
      const width = size[node]! / whole;
      add(node, next.depth, left, width);
      open.push({ node, depth: next.depth + 1, left });
      left += width;
    }
  }
  return { boxes, folded };
}
