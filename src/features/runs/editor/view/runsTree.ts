import { type Disposable, EventEmitter, type TreeDataProvider, type TreeItem } from 'vscode';
import { Disposables } from '../../../../shell/editor/disposables';
import { timingOf } from '../../core/timing';
import type { RunEntry, RunHistory } from '../runHistory';
import { runItem, settlesIn } from './runItem';
import type { RunNode, RunsNode } from './runNodes';

/** Rows of a group that is opened; the document has the names of all. */
const shownHosts = 1000;

/** Runs, below them the groups of hosts with the same output, below these the hosts. */
export class RunsTree implements TreeDataProvider<RunsNode>, Disposable {
  private readonly owned = new Disposables();
  private readonly changed = this.owned.add(new EventEmitter<RunsNode | undefined>());
  readonly onDidChangeTreeData = this.changed.event;
  private readonly nodes = new WeakMap<RunEntry, RunNode>();
  /** Rows that are drawn again once they have settled. */
  private readonly settling = new Map<RunEntry, NodeJS.Timeout>();

  constructor(private readonly history: RunHistory) {
    this.owned.add(
      history.onDidChange((entry) => {
        this.changed.fire(entry && this.nodeOf(entry));
        if (entry && settlesIn(entry) > 0) this.drawWhenSettled(entry);
      }),
    );
  }

  getTreeItem(node: RunsNode): TreeItem {
    const item = runItem(node);
    if (item.command) item.command.arguments = [node];
    return item;
  }

  async getChildren(node?: RunsNode): Promise<RunsNode[]> {
    if (!node) return (await this.history.all()).map((entry) => this.nodeOf(entry));
    const { entry } = node;
    switch (node.kind) {
      case 'run':
        return (await entry.groups()).map((group) => ({ kind: 'runGroup', entry, parent: node, group }));
      case 'runGroup': {
        const timings = new Map((await entry.results()).map((result) => [result.host, timingOf(result)]));
        return node.group.hosts
          .slice(0, shownHosts)
          .map((host) => ({ kind: 'runHost', entry, parent: node, host, timing: timings.get(host) ?? {} }));
      }
      case 'runHost':
        return [];
    }
  }

  getParent(node: RunsNode): RunsNode | undefined {
    return node.kind === 'run' ? undefined : node.parent;
  }

  dispose(): void {
    for (const timer of this.settling.values()) clearTimeout(timer);
    this.owned.dispose();
  }

  private drawWhenSettled(entry: RunEntry): void {
    if (this.settling.has(entry)) return;
    const draw = () => {
      this.settling.delete(entry);
      if (settlesIn(entry) > 0) this.drawWhenSettled(entry);
      else this.changed.fire(this.nodeOf(entry));
    };
    this.settling.set(entry, setTimeout(draw, settlesIn(entry) + 1));
  }

  /** The same object for the same run, by which the view knows it. */
  nodeOf(entry: RunEntry): RunNode {
    const node = this.nodes.get(entry) ?? { kind: 'run', entry };
    this.nodes.set(entry, node);
    return node;
  }
}
