import { l10n, ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState } from 'vscode';
import { errorChain, errorReport } from '../../core/errors';
import { printable } from '../../core/printable';
import type { BranchRow } from '../trees/hostNodes';
import type { Forward } from './forwards';
import { targetText } from './forwardTarget';

/** A forwarded port below its host. */
export class ForwardRow implements BranchRow {
  readonly key: string;

  constructor(readonly forward: Forward) {
    this.key = `forward ${forward.port.port}`;
  }

  item(): TreeItem {
    const { port, target } = this.forward;
    const label = `localhost:${port.port} → ${targetText(target)}`;
    const item = new TreeItem(label, TreeItemCollapsibleState.None);
    const { failure } = port;
    item.contextValue = 'forward';
    item.iconPath = failure
      ? new ThemeIcon('warning', new ThemeColor('problemsWarningIcon.foreground'))
      : new ThemeIcon('arrow-swap');
    item.description = failure
      ? printable(failure.message)
      : l10n.t('{0} open · {1} so far', port.open, port.served);
    item.tooltip = failure
      ? errorChain(errorReport(failure))
          .map((line) => printable(line, 500))
          .join('\n')
      : l10n.t(
          'Connections to 127.0.0.1:{0} reach {1} as {2} sees it.',
          port.port,
          targetText(target),
          this.forward.host,
        );
    item.accessibilityInformation = {
      label: `${l10n.t('Forwarded port')} ${label}, ${item.description}`,
    };
    return item;
  }
}
