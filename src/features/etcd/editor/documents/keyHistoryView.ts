import {
  commands,
  type Disposable,
  EventEmitter,
  l10n,
  ThemeIcon,
  type TreeDataProvider,
  TreeItem,
  TreeItemCollapsibleState,
  window,
  workspace,
} from 'vscode';
import type { KeyState, KeyStates } from '../../core/watch/keyStates';
import { keyText } from '../../core/keys/keyText';
import { valueText } from '../../core/keys/valueText';
import { printable } from '../../../../platform/text/printable';
import { errorReport } from '../../../../platform/errors/errors';
import { timeOfDay } from '../../../../shell/editor/text/localTime';
import { Disposables } from '../../../../shell/editor/disposables';
import { linkTo } from '../../../../shell/editor/commands/musterCommands';
import { sizeText } from '../../../../shell/editor/text/sizeText';
import type { KeyPlace, RevisionNode } from '../config/configNodes';
import type { ConfigWatch } from '../config/configWatch';
import type { EtcdClusters } from '../clusters/etcdClusters';
import { etcdScheme, etcdValueScheme, readEtcdUri } from './etcdUri';

/** The states of one key that etcd still has, the newest on top: of the key that is edited, or that was asked for. */
export class KeyHistoryView implements TreeDataProvider<RevisionNode>, Disposable {
  private readonly owned = new Disposables();
  private readonly changed = this.owned.add(new EventEmitter<undefined>());
  readonly onDidChangeTreeData = this.changed.event;
  private readonly view = this.owned.add(
    window.createTreeView<RevisionNode>('muster.keyHistory', { treeDataProvider: this }),
  );
  private place: KeyPlace | undefined;

  constructor(
    private readonly clusters: EtcdClusters,
    private readonly watch: ConfigWatch,
  ) {
    this.tell(l10n.t('Open a key to see its revisions.'));
    this.owned.add(window.onDidChangeActiveTextEditor(() => this.followEditor()));
    this.owned.add(this.view.onDidChangeVisibility(() => this.followEditor()));
    this.owned.add(clusters.onDidChange(() => this.place && this.changed.fire(undefined)));
    this.owned.add(
      watch.onDidChange(({ cluster, changes }) => {
        const { place } = this;
        const concerns = place?.cluster === cluster && changes.some(({ key }) => key.equals(place.key));
        if (concerns) this.changed.fire(undefined);
      }),
    );
  }

  /** Shows the states of a key and brings the view to the front. */
  async show(place: KeyPlace): Promise<void> {
    this.place = place;
    this.changed.fire(undefined);
    await commands.executeCommand('muster.keyHistory.focus');
  }

  async getChildren(node?: RevisionNode): Promise<RevisionNode[]> {
    const { place } = this;
    if (node || !place) return [];
    const { cluster, key } = place;
    this.view.description = keyText(key);
    try {
      const { keyStates } = await import('../../core/watch/keyStates');
      const options = { signal: cluster.gone, timeoutMs: cluster.settings.timeoutMs };
      this.watch.follow(cluster);
      const found = await keyStates(await cluster.open(), key, options);
      if (place !== this.place) return [];
      this.tell(noteOn(found));
      const { states } = found;
      return states
        .map((state, index) => ({
          ...{ cluster, key, state, now: states.at(-1)! },
          ...{ previous: states[index - 1], next: states[index + 1] },
        }))
        .reverse();
    } catch (error) {
      const { message, hint } = errorReport(error);
      if (place === this.place) this.tell([message, hint].filter(Boolean).join(' '));
      return [];
    }
  }

  getTreeItem(node: RevisionNode): TreeItem {
    const { cluster, state, previous, now } = node;
    const { kv, revision } = state;
    const item = new TreeItem(l10n.t('Revision {0}', revision), TreeItemCollapsibleState.None);
    const at = this.watch.seenAt(cluster, revision);
    const seen = at && timeOfDay(at);
    const words = [
      ...(state === now ? [l10n.t('now')] : []),
      ...(kv ? [firstLine(state), sizeText(kv.value.length)] : [l10n.t('deleted')]),
      ...(seen === undefined ? [] : [l10n.t('seen at {0}', seen)]),
    ].filter(Boolean);
    item.id = `${revision}`;
    item.description = words.join(' · ');
    item.iconPath = new ThemeIcon(kv ? 'git-commit' : 'trash');
    item.tooltip = [
      ...(kv ? [l10n.t('Version {0}, created at revision {1}', kv.version, kv.createRevision)] : []),
      ...(kv?.lease === undefined ? [] : [l10n.t('lease {0}', kv.lease)]),
      ...words,
    ].join('\n');
    item.contextValue = [
      'etcdRevision',
      ...(kv ? ['value'] : []),
      ...(previous ? ['previous'] : []),
      ...(state === now ? [] : ['past']),
      ...(cluster.settings.readOnly ? [] : ['writable']),
      '',
    ].join(';');
    item.command = linkTo(previous ? 'muster.compareRevision' : 'muster.openRevision', l10n.t('Open'), node);
    item.accessibilityInformation = { label: [item.label as string, ...words].join(', ') };
    return item;
  }

  dispose(): void {
    this.owned.dispose();
  }

  private tell(message: string): void {
    this.view.message = message;
  }

  /** A key that is edited is the one whose past is of interest. */
  private followEditor(): void {
    const uri = window.activeTextEditor?.document.uri;
    if (!this.view.visible || !uri || ![etcdScheme, etcdValueScheme].includes(uri.scheme)) return;
    const name = readEtcdUri(uri);
    const cluster = name && this.clusters.find(name.cluster, name.inventory);
    if (!cluster || (this.place?.cluster === cluster && this.place.key.equals(name.key))) return;
    if (!workspace.isTrusted) return;
    this.place = { cluster, key: name.key };
    this.changed.fire(undefined);
  }
}

function noteOn({ states, oldest, forgotten, isProven }: KeyStates): string {
  return [
    ...(states.length === 0 ? [l10n.t('etcd has no state of this key since revision {0}.', oldest)] : []),
    ...(states.length > 0 && oldest > 1 ? [l10n.t('Compacted before revision {0}.', oldest)] : []),
    ...(forgotten > 0 ? [l10n.t('{0} older states are left out.', forgotten)] : []),
    ...(isProven ? [] : [l10n.t('etcd may have more.')]),
  ].join(' ');
}

function firstLine({ kv }: KeyState): string {
  if (!kv) return '';
  const text = valueText(kv.value);
  return text === undefined ? l10n.t('no text') : printable(text.slice(0, 500).trimStart(), 60);
}
