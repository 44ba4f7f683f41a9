/** A place in the code; lines and columns count from 1. */
export interface Frame {
  readonly name: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  /** The line on which the function begins, where the format tells it beside the line that ran. */
  readonly start?: number;
}

/** What is measured: `cpu` in `nanoseconds`, `alloc_space` in `bytes`, `samples` as a `count`. */
export interface ValueType {
  readonly name: string;
  readonly unit: string;
}

/** A call tree in columns. Node 0 is the root and has no frame (-1); parents stand before their children. */
export interface CallTree {
  readonly frame: Int32Array;
  readonly parent: Int32Array;
  /** The weight of each node itself, for each value type. */
  readonly self: readonly Float64Array[];
}

/** What a sample carries beside its stack, such as the tenant that it was for; numbers may have a unit. */
export interface Label {
  readonly key: string;
  readonly value: string | number;
  readonly unit?: string;
}

/** The part of the weights that has labels: a row for each node and set of labels, in columns. */
export interface LabelRows {
  /** Each once, sorted by key. */
  readonly sets: readonly (readonly Label[])[];
  readonly node: Int32Array;
  readonly set: Int32Array;
  /** For each value type; also part of the weight of the node itself. */
  readonly weights: readonly Float64Array[];
}

/** How a profile was recorded, as far as pprof says it; times are nanoseconds. */
export interface Recording {
  /** When it began, since 1970. */
  readonly time: bigint;
  readonly duration: bigint;
  /** Between two samples, in units of its type. */
  readonly period: bigint;
  readonly periodType?: ValueType;
  readonly comments: readonly string[];
}

export type ProfileFormat =
  'pprof' | 'folded' | 'speedscope' | 'cpuprofile' | 'heapprofile' | 'perf script' | 'chrome trace' | 'svg';

/** Numbers of samples by frame and line. */
export type LineTicks = ReadonlyMap<number, ReadonlyMap<number, number>>;

/** What samples weigh without their signs, as they stand in a file: before those of one stack are added up. */
export interface SampledWeight {
  readonly whole: number;
  /** Of those that pprof has marked as the base of a difference. */
  readonly base: number;
}

/** A profile, whatever it was read from: identical stacks are one node. */
export interface Profile {
  readonly format: ProfileFormat;
  readonly frames: readonly Frame[];
  readonly valueTypes: readonly ValueType[];
  /** The value type that people look at first. */
  readonly defaultValueType: number;
  readonly tree: CallTree;
  /** Samples of a frame by the line that ran, where frames name the line on which their function begins. */
  readonly ticks?: LineTicks;
  readonly labels?: LabelRows;
  /** For each type of values that has a weight below 0; unknown once samples were selected. */
  readonly sampled?: readonly (SampledWeight | undefined)[] | undefined;
  readonly recording?: Recording | undefined;
  /** For each type of values, what was measured while nothing ran; it is not in the tree. */
  readonly idle?: readonly number[] | undefined;
  /** What was left out or mended, or a dialect that others do not read: speedscope is not given the file as it is. */
  readonly isOwnDialect?: boolean;
  /** What was left out or mended, for people. */
  readonly notes: readonly string[];
}

/** The weight of each node with everything below it. */
export function totalWeights(
  { parent, self }: Pick<CallTree, 'parent' | 'self'>,
  valueType: number,
): Float64Array {
  const totals = Float64Array.from(self[valueType]!);
  for (let node = totals.length - 1; node > 0; node--) totals[parent[node]!]! += totals[node]!;
  return totals;
}

/** The same of weights without their signs: what grew and what shrank do not cancel each other out. */
export function totalSizes({ parent, self }: CallTree, valueType: number): Float64Array {
  return totalWeights({ parent, self: [self[valueType]!.map(Math.abs)] }, 0);
}

/** Whether there is nothing in it that weighs anything. */
export function isWeightless({ tree }: Profile): boolean {
  return tree.self.every((weights) => weights.every((weight) => weight === 0));
}

/** What a function is told apart by: lines of one are one. */
export function functionKey({ name, file = '' }: Frame): string {
  return `${name}\0${file}`;
}
