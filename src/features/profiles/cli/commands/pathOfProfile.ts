import { criticalPath } from '../../core/analysis/criticalPath';
import { weightText } from '../../core/model/weightText';
import { wholeWeight } from '../../core/model/wholeWeight';
import { exitStatus } from '../../../../shell/cli/exitStatus';
import { t } from '../../../../shell/cli/l10n';
import { type LabelOptions, openLabelled } from '../openLabelled';
import { readValueType } from '../openProfile';
import type { CommonOptions } from '../../../../shell/cli/options';
import { functionText, shareText } from '../functionText';
import { profileHeading } from '../profileHeading';
import { formatTable } from '../../../../shell/cli/output/table';
import type { Work } from '../../../../shell/cli/carriedOut';
import { jsonText } from '../../../../shell/cli/output/jsonText';

export interface PathOptions extends CommonOptions, LabelOptions {
  valueType?: string;
}

/** Steps that are listed for people. */
const mostSteps = 1_000;

/** `muster profile path` */
export const pathOfProfile: Work<PathOptions> = async ([file], options, cli) => {
  const { stdout } = cli.terminal;
  const profile = await openLabelled(file!, options, cli);
  const index = readValueType(profile, options.valueType);
  const type = profile.valueTypes[index]!;
  const { name, unit } = type;
  const weight = wholeWeight(profile, index);
  const { whole } = weight;
  const path = criticalPath(profile, index);
  if (options.json || options.ndjson) {
    await stdout.write(`${jsonText({ valueType: name, unit, ...weight, path })}\n`);
    return exitStatus.ok;
  }
  await stdout.write(`${profileHeading(type, weight)}\n`);
  const rows = path
    .slice(0, mostSteps)
    .map((step) => [
      ...[weightText(step.total, unit), shareText(step.total, whole), weightText(step.self, unit)],
      `${step.narrows ? stdout.colors.yellow('↘ ') : '  '}${functionText(step)}`,
    ]);
  await stdout.write(await formatTable([t('total'), '%', t('self'), t('function')], rows, stdout.colors));
  if (path.length > mostSteps)
    await stdout.write(`${t('{0} more steps; --json has all', path.length - mostSteps)}\n`);
  if (path.slice(0, mostSteps).some(({ narrows }) => narrows))
    await stdout.write(`${t('↘ less than half of the step before goes on here')}\n`);
  return exitStatus.ok;
};
