import { type Disposable, l10n, type TreeView, window, workspace } from 'vscode';
import { basename } from 'node:path';
import { Disposables } from '../disposables';
import type { Fleet } from '../fleets/fleet';
import type { Fleets } from '../fleets/fleets';
import { HostNamesDrag } from './hostNamesDrag';
import type { HostsNode } from './hostNodes';
import { HostsTree } from './hostsTree';

/** The view in the side bar: its rows, the badge with the number of unhealthy hosts, and the line above the rows. */
export class HostsView implements Disposable {
  private readonly owned = new Disposables();
  readonly tree: HostsTree;
  private readonly view: TreeView<HostsNode>;
  readonly onDidChangeVisibility: TreeView<HostsNode>['onDidChangeVisibility'];
  private filterMessage: string | undefined;

  constructor(private readonly fleets: Fleets) {
    this.tree = this.owned.add(new HostsTree(fleets));
    this.view = this.owned.add(
      window.createTreeView('muster.hosts', {
        treeDataProvider: this.tree,
        canSelectMany: true,
        showCollapseAll: true,
        dragAndDropController: new HostNamesDrag(),
      }),
    );
    this.onDidChangeVisibility = this.view.onDidChangeVisibility;
    this.owned.add(this.tree.onDidFlush(() => this.update()));
    this.owned.add(workspace.onDidGrantWorkspaceTrust(() => this.update()));
    this.update();
  }

  get selection(): readonly HostsNode[] {
    return this.view.selection;
  }

  get visible(): boolean {
    return this.view.visible;
  }

  get badge(): number {
    return this.view.badge?.value ?? 0;
  }

  get message(): string | undefined {
    return this.view.message;
  }

  /** Selects the host's row, the first one if several groups hold it; false when the view does not show it. */
  async revealHost(fleet: Fleet, name: string): Promise<boolean> {
    return this.reveal(fleet, 'host', name);
  }

  async revealGroup(fleet: Fleet, name: string): Promise<boolean> {
    return this.reveal(fleet, 'group', name);
  }

  /** What the view shows of all there is, said beside its title; empty for the usual. */
  describe(description: string, message: string | undefined): void {
    this.view.description = description;
    this.filterMessage = message;
    this.update();
  }

  dispose(): void {
    this.owned.dispose();
  }

  private async reveal(fleet: Fleet, kind: 'host' | 'group', name: string): Promise<boolean> {
    const node = this.tree.find(fleet, kind, name);
    if (node) await this.view.reveal(node, { select: true, focus: true, expand: kind === 'group' });
    return node !== undefined;
  }

  private update(): void {
    const unhealthy = this.fleets.shown
      .map((fleet) => fleet.tally.unhealthy)
      .reduce((sum, count) => sum + count, 0);
    const tooltip = unhealthy === 1 ? l10n.t('1 unhealthy host') : l10n.t('{0} unhealthy hosts', unhealthy);
    if (unhealthy !== this.badge) this.view.badge = unhealthy > 0 ? { value: unhealthy, tooltip } : undefined;
    const message = this.messageFor(this.fleets.shown);
    if (message !== this.view.message) this.view.message = message;
  }

  private messageFor(fleets: readonly Fleet[]): string | undefined {
    if (fleets.length === 0) return undefined;
    const stale = fleets.find((fleet) => fleet.stale);
    const messages = [
      ...(workspace.isTrusted
        ? []
        : [
            l10n.t(
              'Restricted Mode: hosts are listed, but nothing is connected to. Trust the workspace to check.',
            ),
          ]),
      ...(stale ? [staleMessage(stale)] : []),
      ...(this.filterMessage === undefined ? [] : [this.filterMessage]),
    ];
    return messages.join(' ') || undefined;
  }
}

function staleMessage(fleet: Fleet): string {
  const error = fleet.problems.find((problem) => problem.severity === 'error');
  const where = error
    ? `${basename(error.range.file)}:${error.range.line}: ${error.message}`
    : basename(fleet.file);
  return l10n.t('Showing the last good inventory. {0}', where);
}
