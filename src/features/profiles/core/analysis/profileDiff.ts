import { MusterError } from '../../../../platform/errors/errors';
import { t } from '../../../../platform/l10n/l10n';
import { type HotFunction, hotFunctions } from './hotFunctions';
import { functionKey, type Profile, type ValueType } from '../model/profile';
import { inCommonUnits } from '../model/units';
import type { WholeWeight } from '../model/wholeWeight';

/** A function in two profiles. Weights of the first are scaled where the profiles are. */
export interface FunctionChange {
  name: string;
  file: string | undefined;
  line: number | undefined;
  before: { self: number; total: number };
  after: { self: number; total: number };
  /** In one of them only. */
  state: 'new' | 'gone' | 'changed';
}

export interface ProfileDiff {
  valueType: ValueType;
  /** As they were measured. */
  totals: { before: number; after: number };
  /** What was measured while nothing ran, in neither of the totals; left out if there is none. */
  idle?: { before: number; after: number };
  /** What shares are of: the second, or the first if that is empty. */
  whole: number;
  /** What the first is multiplied by. */
  scale: number;
  /** The greatest change of self first; what did not change is left out. */
  functions: FunctionChange[];
}

/** Changes below this share of the whole are errors of rounding. */
const leastShare = 1e-9;

/**
 * What changed from one profile to another. The first is scaled to the total of the second, since a run under more load
 * is no slower for that; what is there or not, such as memory, is not, so that the first is subtracted as pprof's
 * `-diff_base` does; `normalize` decides otherwise. @throws MusterError FORMAT if they have no type of values in common
 */
export function profileDiff(
  first: Profile,
  second: Profile,
  wanted?: string,
  normalize?: boolean,
): ProfileDiff {
  const [before, after] = inCommonUnits([first, second]) as [Profile, Profile];
  const valueType = commonType(before, after, wanted);
  const old = hotFunctions(before, indexOf(before, valueType));
  const now = hotFunctions(after, indexOf(after, valueType));
  // What is a difference itself has no load that it could be scaled to.
  const isLoad = ({ total, whole }: WholeWeight) => total > 0 && total === whole;
  const isScaled = (normalize ?? !isStock(valueType)) && isLoad(old) && isLoad(now);
  const scale = isScaled ? now.total / old.total : 1;
  const byKey = new Map<string, { before?: HotFunction; after?: HotFunction }>();
  for (const one of old.functions) byKey.set(functionKey(one), { before: one });
  for (const one of now.functions) {
    const key = functionKey(one);
    byKey.set(key, { ...byKey.get(key), after: one });
  }
  const least = leastShare * Math.max(old.whole * scale, now.whole);
  const functions = [...byKey.values()]
    .map((one): FunctionChange => {
      const { name, file, line } = (one.after ?? one.before)!;
      const { self = 0, total = 0 } = one.before ?? {};
      return {
        ...{ name, file, line },
        before: { self: self * scale, total: total * scale },
        after: { self: one.after?.self ?? 0, total: one.after?.total ?? 0 },
        state: !one.before ? 'new' : !one.after ? 'gone' : 'changed',
      };
    })
    .filter((one) => Math.abs(selfDelta(one)) > least || Math.abs(totalDelta(one)) > least)
    .sort(
      (a, b) =>
        Math.abs(selfDelta(b)) - Math.abs(selfDelta(a)) || Math.abs(totalDelta(b)) - Math.abs(totalDelta(a)),
    );
  const totals = { before: old.total, after: now.total };
  const { idle: idleBefore = 0 } = old;
  const { idle: idleAfter = 0 } = now;
  return {
    ...{ valueType, totals, whole: now.whole || old.whole * scale, scale, functions },
    ...((idleBefore !== 0 || idleAfter !== 0) && { idle: { before: idleBefore, after: idleAfter } }),
  };
}

export const selfDelta = ({ before, after }: FunctionChange) => after.self - before.self;
export const totalDelta = ({ before, after }: FunctionChange) => after.total - before.total;

/** Memory, objects, goroutines: what a longer or busier run has no more of. */
const isStock = ({ name, unit }: ValueType) =>
  unit === 'bytes' || /^(alloc|inuse|objects|goroutine|threadcreate)/.test(name);

/** Types of values of the second profile that the first has, too; both in common units. */
export function commonTypes(before: Profile, after: Profile): readonly ValueType[] {
  return after.valueTypes.filter((type) => indexOf(before, type) >= 0);
}

function commonType(before: Profile, after: Profile, wanted: string | undefined): ValueType {
  const common = commonTypes(before, after);
  const preferred = after.valueTypes[after.defaultValueType]!;
  const found =
    wanted === undefined
      ? (common.find((type) => type === preferred) ?? common[0])
      : common.find(({ name }) => name === wanted);
  if (found) return found;
  const names = (profile: Profile) =>
    profile.valueTypes.map(({ name, unit }) => `${name}/${unit}`).join(', ');
  throw new MusterError(
    'FORMAT',
    t(
      'the profiles have no {0} in common: {1} and {2}',
      wanted ?? t('type of values'),
      names(before),
      names(after),
    ),
    { hint: t('Compare profiles of one kind.') },
  );
}

const indexOf = ({ valueTypes }: Profile, wanted: ValueType) =>
  valueTypes.findIndex(({ name, unit }) => name === wanted.name && unit === wanted.unit);
