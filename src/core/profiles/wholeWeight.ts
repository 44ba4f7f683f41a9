import type { Profile } from './profile';

export interface WholeWeight {
  /** The sum of all weights. */
  total: number;
  /** What shares are of, 0 or more: the sum of all weights without their signs, which is `total` where none is below 0. */
  whole: number;
  /** What was measured while nothing ran, and is in neither; left out if there is none. */
  idle?: number;
}

/** Marks the samples of the profile that was subtracted, in a difference that pprof wrote. */
const base = { key: 'pprof::base', value: 'true' };

/**
 * The weight of a profile, and what shares are of. Where weights are below 0, as in the difference of two profiles, each
 * counts without its sign, as pprof does it; where pprof has marked the base of the difference, shares are of that.
 */
export function wholeWeight(
  { tree, labels, idle, defaultValueType }: Profile,
  valueType = defaultValueType,
): WholeWeight {
  const self = tree.self[valueType]!;
  const rows = labels?.weights[valueType];
  const sum = (weights: Float64Array | undefined) => weights?.reduce((all, one) => all + one, 0) ?? 0;
  const total = sum(self);
  const rest = { ...(idle?.[valueType] && { idle: idle[valueType] }) };
  const isBelow = (weight: number) => weight < 0;
  if (!self.some(isBelow) && !rows?.some(isBelow)) return { total, whole: total, ...rest };
  const isBase = labels?.sets.map((set) =>
    set.some(({ key, value }) => key === base.key && value === base.value),
  );
  const ofBase = sum(rows?.filter((_, row) => isBase![labels!.set[row]!]).map(Math.abs));
  if (ofBase > 0) return { total, whole: ofBase, ...rest };
  // Samples of one stack with different labels are counted one by one.
  const unlabelled = Float64Array.from(self);
  rows?.forEach((weight, row) => (unlabelled[labels!.node[row]!]! -= weight));
  return { total, whole: sum(unlabelled.map(Math.abs)) + sum(rows?.map(Math.abs)), ...rest };
}
