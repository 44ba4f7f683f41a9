import { criticalPath, type PathStep } from '../analysis/criticalPath';
import { type HotFunction, hotFunctions } from '../analysis/hotFunctions';
import { type LocatedProfile } from './locatedProfile';
import { functionKey } from './profile';
import type { WholeWeight } from './wholeWeight';

/** What of a profile is looked at. */
export interface ProfileSelection {
  valueType?: number;
  /** Functions of other files than those that were claimed are left out; weights stay as they are. */
  mineOnly?: boolean;
}

/** The heaviest `limit` functions by their own weight, and how many there are. */
export function topFunctions(
  profile: LocatedProfile,
  { limit, ...selection }: ProfileSelection & { limit: number },
): WholeWeight & { count: number; functions: HotFunction[] } {
  const { functions, ...weight } = selectedFunctions(profile, selection);
  return { ...weight, count: functions.length, functions: functions.slice(0, limit) };
}

export function selectedPath(profile: LocatedProfile, { valueType, mineOnly }: ProfileSelection): PathStep[] {
  const path = criticalPath(profile, valueType);
  return mineOnly ? path.filter(isMine(profile)) : path;
}

export interface FunctionOrder extends ProfileSelection {
  name: string;
  file: string | undefined;
}

/** A function with its place among the hot ones from 0, and how the profile itself names it. */
export interface FoundFunction {
  rank: number;
  function: HotFunction;
  raw: { name: string; file: string | undefined };
}

export function findFunction(
  profile: LocatedProfile,
  { name, file, ...selection }: FunctionOrder,
): FoundFunction | undefined {
  const { functions } = selectedFunctions(profile, selection);
  const rank = functions.findIndex((one) => one.name === name && one.file === file);
  const key = functionKey({ name, ...(file !== undefined && { file }) });
  const raw = profile.rawFrames[profile.frames.findIndex((frame) => functionKey(frame) === key)];
  if (rank < 0 || !raw) return undefined;
  return { rank, function: functions[rank]!, raw: { name: raw.name, file: raw.file } };
}

function selectedFunctions(profile: LocatedProfile, { valueType, mineOnly }: ProfileSelection) {
  const { functions, ...weight } = hotFunctions(profile, valueType);
  return { ...weight, functions: mineOnly ? functions.filter(isMine(profile)) : functions };
}

const isMine =
  ({ mine }: LocatedProfile) =>
  ({ file }: { file: string | undefined }) =>
    file !== undefined && mine.has(file);
