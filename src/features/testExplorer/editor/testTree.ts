import { setTimeout } from 'node:timers/promises';
import {
  type Disposable,
  l10n,
  type TestController,
  type TestItem,
  type TestItemCollection,
  Uri,
} from 'vscode';
import type { CheckTarget } from '../../checks/core/checkBatch';
import type { CheckStatus } from '../../checks/core/probe';
import type { Logger } from '../../../platform/host/host';
import type { Fleet } from '../../../shell/editor/fleets/fleet';
import type { Fleets } from '../../../shell/editor/fleets/fleets';
import { editorRange } from '../../../shell/editor/fleets/sourceRange';
import { Pace } from './pacedQueue';
import {
  childrenOf,
  childrenWith,
  holdsHost,
  rootsOf,
  sourceOf,
  targetKey,
  type TestNode,
} from './testNodes';

/** The editor sends new rows on five times a second, all in one piece, which is to stay small. */
const rowsAtOnce = 500;
const sendMs = 220;

/**
 * The rows of the Test Explorer. They are made when they are asked for or have a result, and kept by id when the
 * inventory changes, so that results stay; never many in one turn of the event loop.
 */
export class TestTree implements Disposable {
  private readonly nodes = new WeakMap<TestItem, TestNode>();
  /** Rows whose children were all made. */
  private readonly resolved = new WeakSet<TestItem>();
  private readonly targets = new Map<string, Set<TestItem>>();
  /** The status that a row was last given. */
  readonly shown = new WeakMap<TestItem, CheckStatus>();
  private syncing: Promise<void> | undefined;
  private syncAgain = false;
  private added = 0;
  private disposed = false;

  constructor(
    private readonly controller: TestController,
    private readonly fleets: Fleets,
    private readonly logger: Logger,
  ) {}

  /** What running everything means: the checks of all hosts, each under its groups. */
  get scopes(): TestItem[] {
    return [...this.controller.items]
      .map(([, item]) => item)
      .filter((item) => this.nodeOf(item)?.kind !== 'byCheck');
  }

  nodeOf(item: TestItem): TestNode | undefined {
    return this.nodes.get(item);
  }

  /** The rows of one check on one host that were made so far. */
  itemsOf(fleet: Fleet, host: string, check: string): readonly TestItem[] {
    return [...(this.targets.get(targetKey(fleet, host, check)) ?? [])];
  }

  /** Makes the rows of a target below a row, and those between. */
  makeItems(scope: TestItem, target: CheckTarget): void {
    const node = this.nodes.get(scope);
    if (!node) return;
    for (const child of childrenWith(node, target)) {
      this.makeItems(scope.children.get(child.id) ?? this.addItem(scope.children, child), target);
    }
  }

  /** Makes one row of a target, in the first group that holds it, so that it counts once. */
  makeItem(target: CheckTarget, fleet: Fleet): void {
    const make = (items: TestItemCollection, nodes: readonly TestNode[]): void => {
      const [node] = nodes;
      if (!node) return;
      const item = items.get(node.id) ?? this.addItem(items, node);
      make(item.children, childrenWith(node, target));
    };
    const tops = rootsOf(this.fleets.shown).filter((node) => node.fleet === fleet);
    make(
      this.controller.items,
      tops.filter((node) => node.kind === 'fleet' || (node.kind === 'group' && holdsHost(node, target.host))),
    );
  }

  /** Makes the children of a row that is expanded. */
  async resolve(item: TestItem): Promise<void> {
    const node = this.nodes.get(item);
    if (!node || this.resolved.has(item)) return;
    this.resolved.add(item);
    item.busy = true;
    await this.reconcile(item.children, childrenOf(node), new Pace());
    item.busy = false;
    item.canResolveChildren = false;
  }

  /** Makes the rows of the hosts that a file declares, so that its gutter can run them. */
  async resolveFile(file: string): Promise<void> {
    for (const [, item] of [...this.controller.items]) await this.resolveHosts(item, file);
  }

