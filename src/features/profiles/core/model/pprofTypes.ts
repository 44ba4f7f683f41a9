import { t } from '../../../../platform/l10n/l10n';
import type { Profile, ValueType } from './profile';
import { isTime, unitRatio } from './units';

/** Weights, and their sum, are numbers of 64 bits with a sign there. */
const most = 2 ** 63;
const finest = ['nanoseconds', 'microseconds', 'milliseconds', 'seconds'];

/** A type of values as it is written in pprof, which knows whole numbers only. */
export interface PprofType extends ValueType {
  /** What the weights of each row of labels, then of the rest of each node, are in `unit`; not rounded. */
  weights: Float64Array;
  /** What is lost all the same, for people. */
  losses: string[];
}

/** Times that are not whole in their unit are written in the finest in which they fit; what fits in none is left out. */
export function pprofTypes({ valueTypes, tree, labels }: Profile): PprofType[] {
  return valueTypes.map(({ name, unit }, index) => {
    const self = Float64Array.from(tree.self[index]!);
    const rows = labels?.weights[index] ?? new Float64Array(0);
    rows.forEach((weight, row) => (self[labels!.node[row]!]! -= weight));
    const weights = new Float64Array(rows.length + self.length);
    weights.set(rows);
    weights.set(self, rows.length);

    const ratio = (to: string) => unitRatio(unit, to)!;
    const canBeFiner = isTime(unit) && !weights.every(isWhole);
    const leftOut = leaveOutExcess(weights, most / ratio(canBeFiner ? finest.at(-1)! : unit));
    const size = weights.reduce((sum, weight) => sum + Math.abs(weight), 0);
    const wanted =
      isTime(unit) && !weights.every(isWhole) ? finest.find((to) => size * ratio(to) < most)! : unit;
    const written = weights.map((weight) => weight * ratio(wanted));
    const losses: string[] = [];
    if (leftOut > 0)
      losses.push(t('{0} weights of {1} are greater than pprof can hold and were left out', leftOut, name));
    // Nothing is measured more finely than in nanoseconds.
    if (wanted !== finest[0] && !written.every(isWhole))
      losses.push(
        t('weights of {0} are not whole, as those of pprof are: they were rounded, and their sum kept', name),
      );
    return { name, unit: wanted, weights: written, losses };
  });
}

/** Sets the greatest weights to 0 until the sum of all, without their signs, is below the limit. Returns how many. */
function leaveOutExcess(weights: Float64Array, limit: number): number {
  if (weights.reduce((sum, weight) => sum + Math.abs(weight), 0) < limit) return 0;
  const bySize = Uint32Array.from(weights.keys()).sort(
    (one, other) => Math.abs(weights[one]!) - Math.abs(weights[other]!),
  );
  let sum = 0;
  const first = bySize.findIndex((at) => (sum += Math.abs(weights[at]!)) >= limit);
  for (const at of bySize.subarray(first)) weights[at] = 0;
  return bySize.length - first;
}

const isWhole = (weight: number) =>
  Math.abs(weight - Math.round(weight)) <= 1e-9 * Math.max(1, Math.abs(weight));

/** Rounds weights one after the other; what one loses the next is given, so that the sum stays the same. */
export function rounding(): (weight: number) => number {
  let carry = 0;
  return (weight) => {
    carry += weight;
    // What sums of fractions leave of 0 is no weight.
    const whole = Math.abs(weight) < 1e-6 ? 0 : Math.round(carry);
    carry -= whole;
    return whole;
  };
}
