import { labelText, labelWeights } from '../../core/analysis/labelWeights';
import { weightText } from '../../core/model/weightText';
import { wholeWeight } from '../../core/model/wholeWeight';
import { printable } from '../../../../platform/text/printable';
import { exitStatus } from '../../../../shell/cli/exitStatus';
import { t } from '../../../../shell/cli/l10n';
import { type LabelOptions, openLabelled } from '../openLabelled';
import { readNumber, readValueType } from '../openProfile';
import type { CommonOptions } from '../../../../shell/cli/options';
import { shareText } from '../functionText';
import { profileHeading } from '../profileHeading';
import { formatTable } from '../../../../shell/cli/output/table';
import type { Work } from '../../../../shell/cli/carriedOut';
import { jsonText } from '../../../../shell/cli/output/jsonText';

export interface LabelsOptions extends CommonOptions, Pick<LabelOptions, 'label'> {
  number?: string;
  valueType?: string;
}

/** `muster profile labels` */
export const labelsOfProfile: Work<LabelsOptions> = async ([file], options, cli) => {
  const { stdout } = cli.terminal;
  const most = readNumber(options.number);
  const profile = await openLabelled(file!, options, cli);
  const index = readValueType(profile, options.valueType);
  const type = profile.valueTypes[index]!;
  const { name, unit } = type;
  const weight = wholeWeight(profile, index);
  const { whole } = weight;
  const labels = labelWeights(profile, index);
  if (options.json || options.ndjson) {
    await stdout.write(`${jsonText({ valueType: name, unit, ...weight, labels })}\n`);
    return exitStatus.ok;
  }
  await stdout.write(`${profileHeading(type, weight)}\n`);
  if (labels.length === 0) await stdout.write(`${t('the profile has no labels')}\n`);
  for (const { key, total: ofKey, values } of labels) {
    const heading = `${printable(key, 200)}: ${weightText(ofKey, unit)} ${shareText(ofKey, whole)}`;
    await stdout.write(`\n${heading.trimEnd()}\n`);
    const rows = values
      .slice(0, most)
      .map((one) => [
        ...[weightText(one.weight, unit), shareText(one.weight, whole)],
        printable(labelText(key, one), 200),
      ]);
    await stdout.write(await formatTable([t('weight'), '%', t('value')], rows, stdout.colors));
    if (rows.length < values.length)
      await stdout.write(`${t('{0} more values', values.length - rows.length)}\n`);
  }
  return exitStatus.ok;
};
