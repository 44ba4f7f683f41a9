import { printable } from '../../../../platform/text/printable';
import type { HotFunction } from './hotFunctions';
import type { ValueType } from '../model/profile';
import { weightText } from '../model/weightText';
import type { WholeWeight } from '../model/wholeWeight';

/** Functions as a table of GitHub's Markdown; names are text, whatever is in them. */
export function functionsMarkdown(
  { name, unit }: ValueType,
  { total, whole }: WholeWeight,
  functions: readonly HotFunction[],
): string {
  const share = (weight: number) => `${whole === 0 ? 0 : ((100 * weight) / whole).toFixed(1)}%`;
  const rows = functions.map((one) => [
    ...[share(one.self), weightText(one.self, unit), share(one.total), weightText(one.total, unit)],
    ...[code(one.name), code(one.file === undefined ? '' : `${one.file}${one.line ? `:${one.line}` : ''}`)],
  ]);
  return [
    `${code(name)}: ${weightText(total, unit)}`,
    '',
    '| self % | self | total % | total | function | source |',
    '| ---: | ---: | ---: | ---: | --- | --- |',
    ...rows.map((cells) => `| ${cells.join(' | ')} |`),
    '',
  ].join('\n');
}

function code(text: string): string {
  const shown = printable(text, 200).replaceAll('|', '\\|');
  if (shown === '') return '';
  const ticks = '`'.repeat(Math.max(0, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length)) + 1);
  return ticks.length === 1 ? `${ticks}${shown}${ticks}` : `${ticks} ${shown} ${ticks}`;
}
