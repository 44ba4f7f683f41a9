import { commands, env, l10n, Uri, window } from 'vscode';
import { keyText } from '../../core/keys/keyText';
import { MusterError } from '../../../../platform/errors/errors';
import type { EtcdClusters } from '../clusters/etcdClusters';
import { applyComparison } from './applyComparison';
import { comparisonMarkdown } from './comparisonMarkdown';
import type { DifferenceNode, FolderNode, MoreNode } from './comparisonNodes';
import { openFile, pickFile, pickOtherSide, pickPlace, readPlace } from './comparisonPlaces';
import { type ClusterPlace, sideLabel } from './comparisonSide';
import type { ComparisonView } from './comparisonView';
import { exportPrefixFile } from './exportPrefixFile';

/** What the Comparison view does, and what leads to it. */
export class ComparisonCommands {
  constructor(
    private readonly view: ComparisonView,
    private readonly clusters: EtcdClusters,
  ) {}

  /** Compares a row of the Config view, or a named place, with what is picked or named. */
  readonly compareWith = async (from?: unknown, to?: unknown): Promise<void> => {
    const left =
      readPlace(from, this.clusters) ?? (await pickPlace(this.clusters, l10n.t('Compare which prefix?')));
    if (!left) return;
    const named = readPlace(to, this.clusters) ?? readPlace(withOf(from), this.clusters);
    const right = named ?? (await pickOtherSide(this.clusters, left));
    if (!right) return;
    // The past, or a file, is what a place may be made like.
    const isSource = right.kind === 'file' || right.revision !== undefined;
    await (isSource ? this.view.compare(right, left) : this.view.compare(left, right));
  };

  /** Shows what a file would change below a prefix. */
  readonly importFile = async (to?: unknown, from?: unknown): Promise<void> => {
    const row = readPlace(to, this.clusters);
    const known = row?.cluster ?? this.clusters.all[0];
    if (!known) return;
    const uri = from instanceof Uri ? from : (await pickFile(known, l10n.t('Compare')))?.uri;
    if (!uri) return;
    const { place, header } = await openFile(uri, known);
    const named = header?.cluster === undefined ? undefined : this.clusters.find(header.cluster);
    const origin: ClusterPlace | undefined = header && {
      ...{ kind: 'cluster', cluster: row?.cluster ?? named ?? known, prefix: header.prefix },
    };
    const right = await this.importTarget(row, origin, from instanceof Uri);
    if (!right) return;
    // Plain mappings are joined with the separator of the cluster that they go to.
    const isOther = !header && right.cluster.settings.separator !== known.settings.separator;
    await this.view.compare(isOther ? (await openFile(uri, right.cluster)).place : place, right);
  };

  readonly exportFile = async (from?: unknown, to?: unknown): Promise<void> => {
    const place =
      readPlace(from, this.clusters) ?? (await pickPlace(this.clusters, l10n.t('Export which prefix?')));
    if (place) await exportPrefixFile(place, to instanceof Uri ? to : undefined);
  };

  readonly open = async (node?: DifferenceNode): Promise<void> => {
    const documents = node?.kind === 'difference' && this.view.documentsOf(node);
    const { comparison } = this.view;
    if (!documents || !comparison) return;
    const sides = `${sideLabel(comparison.left)} ↔ ${sideLabel(comparison.right)}`;
    const title = `${keyText(node.difference.name) || '""'} (${sides})`;
    await commands.executeCommand('vscode.diff', documents.left, documents.right, title, { preview: true });
  };

  readonly swap = async (): Promise<void> => {
    const { left, right } = this.known();
    await this.view.compare(right, left);
  };

  /** Reads a file again, too. */
  readonly refresh = async (): Promise<void> => {
    const { left, right } = this.known();
    const cluster = [left, right].find((side) => side.kind === 'cluster')?.cluster;
    const again = async (side: typeof left) =>
      side.kind === 'file' && cluster ? (await openFile(side.uri, cluster)).place : side;
    await this.view.compare(await again(left), await again(right), { keepChoice: true });
  };

  readonly apply = (): Promise<void> => applyComparison(this.view, this.known());

  readonly selectRemovals = (node?: FolderNode): void => {
    const isFolder = node?.kind === 'root' || node?.kind === 'folder';
    this.view.chooseRemovals(isFolder ? node : undefined);
  };

  readonly showMore = (node?: MoreNode): void => {
    if (node?.kind === 'more') this.view.showMore(node);
  };

  readonly close = (): Promise<void> => this.view.close();

  readonly copy = async (): Promise<void> => {
    await env.clipboard.writeText(comparisonMarkdown(this.known()));
    void window.showInformationMessage(l10n.t('The comparison was copied as Markdown.'));
  };

  private known() {
    const { comparison } = this.view;
    if (comparison) return comparison;
    throw new MusterError('EXPECTATION', l10n.t('Nothing is compared.'), {
      hint: l10n.t('Compare a folder or a cluster of the Config view first.'),
    });
  }

  /** Where the keys of a file go: to the row, or to where they came from; whoever named the file is not asked. */
  private async importTarget(
    row: ClusterPlace | undefined,
    origin: ClusterPlace | undefined,
    isNamed: boolean,
  ): Promise<ClusterPlace | undefined> {
    if (row && (isNamed || !origin || row.prefix.equals(origin.prefix))) return row;
    const title = l10n.t('Import below which prefix?');
    if (!row || !origin) {
      if (isNamed && origin) return origin;
      return pickPlace(this.clusters, title, origin && (() => origin.prefix));
    }
    const choices = [
      { label: sideLabel(row), description: l10n.t('this row'), place: row },
      { label: sideLabel(origin), description: l10n.t('as in the file'), place: origin },
    ];
    return (await window.showQuickPick(choices, { title }))?.place;
  }
}

/** The other side, in the one argument of a key binding. */
function withOf(argument: unknown): unknown {
  return typeof argument === 'object' && argument !== null && 'with' in argument ? argument.with : undefined;
}
