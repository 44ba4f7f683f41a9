import { l10n, ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState } from 'vscode';
import { errorChain, errorReport } from '../../../platform/errors/errors';
import { printable } from '../../../platform/text/printable';
import { sizeText } from '../../../shell/editor/text/sizeText';
import type { BranchRow } from '../../../shell/editor/hosts/hostNodes';
import type { Forward } from './forward';
import { targetText } from './forwardTarget';

/** The key of the row of a forwarded port. */
export function forwardKey({ port }: Pick<Forward, 'port'>): string {
  return `forward ${port.port}`;
}

/** A forwarded port below its host. */
export class ForwardRow implements BranchRow {
  readonly key: string;

  constructor(readonly forward: Forward) {
    this.key = forwardKey(forward);
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
    const usedBy = this.usedBy();
    const state = failure ? printable(failure.message) : undefined;
    const open = l10n.t('{0} open · {1} so far', port.open, port.served);
    const received = sizeText(port.received);
    const sent = sizeText(port.sent);
    item.description = [
      ...(usedBy === undefined ? [] : [usedBy]),
      state ?? `${open} · ↓ ${received} ↑ ${sent}`,
    ].join(' · ');
    item.tooltip = this.tooltip();
    item.accessibilityInformation = {
      label: [
        `${l10n.t('Forwarded port')} ${label}`,
        ...(usedBy === undefined ? [] : [usedBy]),
        ...(state === undefined ? [] : [state]),
        ...[open, l10n.t('{0} received, {1} sent', received, sent)],
      ].join(', '),
    };
    return item;
  }

  private usedBy(): string | undefined {
    const { users } = this.forward;
    return users.length === 0
      ? undefined
      : l10n.t('for {0}', users.map((user) => printable(user)).join(', '));
  }

  private tooltip(): string {
    const { port, target, host, users, isOwn } = this.forward;
    const lines = port.failure
      ? errorChain(errorReport(port.failure)).map((line) => printable(line, 500))
      : [
          l10n.t(
            'Connections to 127.0.0.1:{0} reach {1} as {2} sees it.',
            port.port,
            targetText(target),
            host,
          ),
          l10n.t('{0} received, {1} sent', sizeText(port.received), sizeText(port.sent)),
        ];
    if (users.length > 0 && !isOwn) lines.push(l10n.t('It ends when it is no longer used.'));
    return lines.join('\n');
  }
}
