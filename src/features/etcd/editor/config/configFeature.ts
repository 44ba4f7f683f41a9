import {
  EventEmitter,
  type FileChangeEvent,
  FileChangeType,
  l10n,
  type Uri,
  window,
  workspace,
} from 'vscode';
import { Disposables } from '../../../../shell/editor/disposables';
import { unattended } from '../../../../shell/editor/prompts/unattended';
import type { Cluster } from '../clusters/cluster';
import { ExplicitSaves } from '../../../../shell/editor/documents/explicitSaves';
import { lazyFileSystem } from '../../../../shell/editor/documents/lazyFileSystem';
import type { Ports } from '../../../../shell/editor/services';
import { ConfigTree } from './configTree';
import { ConfigWatch, type KeyWritten } from './configWatch';
import type { ConfigNode, FolderNode, KeyNode, KeyPlace, ParentNode, RevisionNode } from './configNodes';
import { EtcdKeyStatus } from '../documents/etcdKeyStatus';
import { etcdScheme, etcdValueScheme, readEtcdUri } from '../documents/etcdUri';
import { KeyHistoryView } from '../documents/keyHistoryView';
import { uriOfKey } from '../documents/uriOfKey';
import { valueLanguages } from '../documents/valueLanguages';
import { setContext } from '../../../../shell/editor/setContext';
import { etcdContext } from '../contextKeys';

/** Milliseconds between two looks at whether what is known of clusters has grown old. */
const keepStatusMs = 5_000;

