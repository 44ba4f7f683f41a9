/** The commands on profiles: one bundle of its own. */
import { carriedOut } from '../../../shell/cli/carriedOut';
import type { CaptureCommandOptions } from './commands/captureProfiles';
import { convertProfile } from './commands/convertProfile';
import { diffProfiles } from './commands/diffProfiles';
import { labelsOfProfile } from './commands/labelsOfProfile';
import { mergeFiles } from './commands/mergeFiles';
import { pathOfProfile } from './commands/pathOfProfile';
import { topFunctions } from './commands/topFunctions';

export const capture = carriedOut<CaptureCommandOptions>(async (...args) =>
  (await import('./commands/captureProfiles')).captureProfiles(...args),
);
export const top = carriedOut(topFunctions);
export const labels = carriedOut(labelsOfProfile);
export const path = carriedOut(pathOfProfile);
export const diff = carriedOut(diffProfiles);
export const convert = carriedOut(convertProfile);
export const merge = carriedOut(mergeFiles);
