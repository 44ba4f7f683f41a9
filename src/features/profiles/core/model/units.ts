import type { Profile, ValueType } from './profile';

/** Nanoseconds in the units of time that profiles are in once they are read. */
const nanoseconds: Readonly<Record<string, number>> = {
  nanoseconds: 1,
  microseconds: 1e3,
  milliseconds: 1e6,
  seconds: 1e9,
};

/** Other names of units, and coarser ones, as pprof knows them; in lower case and without a plural's `s`. */
const others: Readonly<Record<string, readonly [unit: string, factor: number]>> = {
  ...{ ns: ['nanoseconds', 1], nanosecond: ['nanoseconds', 1] },
  ...{ us: ['microseconds', 1], µs: ['microseconds', 1], μs: ['microseconds', 1] },
  ...{ microsecond: ['microseconds', 1], ms: ['milliseconds', 1], millisecond: ['milliseconds', 1] },
  ...{ s: ['seconds', 1], sec: ['seconds', 1], second: ['seconds', 1] },
  ...{ hr: ['seconds', 3600], hour: ['seconds', 3600] },
  ...{ b: ['bytes', 1], byte: ['bytes', 1] },
  ...{ kb: ['bytes', 2 ** 10], kbyte: ['bytes', 2 ** 10], kilobyte: ['bytes', 2 ** 10] },
  ...{ mb: ['bytes', 2 ** 20], mbyte: ['bytes', 2 ** 20], megabyte: ['bytes', 2 ** 20] },
  ...{ gb: ['bytes', 2 ** 30], gbyte: ['bytes', 2 ** 30], gigabyte: ['bytes', 2 ** 30] },
  ...{ tb: ['bytes', 2 ** 40], tbyte: ['bytes', 2 ** 40], terabyte: ['bytes', 2 ** 40] },
  ...{ pb: ['bytes', 2 ** 50], pbyte: ['bytes', 2 ** 50], petabyte: ['bytes', 2 ** 50] },
};

/** The unit that stands for another name of it or for a coarser unit, and what weights are multiplied by. */
export function standardUnit(unit: string): { unit: string; factor: number } {
  const lower = unit.toLowerCase();
  const key = lower.length > 2 ? lower.replace(/s$/, '') : lower;
  const [standard, factor] = Object.hasOwn(others, key) ? others[key]! : [unit, 1];
  return { unit: standard, factor };
}

export const isTime = (unit: string) => Object.hasOwn(nanoseconds, unit);

/** What weights in a unit are multiplied by to be in another one; undefined if both do not measure the same thing. */
export function unitRatio(from: string, to: string): number | undefined {
  if (from === to) return 1;
  return isTime(from) && isTime(to) ? nanoseconds[from]! / nanoseconds[to]! : undefined;
}

/** The types, with their units in the names of those that have one name: each can be chosen, and pprof reads no others. */
export function withDistinctNames(types: readonly ValueType[]): ValueType[] {
  const counts = new Map<string, number>();
  const counted = (name: string) => {
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return count;
  };
  for (const { name } of types) counted(name);
  const isShared = types.map(({ name }) => counts.get(name)! > 1);
  return types.map((type, index) => {
    if (!isShared[index]) return type;
    const name = nameWithUnit(type);
    const count = counted(name);
    return { ...type, name: count > 1 ? `${name} ${count}` : name };
  });
}

const nameWithUnit = ({ name, unit }: ValueType) => `${name} (${unit})`;

/** Whether a type of values of a profile became this one when profiles were merged. */
export function isMergedInto(own: ValueType, { name, unit }: ValueType): boolean {
  const isNamed = own.name === name || nameWithUnit({ name: own.name, unit }) === name;
  return isNamed && unitRatio(own.unit, unit) !== undefined;
}

/** The profiles with each type of values in the finest unit that one of them has for it, so that nothing is rounded. */
export function inCommonUnits<Kind extends Profile>(profiles: readonly Kind[]): Kind[] {
  const all = profiles.flatMap(({ valueTypes }) => valueTypes);
  const finest = ({ name, unit }: ValueType) =>
    all.reduce((found, other) => {
      const ratio = other.name === name ? unitRatio(found, other.unit) : undefined;
      return ratio !== undefined && ratio > 1 ? other.unit : found;
    }, unit);
  return profiles.map((profile) => inUnits(profile, profile.valueTypes.map(finest)));
}

function inUnits<Kind extends Profile>(profile: Kind, units: readonly string[]): Kind {
  const { valueTypes, tree, labels, idle, sampled } = profile;
  const ratios = valueTypes.map(({ name, unit }, index) => {
    // Two types of one name in a profile stay apart.
    const isAlone = valueTypes.every((other, at) => at === index || other.name !== name);
    return isAlone ? unitRatio(unit, units[index]!)! : 1;
  });
  if (ratios.every((ratio) => ratio === 1)) return profile;
  const scaled = (columns: readonly Float64Array[]) =>
    columns.map((column, index) =>
      ratios[index] === 1 ? column : column.map((weight) => weight * ratios[index]!),
    );
  return {
    ...profile,
    // What is looked up by the frames is of this profile only.
    frames: [...profile.frames],
    valueTypes: valueTypes.map((type, index) =>
      ratios[index] === 1 ? type : { ...type, unit: units[index]! },
    ),
    tree: { ...tree, self: scaled(tree.self) },
    ...(labels && { labels: { ...labels, weights: scaled(labels.weights) } }),
    ...(sampled && {
      sampled: sampled.map(
        (one, index) => one && { whole: one.whole * ratios[index]!, base: one.base * ratios[index]! },
      ),
    }),
    ...(idle && { idle: idle.map((weight, index) => weight * ratios[index]!) }),
  };
}
