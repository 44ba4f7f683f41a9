import { MusterError } from '../../../../platform/errors/errors';
import { functionFrame, type FrameOrder } from './byFunction';
import { callees, type CalleesOrder } from './callees';
import { compareProfiles, endComparison, receiveProfile, sendProfile } from './comparisonOrders';
import { drawing, type DrawingWish } from './drawing';
import { fileWeights, type FileWeightsOrder } from './fileWeights';
import { type LoadedProfile, profileOf } from '../model/loadedProfile';
import type { LabelFilter } from './labelFilter';
import { selectedByLabel, topLabels, topLabelValues } from '../model/labelSelection';
import { claim, filesOf, type GeneratedFiles, locate, located } from '../model/locatedProfile';
import type { WrittenFormat } from '../formats/profileFormats';
import { profileSummary } from './profileSummary';
import {
  findFunction,
  type FunctionOrder,
  type ProfileSelection,
  selectedPath,
  topFunctions,
} from '../model/selection';
import { writtenProfile } from '../formats/writtenProfile';

const locatedOf = (loaded: LoadedProfile) => located(profileOf(loaded));
/** Orders that are of all samples, or only of those with a label. */
interface ByLabel {
  label?: LabelFilter | undefined;
}
const selectedOf = (loaded: LoadedProfile, { label }: ByLabel) => selectedByLabel(profileOf(loaded), label);

/** What the thread of a profile can be asked: an entry an order, with what it needs besides the profile. */
export const profileOrders = {
  summary: (loaded: LoadedProfile) => profileSummary(profileOf(loaded)),
  draw: (loaded: LoadedProfile, wish: DrawingWish) => drawing(loaded, wish),
  /** The whole profile in another format, merged by stack. */
  convert: async (loaded: LoadedProfile, { to }: { to: WrittenFormat }) => {
    const parts = await writtenProfile(profileOf(loaded), to, loaded.name);
    return Buffer.concat(Array.from(parts, (part) => Buffer.from(part as string)));
  },
  /** What comparing takes: one thread sends its profile, the other receives it. */
  send: sendProfile,
  receive: receiveProfile,
  compare: compareProfiles,
  endComparison,
  /** The frame of a function that is drawn, where we have read the profile ourselves. */
  frame: ({ read }: LoadedProfile, order: FrameOrder) =>
    read instanceof MusterError ? undefined : functionFrame(read, order),
  /** The heaviest `limit` functions by their own weight. */
  hotFunctions: (loaded: LoadedProfile, order: ProfileSelection & ByLabel & { limit: number }) =>
    topFunctions(selectedOf(loaded, order), order),
  criticalPath: (loaded: LoadedProfile, order: ProfileSelection & ByLabel) =>
    selectedPath(selectedOf(loaded, order), order),
  /** What is called at the end of a path of functions. */
  callees: (loaded: LoadedProfile, order: CalleesOrder & ByLabel) =>
    callees(selectedOf(loaded, order), order),
  /** The keys of labels, and the values of one. */
  labels: (loaded: LoadedProfile, order: { valueType: number; limit: number }) =>
    topLabels(profileOf(loaded), order),
  labelValues: (loaded: LoadedProfile, order: { key: string; valueType: number; limit: number }) =>
    topLabelValues(profileOf(loaded), order),
  /** The lines and functions of a file that is open. */
  fileWeights: (loaded: LoadedProfile, order: FileWeightsOrder) => fileWeights(locatedOf(loaded), order),
  /** A function, where it stands among the hot ones, and how the profile itself names it. */
  findFunction: (loaded: LoadedProfile, order: FunctionOrder) => findFunction(locatedOf(loaded), order),
  /** The files that frames name, as they are in the profile. */
  files: (loaded: LoadedProfile) => filesOf(profileOf(loaded).frames),
  /** Leads frames back through the source maps of these files; from now on every order but `draw` is of the sources. */
  locate: (loaded: LoadedProfile, generated: GeneratedFiles) => locate(profileOf(loaded), generated),
  /** Says which files `mineOnly` keeps. */
  claim: (loaded: LoadedProfile, mine: readonly string[]) => claim(profileOf(loaded), mine),
};

type ProfileOrders = typeof profileOrders;
export type OrderName = keyof ProfileOrders;
/** What goes with an order. */
export type OrderInput<Name extends OrderName> =
  Parameters<ProfileOrders[Name]> extends [LoadedProfile, infer Input] ? Input : undefined;
export type OrderAnswer<Name extends OrderName> = Awaited<ReturnType<ProfileOrders[Name]>>;

/** A file by its path, or what is in it. */
export interface ProfileSource {
  name: string;
  content: string | Uint8Array;
}

/** Between whoever looks at a profile and the thread that has it. */
export interface ProfileContract {
  data: ProfileSource;
  methods: {
    [Name in OrderName]: (input: OrderInput<Name>) => OrderAnswer<Name> | Promise<OrderAnswer<Name>>;
  };
  news: object;
}
