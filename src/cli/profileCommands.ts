/** The commands on profiles: one bundle of its own. */
import { carriedOut } from './carriedOut';
import type { CaptureCommandOptions } from './commands/profile/captureProfiles';
import { convertProfile } from './commands/profile/convertProfile';
import { diffProfiles } from './commands/profile/diffProfiles';
import { labelsOfProfile } from './commands/profile/labelsOfProfile';
import { mergeFiles } from './commands/profile/mergeFiles';
import { pathOfProfile } from './commands/profile/pathOfProfile';
import { topFunctions } from './commands/profile/topFunctions';

export const capture = carriedOut<CaptureCommandOptions>(async (...args) =>
  (await import('./commands/profile/captureProfiles')).captureProfiles(...args),
);
export const top = carriedOut(topFunctions);
export const labels = carriedOut(labelsOfProfile);
export const path = carriedOut(pathOfProfile);
export const diff = carriedOut(diffProfiles);
export const convert = carriedOut(convertProfile);
export const merge = carriedOut(mergeFiles);
