import { mergeProfiles, type NamedProfile } from '../../../core/profiles/mergeProfiles';
import { printable } from '../../../core/printable';
import { exitStatus, UsageError } from '../../exitStatus';
import { t } from '../../l10n';
import type { LabelOptions } from '../../openLabelled';
import { openProfile, readValueType } from '../../openProfile';
import type { ProfileWork } from '../../profileWork';
import { writeProfile } from '../../writeProfile';
import type { ConvertOptions } from './convertProfile';

export type MergeOptions = Omit<ConvertOptions, keyof LabelOptions>;

/** `muster profile merge` */
export const mergeFiles: ProfileWork<MergeOptions> = async (operands, { to, output, valueType }, cli) => {
  const named: NamedProfile[] = [];
  for (const operand of operands) {
    const at = operand.indexOf('=');
    if (at < 1) throw new UsageError(t('{0} is not NAME=FILE', printable(operand)));
    named.push({ name: operand.slice(0, at), profile: await openProfile(operand.slice(at + 1), cli) });
  }
  const profile = mergeProfiles(named);
  const name = named.map((one) => one.name).join(', ');
  await writeProfile(profile, { to, output, name, valueType: readValueType(profile, valueType) }, cli);
  return exitStatus.ok;
};
