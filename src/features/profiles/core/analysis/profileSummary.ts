import type { Profile, ProfileFormat, ValueType } from '../model/profile';
import { type WholeWeight, wholeWeight } from '../model/wholeWeight';

/** What is said of a profile before any of it is shown. */
export interface ProfileSummary {
  format: ProfileFormat;
  /** With the weight of the whole profile, and what shares are of. */
  valueTypes: readonly (ValueType & WholeWeight)[];
  defaultValueType: number;
  /** Different frames, and different stacks of them. */
  frames: number;
  stacks: number;
  /** Samples have labels. */
  hasLabels: boolean;
  notes: readonly string[];
}

export function profileSummary(profile: Profile): ProfileSummary {
  const { format, frames, valueTypes, defaultValueType, tree, labels, notes } = profile;
  return {
    ...{ format, defaultValueType, notes, frames: frames.length, stacks: tree.frame.length - 1 },
    hasLabels: labels !== undefined,
    valueTypes: valueTypes.map((type, index) => ({ ...type, ...wholeWeight(profile, index) })),
  };
}
