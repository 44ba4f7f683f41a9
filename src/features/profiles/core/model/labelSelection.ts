import type { LabelFilter } from '../analysis/labelFilter';
import { labelledProfile } from './labelledProfile';
import { type LabelValue, labelWeights } from '../analysis/labelWeights';
import { located, type LocatedProfile } from './locatedProfile';
import type { Profile } from './profile';

/** What was selected last of a profile: its rows are opened one after the other. */
const lastSelected = new WeakMap<LocatedProfile, { id: string; selected: LocatedProfile }>();

/** The located profile, or of it only the samples with the label. */
export function selectedByLabel(profile: Profile, label: LabelFilter | undefined): LocatedProfile {
  const whole = located(profile);
  if (!label) return whole;
  const id = JSON.stringify([label.key, label.value, label.pattern]);
  const last = lastSelected.get(whole);
  if (last?.id === id) return last.selected;
  const selected = labelledProfile(whole, [label]);
  lastSelected.set(whole, { id, selected });
  return selected;
}

/** A key of labels, and how many values it has. */
export interface CountedLabelKey {
  key: string;
  total: number;
  count: number;
}

/** The heaviest `limit` keys of labels, and how many there are. */
export function topLabels(
  profile: Profile,
  { valueType, limit }: { valueType: number; limit: number },
): { count: number; keys: CountedLabelKey[] } {
  const keys = labelWeights(profile, valueType);
  return {
    count: keys.length,
    keys: keys.slice(0, limit).map(({ key, total, values }) => ({ key, total, count: values.length })),
  };
}

/** The heaviest `limit` values of a key. */
export function topLabelValues(
  profile: Profile,
  { key: wanted, valueType, limit }: { key: string; valueType: number; limit: number },
): LabelValue[] {
  const found = labelWeights(profile, valueType).find(({ key }) => key === wanted);
  return found?.values.slice(0, limit) ?? [];
}
