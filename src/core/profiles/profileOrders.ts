import { criticalPath } from './criticalPath';
import { drawing } from './drawing';
import { hotFunctions } from './hotFunctions';
import { type LoadedProfile, profileOf } from './loadedProfile';
import { profileSummary } from './profileSummary';

/** What the thread of a profile can be asked: an entry an order, with what it needs besides the profile. */
export const profileOrders = {
  summary: (loaded: LoadedProfile) => profileSummary(profileOf(loaded)),
  draw: (loaded: LoadedProfile) => drawing(loaded),
  /** The heaviest `limit` functions by their own weight. */
  hotFunctions: (loaded: LoadedProfile, { valueType, limit }: { valueType?: number; limit: number }) => {
    const { total, functions } = hotFunctions(profileOf(loaded), valueType);
    return { total, count: functions.length, functions: functions.slice(0, limit) };
  },
  criticalPath: (loaded: LoadedProfile, { valueType }: { valueType?: number }) =>
    criticalPath(profileOf(loaded), valueType),
};

type ProfileOrders = typeof profileOrders;
export type OrderName = keyof ProfileOrders;
/** What goes with an order. */
export type OrderInput<Name extends OrderName> =
  Parameters<ProfileOrders[Name]> extends [LoadedProfile, infer Input] ? Input : undefined;
export type OrderAnswer<Name extends OrderName> = Awaited<ReturnType<ProfileOrders[Name]>>;