  /** Follows the inventories; calls meanwhile lead to one more pass. */
  sync(): Promise<void> {
    if (this.syncing) this.syncAgain = true;
    this.syncing ??= this.syncUntilCurrent().finally(() => (this.syncing = undefined));
    return this.syncing;
  }

  dispose(): void {
    this.disposed = true;
    this.targets.clear();
  }

  private async resolveHosts(item: TestItem, file: string): Promise<void> {
    const node = this.nodes.get(item);
    if (!node?.fleet.inventory?.files.includes(file)) return;
    if (node.kind !== 'fleet' && node.kind !== 'group' && node.kind !== 'byCheck') return;
    await this.resolve(item);
    if (node.kind === 'fleet')
      for (const [, child] of [...item.children]) await this.resolveHosts(child, file);
  }

  private async syncUntilCurrent(): Promise<void> {
    do {
      this.syncAgain = false;
      try {
        await this.reconcile(this.controller.items, rootsOf(this.fleets.shown), new Pace());
      } catch (error) {
        this.logger.error(`Test Explorer: ${String(error)}`);
      }
    } while (this.syncAgain && !this.disposed);
  }

  private async reconcile(items: TestItemCollection, nodes: readonly TestNode[], pace: Pace): Promise<void> {
    const ids = new Set(nodes.map(({ id }) => id));
    for (const [id, item] of [...items]) {
      if (ids.has(id)) continue;
      this.forget(item);
      items.delete(id);
    }
    for (const [index, node] of nodes.entries()) {
      if (this.disposed) return;
      if (pace.isDue) await pace.pause();
      if (!items.get(node.id) && ++this.added % rowsAtOnce === 0) await setTimeout(sendMs);
      const item = this.follow(items, node);
      item.sortText = String(index).padStart(6, '0');
      if (item.children.size === 0 && !this.resolved.has(item)) continue;
      const children = childrenOf(node);
      const wanted = this.resolved.has(item) ? children : children.filter(({ id }) => item.children.get(id));
      await this.reconcile(item.children, wanted, pace);
    }
  }

  /** The row of the node as it is now; a row cannot move to another file, so such a one is made anew. */
  private follow(items: TestItemCollection, node: TestNode): TestItem {
    const item = items.get(node.id);
    if (item && item.uri?.fsPath === sourceOf(node)?.file) {
      this.nodes.set(item, node);
      describe(item, node);
      return item;
    }
    if (item) this.forget(item);
    return this.addItem(items, node);
  }

  private addItem(items: TestItemCollection, node: TestNode): TestItem {
    const source = sourceOf(node);
    const item = this.controller.createTestItem(node.id, '', source && Uri.file(source.file));
    this.nodes.set(item, node);
    describe(item, node);
    if (node.kind === 'target') {
      const key = targetKey(node.fleet, node.host.name, node.check.name);
      const known = this.targets.get(key);
      if (known) known.add(item);
      else this.targets.set(key, new Set([item]));
    } else item.canResolveChildren = true;
    items.add(item);
    return item;
  }

  private forget(item: TestItem): void {
    for (const [, child] of item.children) this.forget(child);
    const node = this.nodes.get(item);
    if (node?.kind !== 'target') return;
    const key = targetKey(node.fleet, node.host.name, node.check.name);
    const known = this.targets.get(key);
    known?.delete(item);
    if (known?.size === 0) this.targets.delete(key);
  }
}

/** Without a description: VS Code would read it to the blind in place of the label. */
function describe(item: TestItem, node: TestNode): void {
  const source = sourceOf(node);
  item.label = labelOf(node);
  item.range = source && editorRange(source);
}

function labelOf(node: TestNode): string {
  switch (node.kind) {
    case 'fleet':
      return node.fleet.label;
    case 'group':
      return node.name ?? l10n.t('Ungrouped');
    case 'host':
      return node.host.name;
    case 'byCheck':
      return l10n.t('By check');
    case 'check':
      return node.check.name;
    case 'target':
      return node.under === 'host' ? node.check.name : node.host.name;
  }
}
