import { t } from '../../../../platform/l10n/l10n';
import { idleNotes } from '../model/idle';
import type { Profile, Recording, SampledWeight, ValueType } from '../model/profile';
import { ProfileBuilder } from '../model/profileBuilder';
import { inCommonUnits, withDistinctNames } from '../model/units';
import { sampledWeight } from '../model/wholeWeight';

/** A profile with the name of where it is from, such as a host. */
export interface NamedProfile {
  name: string;
  profile: Profile;
}

/**
 * One profile of several, each below a frame with its name. Types of values that differ in their unit only are one; what
 * a profile does not measure is noted. @throws MusterError TOO_LARGE
 */
export function mergeProfiles(named: readonly NamedProfile[]): Profile {
  const builder = new ProfileBuilder(named[0]?.profile.format ?? 'folded');
  const profiles = inCommonUnits(named.map(({ profile }) => profile));
  const own = [...differentTypes(profiles)];
  const distinct = withDistinctNames(own.map(([, type]) => type));
  const mergedTypes = new Map(own.map(([text], index) => [text, distinct[index]!]));
  const typeOf = (type: ValueType) => {
    const { name, unit } = mergedTypes.get(typeText(type))!;
    return builder.valueType(name, unit);
  };
  for (const [at, profile] of profiles.entries()) {
    const { name } = named[at]!;
    const { frames, tree, valueTypes, notes } = profile;
    const types = valueTypes.map(typeOf);
    const numbers = frames.map((frame) => builder.frame(frame.name, frame.file, frame.line, frame));
    for (const [frame, ticks] of profile.ticks ?? [])
      for (const [line, count] of ticks) builder.tick(numbers[frame]!, line, count);
    const places = new Int32Array(tree.frame.length);
    places[0] = builder.child(ProfileBuilder.root, builder.frame(name));
    for (let node = 0; node < places.length; node++) {
      if (node > 0) places[node] = builder.child(places[tree.parent[node]!]!, numbers[tree.frame[node]!]!);
      types.forEach((type, index) => {
        const weight = tree.self[index]![node]!;
        if (weight !== 0) builder.add(places[node]!, type, weight);
      });
    }
    const { labels } = profile;
    const sets = labels?.sets.map((set) => builder.labels(set));
    for (const [row, node] of labels?.node.entries() ?? []) {
      const set = sets![labels!.set[row]!];
      if (set === undefined) continue;
      types.forEach((type, index) => builder.label(places[node]!, set, type, labels!.weights[index]![row]!));
    }
    builder.notes.push(...[...notes, ...idleNotes(profile)].map((note) => `${name}: ${note}`));
  }
  builder.notes.push(...missingTypes(named, profiles));
  const type = profiles[0] && commonDefault(profiles[0], profiles);
  const merged = builder.finish(type && typeOf(type));
  const sampled = own.some(([, one]) => mergedSamples(profiles, one))
    ? merged.valueTypes.map((_, index) => mergedSamples(profiles, own[index]![1]) ?? merged.sampled?.[index])
    : merged.sampled;
  return {
    ...merged,
    ...(sampled && { sampled }),
    recording: mergedRecording(profiles.flatMap(({ recording }) => recording ?? [])),
  };
}

/** What the samples of all weigh as they stood in their files, where that is known of one of them. */
function mergedSamples(profiles: readonly Profile[], type: ValueType): SampledWeight | undefined {
  const parts = profiles.map((profile) => ({
    ...{ profile, index: profile.valueTypes.findIndex((one) => typeText(one) === typeText(type)) },
  }));
  if (parts.every(({ profile, index }) => !profile.sampled?.[index])) return undefined;
  const sum = { whole: 0, base: 0 };
  for (const { profile, index } of parts) {
    if (index < 0) continue;
    const { whole, base } = sampledWeight(profile, index);
    sum.whole += whole;
    sum.base += base;
  }
  return sum;
}

/** As pprof merges them: from the first moment on, all durations together, and the longest period. */
function mergedRecording(recordings: readonly Recording[]): Recording | undefined {
  const [first] = recordings;
  if (!first) return undefined;
  const times = recordings.map(({ time }) => time).filter((time) => time > 0n);
  const alike = recordings.filter(
    ({ periodType }) =>
      periodType?.name === first.periodType?.name && periodType?.unit === first.periodType?.unit,
  );
  return {
    ...first,
    time: times.reduce((least, time) => (time < least ? time : least), times[0] ?? 0n),
    duration: recordings.reduce((sum, { duration }) => sum + duration, 0n),
    period: alike.reduce((most, { period }) => (period > most ? period : most), 0n),
    comments: [...new Set(recordings.flatMap(({ comments }) => comments))],
  };
}

const has = ({ valueTypes }: Profile, { name, unit }: ValueType) =>
  valueTypes.some((type) => type.name === name && type.unit === unit);
const typeText = ({ name, unit }: ValueType) => `${name}/${unit}`;

const differentTypes = (profiles: readonly Profile[]) =>
  new Map(profiles.flatMap(({ valueTypes }) => valueTypes.map((type) => [typeText(type), type])));

/** Which profiles have no part in a type of values of others. */
function missingTypes(named: readonly NamedProfile[], profiles: readonly Profile[]): string[] {
  const types = differentTypes(profiles);
  return profiles.flatMap((profile, at) => {
    const missing = [...types.values()].filter((type) => !has(profile, type)).map(typeText);
    if (missing.length === 0) return [];
    const own = profile.valueTypes.map(typeText).join(', ');
    return [t('{0} has no part in {1}: it measures {2}', named[at]!.name, missing.join(', '), own)];
  });
}

/** What people look at first in the first profile, or in all of them. */
function commonDefault({ valueTypes, defaultValueType }: Profile, profiles: readonly Profile[]): ValueType {
  const own = valueTypes[defaultValueType]!;
  const isCommon = (type: ValueType) => profiles.every((profile) => has(profile, type));
  return isCommon(own) ? own : (valueTypes.find(isCommon) ?? own);
}
