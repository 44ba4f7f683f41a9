import { env, l10n } from 'vscode';
import type { ComparedBox, Comparison } from '../../core/analysis/comparison';
import { type FunctionChange, selfDelta, totalDelta } from '../../core/analysis/profileDiff';
import { weightText } from '../../core/model/weightText';
import type { ProfileTime } from '../list/profileTime';
import type { BoxModel, ChangeModel, ComparisonWords } from '../../protocol/profileComparison';

/** Functions in what is copied. */
const mostCopied = 50;

export function comparisonWords(): ComparisonWords {
  return {
    graph: l10n.t('Both profiles as one flame graph; the table below says the same'),
    table: l10n.t('Functions by the change of their own weight'),
    valueType: l10n.t('Values:'),
    normalize: l10n.t('Scale the first to the total of the second'),
    whole: l10n.t('Draw All'),
    swap: l10n.t('Swap'),
    swapHint: l10n.t('Swap Before and After'),
    copy: l10n.t('Copy as Markdown'),
    grows: l10n.t('more than before'),
    shrinks: l10n.t('less than before'),
    columns: columns(),
  };
}

const columns = () => [
  l10n.t('Function'),
  ...[l10n.t('Self before'), l10n.t('Self after'), l10n.t('Self change')],
  ...[l10n.t('Total before'), l10n.t('Total after'), l10n.t('Total change')],
];

/** Why one is before the other. */
export function orderText(before: ProfileTime | undefined, after: ProfileTime | undefined): string {
  if (!before || !after) return l10n.t('When they were taken is not known: swap them if the order is wrong.');
  const times = l10n.t('Before was {0}, after was {1}.', timeText(before), timeText(after));
  if (before.at === after.at) return `${times} ${l10n.t('Swap them if the order is wrong.')}`;
  return before.at < after.at ? times : `${times} ${l10n.t('The later one is before.')}`;
}

function timeText({ at, isCaptured }: ProfileTime): string {
  const time = new Date(at).toLocaleString(env.language, { dateStyle: 'medium', timeStyle: 'medium' });
  return isCaptured ? l10n.t('captured {0}', time) : l10n.t('written {0}', time);
}

/** What is said above the graph. */
export function summaryText({
  valueType: { name, unit },
  totals,
  idle,
  scale,
  changed,
  folded,
}: Comparison): string {
  const said = [
    l10n.t(
      '{0}: {1} before, {2} after.',
      name,
      weightText(totals.before, unit),
      weightText(totals.after, unit),
    ),
  ];
  if (idle)
    said.push(
      l10n.t(
        'Idle is not counted: {0} before, {1} after.',
        weightText(idle.before, unit),
        weightText(idle.after, unit),
      ),
    );
  if (scale !== 1) said.push(l10n.t('Before is scaled by {0}.', scale.toPrecision(3)));
  if (changed === 0) said.push(l10n.t('Nothing changed.'));
  if (folded > 0)
    said.push(
      l10n.t(
        '{0} calls are too narrow to be drawn: click a call to draw what is in it.',
        folded.toLocaleString(env.language),
      ),
    );
  return said.join(' ');
}

export function boxModel(box: ComparedBox, { valueType: { unit } }: Comparison): BoxModel {
  const { before, after, name, file, line, node, depth, left, width } = box;
  const change = (after - before) / (Math.max(Math.abs(before), Math.abs(after)) || 1);
  const shown = node === 0 ? l10n.t('all') : name;
  const place = file === undefined ? '' : `\n${placeText(file, line)}`;
  // Colours alone do not tell: the arrow does, too.
  const arrow = Math.abs(change) < 0.005 ? '' : change > 0 ? '▲ ' : '▼ ';
  return {
    ...{ node, depth, left, width, name: shown, change },
    ...(file !== undefined && { file }),
    ...(line !== undefined && { line }),
    label: `${arrow}${shown} ${signed(after - before, unit)}`,
    detail: `${shown}\n${l10n.t('{0} before, {1} after: {2}', weightText(before, unit), weightText(after, unit), changeText(before, after, unit))}${place}`,
  };
}

export function changeModel(change: FunctionChange, { valueType: { unit } }: Comparison): ChangeModel {
  const { name, file, line, before, after } = change;
  const delta = selfDelta(change) || totalDelta(change);
  return {
    name,
    ...(file !== undefined && { file }),
    ...(line !== undefined && { line }),
    place: file === undefined ? name : placeText(file, line),
    cells: [
      ...[
        weightText(before.self, unit),
        weightText(after.self, unit),
        changeText(before.self, after.self, unit),
      ],
      ...[
        weightText(before.total, unit),
        weightText(after.total, unit),
        changeText(before.total, after.total, unit),
      ],
    ],
    state: stateText(change),
    grows: delta > 0,
  };
}

/** For a pull request. */
export function comparisonMarkdown(comparison: Comparison, before: string, after: string): string {
  const cell = (text: string) => text.replace(/\s+/g, ' ').replace(/[|\\<>`*_[\]]/g, '\\$&');
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  const rows = comparison.functions.slice(0, mostCopied).map((change) => {
    const { name, cells, state } = changeModel(change, comparison);
    return line([state === '' ? name : `${name} (${state})`, ...cells]);
  });
  const left = comparison.changed - rows.length;
  return [
    `**${cell(before)} → ${cell(after)}**`,
    '',
    cell(summaryText({ ...comparison, folded: 0 })),
    '',
    line(columns()),
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...rows,
    ...(left > 0 ? ['', l10n.t('{0} more functions changed.', left)] : []),
    '',
  ].join('\n');
}

function stateText({ state }: FunctionChange): string {
  return state === 'new' ? l10n.t('new') : state === 'gone' ? l10n.t('gone') : '';
}

const placeText = (file: string, line: number | undefined) => (line === undefined ? file : `${file}:${line}`);
const signed = (weight: number, unit: string) => `${weight > 0 ? '+' : ''}${weightText(weight, unit)}`;

function changeText(before: number, after: number, unit: string): string {
  if (after === before) return '–';
  const share =
    before === 0 ? '' : ` (${after > before ? '+' : ''}${(((after - before) / before) * 100).toFixed(1)}%)`;
  return `${signed(after - before, unit)}${share}`;
}
