import { l10n } from 'vscode';
import { appliedChange } from '../../core/compare/applyDifferences';
import { keyText } from '../../core/keys/keyText';
import { sizeText } from '../../../../shell/editor/text/sizeText';
import { escapeMarkdown } from '../../../../shell/editor/hosts/escapeMarkdown';
import { badgeOf, countsText } from './comparisonRow';
import { sideLabel } from './comparisonSide';
import type { Comparison } from './comparisonView';

/** Rows of the table; further ones are counted. */
const maxRows = 1_000;

/** A comparison as a table, without values: they may be secret. */
export function comparisonMarkdown({ left, right, nodes }: Comparison): string {
  const { all, same } = nodes.differences;
  const title = `**${escapeMarkdown(sideLabel(left))} → ${escapeMarkdown(sideLabel(right))}**`;
  const counts = [
    countsText(nodes.countsOf()),
    ...(same === undefined ? [] : [l10n.t('{0} the same', same)]),
  ];
  const size = (side: { size: number } | undefined) => (side ? sizeText(side.size) : '');
  const rows = all
    .slice(0, maxRows)
    .map(
      (one) =>
        `| ${badgeOf(appliedChange(one))} | ${escapeMarkdown(keyText(one.name) || '""')} | ${size(one.left)} | ${size(one.right)} |`,
    );
  const rest = all.length - maxRows;
  return [
    ...[title, '', escapeMarkdown(counts.join(', ')), ''],
    ...(rows.length === 0
      ? []
      : [
          `| | ${l10n.t('Key')} | ${l10n.t('Left')} | ${l10n.t('Right')} |`,
          '| --- | --- | ---: | ---: |',
          ...rows,
        ]),
    ...(rest > 0 ? ['', l10n.t('… and {0} more', rest)] : []),
    '',
  ].join('\n');
}
