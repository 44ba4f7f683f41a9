import {
  commands,
  type Disposable,
  EventEmitter,
  type FileDecoration,
  type FileDecorationProvider,
  l10n,
  ProgressLocation,
  type TextDocumentContentProvider,
  type TreeDataProvider,
  TreeItem,
  TreeItemCheckboxState,
  Uri,
  window,
  workspace,
} from 'vscode';
import { entryOf } from '../../core/compare/applyDifferences';
import { keyOfPath, pathOfKey } from '../../core/keys/keyPath';
import { findDifferences } from '../../core/compare/prefixDifferences';
import { Disposables } from '../../../../shell/editor/disposables';
import type { EtcdClusters } from '../clusters/etcdClusters';
import { valueDocument, valueUri } from '../documents/etcdValueDocuments';
import {
  ComparisonNodes,
  type ComparisonNode,
  type DifferenceNode,
  type FolderNode,
} from './comparisonNodes';
import { comparisonRow, countsText, differenceDecoration, totalOf } from './comparisonRow';
import { currentSide, openSide, type Side, sideLabel } from './comparisonSide';
import { setContext } from '../../../../shell/editor/setContext';
import { etcdContext } from '../contextKeys';

/** Values of a file that is compared. */
export const fileValueScheme = 'muster-etcd-file';

/** Two sides that were compared. */
export interface Comparison {
  readonly left: Side;
  readonly right: Side;
  readonly nodes: ComparisonNodes;
  readonly separator: Buffer;
}

/** Milliseconds between two messages of progress. */
const reportMs = 100;

