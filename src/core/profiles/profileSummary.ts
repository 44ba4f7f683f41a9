import type { Profile, ProfileFormat, ValueType } from './profile';

/** What is said of a profile before any of it is shown. */
export interface ProfileSummary {
  format: ProfileFormat;
  /** With the weight of the whole profile. */
  valueTypes: readonly (ValueType & { total: number })[];
  defaultValueType: number;
  /** Different frames, and different stacks of them. */
  frames: number;
  stacks: number;
  /** Samples have labels. */
  hasLabels: boolean;
  notes: readonly string[];
}

export function profileSummary({
  format,
  frames,
  valueTypes,
  defaultValueType,
  tree,
  labels,
  notes,
}: Profile): ProfileSummary {
  return {
    ...{ format, defaultValueType, notes, frames: frames.length, stacks: tree.frame.length - 1 },
    hasLabels: labels !== undefined,
    valueTypes: valueTypes.map((type, index) => ({
      ...type,
      total: tree.self[index]!.reduce((sum, weight) => sum + weight, 0),
    })),
  };
}
