import { mergeProfiles, type NamedProfile } from '../../core/analysis/mergeProfiles';
import { isMergedInto } from '../../core/model/units';
import { printable } from '../../../../platform/text/printable';
import { exitStatus, UsageError } from '../../../../shell/cli/exitStatus';
import { t } from '../../../../shell/cli/l10n';
import type { LabelOptions } from '../openLabelled';
import { readFileProfile, readValueType } from '../openProfile';
import type { Work } from '../../../../shell/cli/carriedOut';
import { writeProfile } from '../writeProfile';
import type { ConvertOptions } from './convertProfile';

export type MergeOptions = Omit<ConvertOptions, keyof LabelOptions>;

/** `muster profile merge` */
export const mergeFiles: Work<MergeOptions> = async (operands, { to, output, valueType }, cli) => {
  const named: NamedProfile[] = [];
  for (const operand of operands) {
    const at = operand.indexOf('=');
    if (at < 1) throw new UsageError(t('{0} is not NAME=FILE', printable(operand)));
    named.push({ name: operand.slice(0, at), profile: await readFileProfile(operand.slice(at + 1), cli) });
  }
  const profile = mergeProfiles(named);
  for (const note of profile.notes) cli.terminal.note(`muster: ${printable(note, 500)}`);
  const name = named.map((one) => one.name).join(', ');
  const index = readValueType(profile, valueType);
  await writeProfile(profile, { to, output, name, valueType: index }, cli);
  // Folded stacks are of one type of values: who does not measure it is not in them at all.
  const type = profile.valueTypes[index]!;
  const left = named.filter((one) => !one.profile.valueTypes.some((other) => isMergedInto(other, type)));
  if (to !== 'folded' || left.length === 0) return exitStatus.ok;
  const names = left.map((one) => printable(one.name)).join(', ');
  cli.terminal.note(
    `muster: ${t('nothing of {0} was written: choose what all measure with --value-type, or --to pprof', names)}`,
  );
  return exitStatus.failed;
};