/** The Comparison view: one comparison at a time, which is there until it is closed. */
export class ComparisonView
  implements TreeDataProvider<ComparisonNode>, FileDecorationProvider, TextDocumentContentProvider, Disposable
{
  private readonly owned = new Disposables();
  private readonly changed = this.owned.add(new EventEmitter<undefined>());
  readonly onDidChangeTreeData = this.changed.event;
  private readonly documentChanged = this.owned.add(new EventEmitter<Uri>());
  readonly onDidChange = this.documentChanged.event;
  private readonly view = this.owned.add(
    window.createTreeView<ComparisonNode>('muster.configComparison', {
      treeDataProvider: this,
      showCollapseAll: true,
      // A folder stands for what it holds, whether or not that is shown.
      manageCheckboxStateManually: true,
    }),
  );
  private conflicts: ReadonlySet<string> = new Set();
  private shown: Comparison | undefined;
  private attempt = 0;

  constructor(readonly clusters: EtcdClusters) {
    this.owned.add(this.view.onDidChangeCheckboxState(({ items }) => this.toggled(items)));
    this.owned.add(window.registerFileDecorationProvider(this));
    this.owned.add(workspace.registerTextDocumentContentProvider(fileValueScheme, this));
  }

  get comparison(): Comparison | undefined {
    return this.shown;
  }

  /** Compares two sides and shows what differs. The user may cancel, which leaves what was shown. */
  async compare(
    before: Side,
    after: Side,
    options: { keepChoice?: boolean; conflicts?: Iterable<Buffer> } = {},
  ): Promise<void> {
    const attempt = ++this.attempt;
    const [left, right] = [currentSide(before, this.clusters), currentSide(after, this.clusters)];
    const differences = await window.withProgress(
      {
        ...{ location: ProgressLocation.Notification, cancellable: true },
        title: l10n.t('Comparing {0} with {1}', sideLabel(left), sideLabel(right)),
      },
      async (progress, token) => {
        const controller = new AbortController();
        token.onCancellationRequested(() => controller.abort());
        let told = 0;
        const onProgress = (keys: number) => {
          if (performance.now() - told < reportMs) return;
          told = performance.now();
          progress.report({ message: l10n.t('{0} keys', keys.toLocaleString('en')) });
        };
        const { signal } = controller;
        try {
          return await findDifferences(await openSide(left), await openSide(right), { signal, onProgress });
        } catch (error) {
          if (signal.aborted) return undefined;
          throw error;
        }
      },
    );
    if (!differences || attempt !== this.attempt) return;
    const cluster = [right, left].find((side) => side.kind === 'cluster')?.cluster;
    const separator = cluster?.separator ?? Buffer.from('/');
    const nodes = new ComparisonNodes(differences, separator);
    if (options.keepChoice && this.shown) nodes.keepChoiceOf(this.shown.nodes);
    await this.show({ left, right, nodes, separator }, options.conflicts);
  }

  async close(): Promise<void> {
    this.attempt++;
    this.shown = undefined;
    this.changed.fire(undefined);
    await setContext(etcdContext.hasComparison, false);
  }

  chooseRemovals(node: FolderNode | undefined): void {
    this.shown?.nodes.chooseRemovals(node);
    this.redraw();
  }

  showMore({ parent }: { parent: FolderNode }): void {
    this.shown?.nodes.showMore(parent);
    this.changed.fire(undefined);
  }

  /** The documents of both sides of a difference. */
  documentsOf({ difference }: Pick<DifferenceNode, 'difference'>): { left: Uri; right: Uri } | undefined {
    const { shown } = this;
    if (!shown) return undefined;
    const { leftRevision, rightRevision } = shown.nodes.differences;
    return {
      left: this.documentOf(shown.left, difference.name, leftRevision),
      right: this.documentOf(shown.right, difference.name, rightRevision),
    };
  }

  getChildren(node?: ComparisonNode): ComparisonNode[] {
    const { shown } = this;
    if (!shown || totalOf(shown.nodes.countsOf()) === 0) return [];
    if (!node) return [shown.nodes.root];
    return node.kind === 'root' || node.kind === 'folder' ? shown.nodes.rowsOf(node) : [];
  }

  getTreeItem(node: ComparisonNode): TreeItem {
    return this.shown ? comparisonRow(node, { ...this.shown, conflicts: this.conflicts }) : new TreeItem('');
  }

  getParent(node: ComparisonNode): ComparisonNode | undefined {
    return node.parent;
  }

  provideFileDecoration(uri: Uri): FileDecoration | undefined {
    return differenceDecoration(uri);
  }

  provideTextDocumentContent(uri: Uri): string {
    const file = [this.shown?.left, this.shown?.right].find((side) => side?.kind === 'file');
    if (file?.kind !== 'file' || uri.query !== queryOf(file.uri)) return '';
    const name = keyOfPath(uri.path);
    const entry = entryOf(file.entries, name);
    return entry ? valueDocument(name, entry.value) : '';
  }

  dispose(): void {
    this.owned.dispose();
  }

  private async show(shown: Comparison, conflicts: Iterable<Buffer> = []): Promise<void> {
    this.shown = shown;
    this.conflicts = new Set([...conflicts].map((name) => name.toString('latin1')));
    await setContext(etcdContext.hasComparison, true);
    this.redraw();
    // Documents of the file that are open were of what it had before.
    for (const { uri } of workspace.textDocuments)
      if (uri.scheme === fileValueScheme) this.documentChanged.fire(uri);
    await commands.executeCommand('muster.configComparison.focus');
  }

  private redraw(): void {
    const { shown } = this;
    if (!shown) return;
    const { nodes, left, right } = shown;
    const [counts, chosen] = [nodes.countsOf(), nodes.chosenCountsOf()];
    const { same, all } = nodes.differences;
    const labels = [sideLabel(left), sideLabel(right)] as const;
    this.view.description =
      totalOf(chosen) > 0 ? l10n.t('{0} of {1} selected', totalOf(chosen), totalOf(counts)) : '';
    const words = [
      same === undefined
        ? l10n.t('Only the first {0} differences are shown: compare folders one by one.', all.length)
        : totalOf(counts) === 0
          ? l10n.t('{0} and {1} have the same {2} keys.', ...labels, same)
          : `${labels.join(' → ')}: ${countsText(counts)}, ${l10n.t('{0} the same', same)}`,
      ...(this.conflicts.size > 0
        ? [l10n.t('Not applied: keys on the right were changed meanwhile, and are marked.')]
        : []),
    ];
    this.view.message = words.join(' · ');
    const canApply =
      right.kind === 'cluster' && right.revision === undefined && !right.cluster.settings.readOnly;
    void setContext(etcdContext.comparisonCanApply, canApply && totalOf(counts) > 0);
    this.changed.fire(undefined);
  }

  private toggled(items: readonly (readonly [ComparisonNode, TreeItemCheckboxState])[]): void {
    const rows = items.flatMap(([node, state]) =>
      node.kind === 'more' ? [] : [[node, state === TreeItemCheckboxState.Checked] as const],
    );
    this.shown?.nodes.choose(rows);
    this.redraw();
  }

  private documentOf(side: Side, name: Buffer, revision: number | undefined): Uri {
    if (side.kind === 'file')
      return Uri.from({ scheme: fileValueScheme, path: pathOfKey(name), query: queryOf(side.uri) });
    return valueUri(this.clusters, side.cluster, Buffer.concat([side.prefix, name]), revision);
  }
}

/** Tells documents of several files apart. */
function queryOf(file: Uri): string {
  return file.toString();
}
