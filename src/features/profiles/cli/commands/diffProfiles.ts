import { type FunctionChange, profileDiff, selfDelta, totalDelta } from '../../core/analysis/profileDiff';
import { weightText } from '../../core/model/weightText';
import { exitStatus } from '../../../../shell/cli/exitStatus';
import { t } from '../../../../shell/cli/l10n';
import { type LabelOptions, openLabelled } from '../openLabelled';
import { readNumber } from '../openProfile';
import type { CommonOptions } from '../../../../shell/cli/options';
import { functionText, shareText } from '../functionText';
import { formatTable } from '../../../../shell/cli/output/table';
import type { Work } from '../../../../shell/cli/carriedOut';
import { jsonText } from '../../../../shell/cli/output/jsonText';

export interface DiffOptions extends CommonOptions, Pick<LabelOptions, 'label'> {
  number?: string;
  valueType?: string;
  markdown?: boolean;
}

/** `muster profile diff`: exits with 0 whether they differ or not, as measurements always do. */
export const diffProfiles: Work<DiffOptions> = async ([before, after], options, cli) => {
  const { stdout } = cli.terminal;
  const most = readNumber(options.number);
  const first = await openLabelled(before!, options, cli);
  const second = await openLabelled(after!, options, cli);
  const diff = profileDiff(first, second, options.valueType);
  const { name, unit } = diff.valueType;
  if (options.json || options.ndjson) {
    const { valueType, ...rest } = diff;
    await stdout.write(`${jsonText({ valueType: valueType.name, unit, ...rest })}\n`);
    return exitStatus.ok;
  }
  const { totals, whole, scale, idle } = diff;
  const changed = t(
    '{0}: {1} before, {2} after',
    name,
    weightText(totals.before, unit),
    weightText(totals.after, unit),
  );
  await stdout.write(`${changed}\n`);
  if (idle) {
    const [was, is] = [weightText(idle.before, unit), weightText(idle.after, unit)];
    await stdout.write(`${t('idle is not counted: {0} before, {1} after', was, is)}\n`);
  }
  if (scale !== 1) await stdout.write(`${t('before is scaled by {0}', scale.toPrecision(3))}\n`);
  const signed = (weight: number) => `${weight > 0 ? '+' : ''}${weightText(weight, unit)}`;
  const rows = diff.functions
    .slice(0, most)
    .map((one) => [
      ...[signed(selfDelta(one)), `${selfDelta(one) > 0 ? '+' : ''}${shareText(selfDelta(one), whole)}`],
      ...[signed(totalDelta(one)), stateText(one), functionText(one)],
    ]);
  const head = [t('self'), '%', t('total'), '', t('function')];
  if (options.markdown) await stdout.write(markdownTable(head, rows));
  else if (rows.length > 0) await stdout.write(await formatTable(head, rows, stdout.colors));
  if (rows.length === 0) await stdout.write(`${t('nothing changed')}\n`);
  if (rows.length < diff.functions.length)
    await stdout.write(`${t('{0} more functions', diff.functions.length - rows.length)}\n`);
  return exitStatus.ok;
};

function stateText({ state }: FunctionChange): string {
  return state === 'new' ? t('new') : state === 'gone' ? t('gone') : '';
}

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replace(/[|\\<>`*_[\]]/g, '\\$&')).join(' | ')} |\n`;
  return `\n${line(head)}| ---: | ---: | ---: | --- | --- |\n${rows.map(line).join('')}`;
}
