import { t } from '../l10n';
import type { Profile, ValueType } from './profile';
import { isTime, unitRatio } from './units';

/** Weights, and their sum, are numbers of 64 bits with a sign there. */
const most = 2 ** 63;
const finest = ['nanoseconds', 'microseconds', 'milliseconds', 'seconds'];

/** A type of values as it is written in pprof, which knows whole numbers only. */
export interface PprofType extends ValueType {
  /** What weights are multiplied by. */
  ratio: number;
  /** What is lost all the same, for people. */
  loss?: string;
}

/** Times that are not whole in their unit are written in the finest in which they fit. */
export function pprofTypes({ valueTypes, tree, labels }: Profile): PprofType[] {
  return valueTypes.map(({ name, unit }, index) => {
    const columns = [tree.self[index]!, ...(labels ? [labels.weights[index]!] : [])];
    const size = Math.max(
      ...columns.map((column) => column.reduce((sum, weight) => sum + Math.abs(weight), 0)),
    );
    const areWhole = columns.every((column) => column.every(isWhole));
    const ratio = (to: string) => unitRatio(unit, to)!;
    const wanted = areWhole || !isTime(unit) ? unit : finest.find((to) => size * ratio(to) < most);
    if (wanted === undefined || size * ratio(wanted) >= most) {
      const loss = t('weights of {0} are greater than pprof can hold and were left out', name);
      return { name, unit, ratio: 0, loss };
    }
    const loss =
      !areWhole && !isTime(unit)
        ? t(
            'weights of {0} are not whole, as those of pprof are: they were rounded, and their sum kept',
            name,
          )
        : undefined;
    return { name, unit: wanted, ratio: ratio(wanted), ...(loss !== undefined && { loss }) };
  });
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
