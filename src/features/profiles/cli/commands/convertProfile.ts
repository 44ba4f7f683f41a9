import { basename } from 'node:path';
import { exitStatus } from '../../../../shell/cli/exitStatus';
import { type LabelOptions, openLabelled } from '../openLabelled';
import { readValueType } from '../openProfile';
import type { CommonOptions } from '../../../../shell/cli/options';
import type { WrittenFormat } from '../../core/formats/profileFormats';
import type { Work } from '../../../../shell/cli/carriedOut';
import { writeProfile } from '../writeProfile';

export interface ConvertOptions extends CommonOptions, LabelOptions {
  to: WrittenFormat;
  valueType?: string;
  output?: string;
}

/** `muster profile convert` */
export const convertProfile: Work<ConvertOptions> = async (
  [file],
  { to, output, valueType, ...options },
  cli,
) => {
  const profile = await openLabelled(file!, options, cli);
  const index = readValueType(profile, valueType);
  await writeProfile(profile, { to, output, name: basename(file!), valueType: index }, cli);
  return exitStatus.ok;
};
