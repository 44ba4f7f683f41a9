import { hotFunctions } from '../../core/analysis/hotFunctions';
import { weightText } from '../../core/model/weightText';
import { exitStatus } from '../../../../shell/cli/exitStatus';
import { t } from '../../../../shell/cli/l10n';
import { type LabelOptions, openLabelled } from '../openLabelled';
import { readNumber, readValueType } from '../openProfile';
import type { CommonOptions } from '../../../../shell/cli/options';
import { functionText, shareText } from '../functionText';
import { profileHeading } from '../profileHeading';
import { formatTable } from '../../../../shell/cli/output/table';
import type { Work } from '../../../../shell/cli/carriedOut';
import { jsonText } from '../../../../shell/cli/output/jsonText';

export interface TopOptions extends CommonOptions, LabelOptions {
  number?: string;
  valueType?: string;
  cum?: boolean;
}

/** `muster profile top` */
export const topFunctions: Work<TopOptions> = async ([file], options, cli) => {
  const { stdout } = cli.terminal;
  const most = readNumber(options.number);
  const profile = await openLabelled(file!, options, cli);
  const index = readValueType(profile, options.valueType);
  const type = profile.valueTypes[index]!;
  const { name, unit } = type;
  const { functions, ...weight } = hotFunctions(profile, index);
  const { whole } = weight;
  if (options.cum) functions.sort((a, b) => Math.abs(b.total) - Math.abs(a.total));
  const shown = functions.slice(0, most);
  if (options.json || options.ndjson) {
    const listed = options.number === undefined ? functions : shown;
    await stdout.write(`${jsonText({ valueType: name, unit, ...weight, functions: listed })}\n`);
    return exitStatus.ok;
  }
  await stdout.write(`${profileHeading(type, weight)}\n`);
  const rows = shown.map((one) => [
    ...[weightText(one.self, unit), shareText(one.self, whole)],
    ...[weightText(one.total, unit), shareText(one.total, whole), functionText(one)],
  ]);
  const head = [t('self'), '%', t('total'), '%', t('function')];
  await stdout.write(await formatTable(head, rows, stdout.colors));
  if (shown.length < functions.length)
    await stdout.write(`${t('{0} more functions', functions.length - shown.length)}\n`);
  return exitStatus.ok;
};
