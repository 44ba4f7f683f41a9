/** The commands on profiles: one bundle of its own. */
import { errorChain, errorReport, MusterError } from '../core/errors';
import { printable } from '../core/printable';
import { carriedOut } from './carriedOut';
import type { CaptureCommandOptions } from './commands/profile/captureProfiles';
import { convertProfile } from './commands/profile/convertProfile';
import { diffProfiles } from './commands/profile/diffProfiles';
import { labelsOfProfile } from './commands/profile/labelsOfProfile';
import { mergeFiles } from './commands/profile/mergeFiles';
import { pathOfProfile } from './commands/profile/pathOfProfile';
import { topFunctions } from './commands/profile/topFunctions';
import { exitStatus } from './exitStatus';
import type { CommonOptions } from './options';
import type { ProfileWork } from './profileWork';

const onProfiles = <Options extends CommonOptions>(work: ProfileWork<Options>) =>
  carriedOut<Options>(async (operands, options, cli) => {
    try {
      return await work(operands, options, cli);
    } catch (error) {
      if (!MusterError.is(error, 'FORMAT', 'TOO_LARGE', 'PROTOCOL')) throw error;
      const [first, ...rest] = errorChain(errorReport(error));
      for (const line of [`muster: ${first}`, ...rest]) cli.terminal.note(printable(line, 500));
      return exitStatus.failed;
    }
  });

export const capture = onProfiles<CaptureCommandOptions>(async (...args) =>
  (await import('./commands/profile/captureProfiles')).captureProfiles(...args),
);
export const top = onProfiles(topFunctions);
export const labels = onProfiles(labelsOfProfile);
export const path = onProfiles(pathOfProfile);
export const diff = onProfiles(diffProfiles);
export const convert = onProfiles(convertProfile);
export const merge = onProfiles(mergeFiles);
