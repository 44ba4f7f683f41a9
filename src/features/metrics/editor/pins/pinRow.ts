import { l10n, ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState } from 'vscode';
import { printable } from '../../../../platform/text/printable';
import type { BranchRow } from '../../../../shell/editor/hosts/hostNodes';
import { gapWord } from '../gapWord';
import type { Pin } from './pin';
import type { PinFigure } from './pinFigure';

/** The key of the row of a pinned series. */
export function pinKey({ source, series }: Pick<Pin, 'source' | 'series'>): string {
  return `metric ${source} ${series}`;
}

export function pinText(figure: PinFigure): string {
  if ('text' in figure) return figure.text;
  if ('gap' in figure) return gapWord(figure.gap);
  return 'failure' in figure ? printable(figure.failure, 500) : l10n.t('not read yet');
}

/** A pinned series below its host. */
export class PinRow implements BranchRow {
  readonly key: string;

  constructor(
    readonly pin: Pin,
    private readonly figureOf: () => PinFigure,
  ) {
    this.key = pinKey(pin);
  }

  item(): TreeItem {
    const figure = this.figureOf();
    const label = printable(this.pin.series, 200);
    const text = pinText(figure);
    const item = new TreeItem(label, TreeItemCollapsibleState.None);
    item.contextValue = 'pinnedSeries';
    item.description = text;
    item.iconPath =
      'failure' in figure
        ? new ThemeIcon('warning', new ThemeColor('problemsWarningIcon.foreground'))
        : new ThemeIcon('graph-line');
    item.tooltip = `${label} (${printable(this.pin.source)})\n${text}`;
    item.accessibilityInformation = { label: `${l10n.t('Pinned series')} ${label}, ${text}` };
    return item;
  }
}
