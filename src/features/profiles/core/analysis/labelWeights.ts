import type { Label, Profile } from '../model/profile';
import { weightText } from '../model/weightText';

/** A value of a label, and the weight of what carries it. */
export interface LabelValue extends Pick<Label, 'value' | 'unit'> {
  weight: number;
  /** Without the signs of its samples: what shares of it are of. */
  whole: number;
}

/** A key of labels with its values, the heaviest first. */
export interface LabelKey {
  key: string;
  /** Of its values, as pprof's `-tags` adds them up. */
  total: number;
  values: LabelValue[];
}

/** What the labels of a profile weigh, the heaviest key first. */
export function labelWeights(
  { labels, defaultValueType }: Profile,
  valueType = defaultValueType,
): LabelKey[] {
  if (!labels) return [];
  const weights = new Float64Array(labels.sets.length);
  const wholes = new Float64Array(labels.sets.length);
  labels.weights[valueType]!.forEach((weight, row) => {
    weights[labels.set[row]!]! += weight;
    wholes[labels.set[row]!]! += Math.abs(weight);
  });
  const keys = new Map<string, { total: number; values: Map<string | number, LabelValue> }>();
  labels.sets.forEach((set, index) => {
    const weight = weights[index]!;
    const whole = wholes[index]!;
    if (whole === 0) return;
    for (const { key, value, unit } of set) {
      const known = keys.get(key) ?? { total: 0, values: new Map<string | number, LabelValue>() };
      keys.set(key, known);
      known.total += weight;
      const one = known.values.get(value);
      if (one) {
        one.weight += weight;
        one.whole += whole;
      } else known.values.set(value, { value, ...(unit !== undefined && { unit }), weight, whole });
    }
  });
  const byWeight = (one: number, other: number) => Math.abs(other) - Math.abs(one);
  return [...keys]
    .map(([key, { total, values }]) => ({
      ...{ key, total },
      values: [...values.values()].sort((a, b) => byWeight(a.weight, b.weight)),
    }))
    .sort((a, b) => byWeight(a.total, b.total));
}

/** Keys of numbers that pprof takes for bytes where no unit is named. */
const sizes = ['bytes', 'alignment', 'request'];

/** A value as people read it: a number with its unit, which the key may be, as that of Go's heap profiles is. */
export function labelText(key: string, { value, unit }: Pick<Label, 'value' | 'unit'>): string {
  if (typeof value === 'string') return value;
  return weightText(value, unit ?? (sizes.includes(key) ? 'bytes' : key));
}
