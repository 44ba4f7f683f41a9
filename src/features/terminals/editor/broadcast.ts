import { type Disposable, l10n, type StatusBarItem, ThemeColor, window } from 'vscode';
import type { HostTerminal } from './hostTerminal';
import { setContext } from '../../../shell/editor/setContext';
import { terminalsContext } from './contextKeys';

/** Terminals that share their input: whatever is typed into one of them goes to all. */
export class Broadcast implements Disposable {
  private members = new Set<HostTerminal>();
  private item: StatusBarItem | undefined;

  get size(): number {
    return this.members.size;
  }

  has(terminal: HostTerminal): boolean {
    return this.members.has(terminal);
  }

  /** Replaces the members; fewer than two share nothing. Read-only hosts are none, whoever asks. */
  share(terminals: Iterable<HostTerminal>): void {
    const members = new Set([...terminals].filter((terminal) => !terminal.isReadOnly));
    if (members.size < 2) members.clear();
    for (const terminal of this.members) if (!members.has(terminal)) terminal.markBroadcast(false);
    for (const terminal of members) terminal.markBroadcast(true);
    this.members = members;
    this.show();
  }

  remove(terminal: HostTerminal): void {
    if (this.members.delete(terminal)) this.share(this.members);
  }

  /** Takes out hosts whose group an edit has made read-only, and says so. */
  removeReadOnly(): void {
    const removed = [...this.members].filter((terminal) => terminal.isReadOnly);
    if (removed.length === 0) return;
    this.share(this.members);
    const hosts = removed.map(({ host }) => host).join(', ');
    void window.showWarningMessage(
      l10n.t('Read-only by now, so no longer part of the broadcast: {0}', hosts),
    );
  }

  forward(from: HostTerminal, data: string): void {
    if (!this.members.has(from)) return;
    for (const terminal of this.members) if (terminal !== from) terminal.send(data);
  }

  dispose(): void {
    this.share([]);
    this.item?.dispose();
  }

  private show(): void {
    void setContext(terminalsContext.broadcasting, this.size > 0);
    if (this.size === 0) {
      this.item?.hide();
      return;
    }
    this.item ??= window.createStatusBarItem('muster.broadcast', undefined, 100);
    this.item.name = l10n.t('Muster: Broadcast');
    this.item.text = `$(broadcast) ${l10n.t('Broadcasting to {0} terminals', this.size)}`;
    const hosts = [...this.members].map(({ host }) => host).join(', ');
    this.item.tooltip = l10n.t('What you type goes to {0}. Click to stop.', hosts);
    this.item.accessibilityInformation = {
      label: `${l10n.t('Broadcasting to {0} terminals', this.size)}. ${this.item.tooltip}`,
    };
    this.item.backgroundColor = new ThemeColor('statusBarItem.warningBackground');
    this.item.command = 'muster.stopBroadcast';
    this.item.show();
  }
}
