import type { Label, Profile, SampledWeight } from './profile';

export interface WholeWeight {
  /** The sum of all weights. */
  total: number;
  /** What shares are of, 0 or more: the sum of all weights without their signs, which is `total` where none is below 0. */
  whole: number;
  /** What was measured while nothing ran, and is in neither; left out if there is none. */
  idle?: number;
}

/** Marks the samples of the profile that was subtracted, in a difference that pprof wrote. */
export const isBaseLabel = ({ key, value }: Label) => key === 'pprof::base' && value === 'true';

/**
 * The weight of a profile, and what shares are of. Where weights are below 0, as in the difference of two profiles, each
 * counts without its sign, as pprof does it; where pprof has marked the base of the difference, shares are of that.
 */
export function wholeWeight(profile: Profile, valueType = profile.defaultValueType): WholeWeight {
  const idle = profile.idle?.[valueType];
  const { whole, base } = sampledWeight(profile, valueType);
  return { total: sum(profile.tree.self[valueType]), whole: base || whole, ...(idle && { idle }) };
}

/** What the samples weigh without their signs; those of one stack with the same labels are one where no more is known. */
export function sampledWeight({ tree, labels, sampled }: Profile, valueType: number): SampledWeight {
  const known = sampled?.[valueType];
  if (known) return known;
  const self = tree.self[valueType]!;
  const rows = labels?.weights[valueType];
  const isBelow = (weight: number) => weight < 0;
  if (!self.some(isBelow) && !rows?.some(isBelow)) return { whole: sum(self), base: 0 };
  const isBase = labels?.sets.map((set) => set.some(isBaseLabel));
  const base = sum(rows?.filter((_, row) => isBase![labels!.set[row]!]).map(Math.abs));
  // Samples of one stack with different labels are counted one by one.
  const unlabelled = Float64Array.from(self);
  rows?.forEach((weight, row) => (unlabelled[labels!.node[row]!]! -= weight));
  return { whole: sum(unlabelled.map(Math.abs)) + sum(rows?.map(Math.abs)), base };
}

const sum = (weights: Float64Array | undefined) => weights?.reduce((all, one) => all + one, 0) ?? 0;