/** The Config view, and keys of etcd as documents. What they do is loaded at its first use. */
export function configFeature({ registry, etcd }: Ports<'registry' | 'etcd'>): Disposables {
  const owned = new Disposables();
  const tree = owned.add(new ConfigTree(etcd));
  const watch = owned.add(new ConfigWatch(etcd));
  owned.add(new EtcdKeyStatus(etcd));
  const history = owned.add(new KeyHistoryView(etcd, watch));
  const view = owned.add(
    window.createTreeView<ConfigNode>('muster.config', { treeDataProvider: tree, showCollapseAll: true }),
  );
  // The rows ask for a password that it needs, and it begins when they have it.
  const followInBackground = (cluster: Cluster) =>
    void unattended(() => Promise.resolve(watch.follow(cluster)));
  const followAgain = () => void unattended(() => Promise.resolve(watch.followAgain()));
  owned.add(
    etcd.onDidChangeLogin(({ login }) => {
      if (login === 'done') followAgain();
    }),
  );
  owned.add(view.onDidExpandElement(({ element }) => followInBackground(element.cluster)));
  owned.add(
    etcd.watches.onDidTell(({ cluster, record }) => {
      // Which rows are gone is unknown after such a gap.
      if (record.type === 'difference' && record.last && !record.deletionsKnown)
        tree.refresh(tree.rootOf(cluster));
      if (record.type === 'disconnected') tree.connectionChanged(cluster, true);
      if (record.type === 'connected' || record.type === 'resumed') tree.connectionChanged(cluster, false);
    }),
  );
  owned.add(etcd.watches.onDidFail(({ cluster }) => tree.connectionChanged(cluster, false)));
  const keeping = setInterval(() => {
    if (view.visible) tree.keepStatus();
  }, keepStatusMs);
  owned.add({ dispose: () => clearInterval(keeping) });
  owned.add(
    view.onDidChangeVisibility(({ visible }) => {
      if (visible) tree.keepStatus();
    }),
  );
  owned.add(window.registerFileDecorationProvider(watch));
  const tell = () => void setContext(etcdContext.hasEtcd, etcd.all.length > 0);
  owned.add(etcd.onDidChange(tell));
  tell();

  const changes = owned.add(new EventEmitter<FileChangeEvent[]>());
  const valueChanges = owned.add(new EventEmitter<Uri>());
  const written: KeyWritten = (cluster, key, revision) => {
    if (revision !== undefined) watch.wrote(cluster, revision);
    void tree.readAgain(cluster, key);
    watch.seen(uriOfKey(etcd, cluster, key));
  };
  const saves = owned.add(new ExplicitSaves(etcdScheme));
  let loading: ReturnType<typeof load> | undefined;
  const load = async () => {
    const { configParts } = await import('./configParts');
    const parts = configParts({ tree, clusters: etcd, saves, written });
    owned.add(parts.system);
    owned.add(parts.system.onDidChangeFile((events) => changes.fire(events)));
    return parts;
  };
  const parts = () => (loading ??= load());
  const system = async () => (await parts()).system;

  owned.add(
    watch.onDidChange(({ cluster, changes }) => {
      tree.apply(cluster, changes);
      if (!loading) return;
      const open = new Set(workspace.textDocuments.map(({ uri }) => uri.toString()));
      for (const { key, kv } of changes) {
        const uri = uriOfKey(etcd, cluster, key);
        const type = kv ? FileChangeType.Changed : FileChangeType.Deleted;
        if (open.has(uri.toString())) void system().then((files) => files.keyChanged(uri, type));
        const value = uriOfKey(etcd, cluster, key, etcdValueScheme);
        if (open.has(value.toString())) valueChanges.fire(value);
      }
    }),
  );
  owned.add(
    window.onDidChangeActiveTextEditor((editor) => {
      if (editor?.document.uri.scheme === etcdScheme) watch.seen(editor.document.uri);
    }),
  );

  // Who looks at a key sees it as it is now.
  const shown = (uri: Uri) => {
    const name = readEtcdUri(uri);
    const cluster = name && etcd.find(name.cluster, name.inventory);
    if (cluster && workspace.isTrusted) followInBackground(cluster);
  };
  const provider = lazyFileSystem(system, changes.event, shown);
  owned.add(valueLanguages());
  owned.add(workspace.registerFileSystemProvider(etcdScheme, provider, { isCaseSensitive: true }));
  owned.add(
    workspace.registerTextDocumentContentProvider(etcdValueScheme, {
      onDidChange: valueChanges.event,
      provideTextDocumentContent: async (uri) => (await parts()).values.provideTextDocumentContent(uri),
    }),
  );

  const filtered = () => {
    view.description = tree.filter;
    view.message = tree.filter === undefined ? undefined : l10n.t('Keys that match “{0}”.', tree.filter);
    void setContext(etcdContext.keysFiltered, tree.filter !== undefined);
  };
  registry.register({
    'muster.refreshConfig': async (node?: ConfigNode) => {
      await (await parts()).commands.refresh(node);
      followAgain();
    },
    'muster.enterClusterPassword': async (node?: ConfigNode) => {
      await (await parts()).commands.enterPassword(node);
      followAgain();
    },
    'muster.showMoreKeys': async (node?: ParentNode) => (await parts()).commands.showMore(node),
    'muster.filterKeys': async () => {
      await (await parts()).commands.filter();
      filtered();
    },
    'muster.clearKeyFilter': async () => {
      (await parts()).commands.clearFilter();
      filtered();
    },
    'muster.openKey': async (what?: ConfigNode | KeyPlace) => (await parts()).commands.open(what),
    'muster.newKey': async (node?: ConfigNode) => (await parts()).commands.create(node),
    'muster.duplicateKey': async (node?: KeyNode) => (await parts()).commands.duplicate(node),
    'muster.renameKey': async (node?: KeyNode) => (await parts()).commands.rename(node),
    'muster.deleteKeys': async (node?: KeyNode | FolderNode) => (await parts()).commands.remove(node),
    'muster.copyKey': async (node?: KeyNode | FolderNode) => (await parts()).commands.copyKey(node),
    'muster.copyKeyValue': async (node?: KeyNode) => (await parts()).commands.copyValue(node),
    'muster.setKeyTtl': async (node?: KeyNode) => (await parts()).commands.setTtl(node),
    'muster.keyHistory': async (node?: KeyNode) => {
      // What was deleted has a history, too.
      const absent = (key: string) => l10n.t('History of {0}, which does not exist now', key);
      const place = await (await parts()).commands.keyOf(node, absent);
      if (place) await history.show(place);
    },
    'muster.openRevision': async (node: RevisionNode) => (await parts()).revisions.open(node),
    'muster.compareRevision': async (node: RevisionNode) => (await parts()).revisions.compare(node),
    'muster.compareRevisionWithNext': async (node: RevisionNode) =>
      (await parts()).revisions.compareWithNext(node),
    'muster.compareRevisionWithNow': async (node: RevisionNode) =>
      (await parts()).revisions.compareWithNow(node),
    'muster.restoreRevision': async (node: RevisionNode) => (await parts()).revisions.restore(node),
  });
  return owned;
}
