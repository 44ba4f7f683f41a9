import { commands, l10n, type QuickInputButton, ThemeIcon, window, workspace } from 'vscode';
import { keyStates, type KeyState } from '../../core/etcd/keyStates';
import { keyText } from '../../core/etcd/keyText';
import { valueText } from '../../core/etcd/valueText';
import { printable } from '../../core/printable';
import { MusterError } from '../../core/errors';
import { sizeText } from '../sizeText';
import type { Cluster, EtcdClusters } from './etcdClusters';
import { valueUri } from './etcdValueDocuments';
import type { WritePermission } from './writePermission';

interface Parts {
  clusters: EtcdClusters;
  permission: WritePermission;
  written: (cluster: Cluster, key: Buffer) => void;
}

const compare: QuickInputButton = { iconPath: new ThemeIcon('diff'), tooltip: l10n.t('Compare with Now') };
const before: QuickInputButton = {
  iconPath: new ThemeIcon('history'),
  tooltip: l10n.t('Compare with the One Before'),
};
const restore: QuickInputButton = { iconPath: new ThemeIcon('discard'), tooltip: l10n.t('Restore') };

/** The states that etcd still has of a key, to be opened, compared and brought back. */
export async function pickKeyHistory(
  { clusters, permission, written }: Parts,
  cluster: Cluster,
  key: Buffer,
): Promise<void> {
  const connection = await cluster.open();
  const options = { signal: cluster.gone, timeoutMs: cluster.settings.timeoutMs };
  const { states, oldest, forgotten, isProven } = await keyStates(connection, key, options);
  const name = keyText(key);
  if (states.length === 0)
    throw new MusterError(
      'EXPECTATION',
      l10n.t('etcd has no state of {0} since revision {1}.', name, oldest),
    );
  const isReadOnly = cluster.settings.readOnly;
  const items = states
    .map((state, index) => ({
      ...{ state, previous: states[index - 1] },
      label: `$(${state.kv ? 'git-commit' : 'trash'}) ${l10n.t('Revision {0}', state.revision)}`,
      description: [
        ...(state.kv ? [sizeText(state.kv.value.length)] : [l10n.t('deleted')]),
        ...(index === states.length - 1 ? [l10n.t('now')] : []),
      ].join(' · '),
      detail: firstLine(state),
      buttons: [
        ...(index < states.length - 1 ? [compare] : []),
        ...(index > 0 ? [before] : []),
        ...(index < states.length - 1 && state.kv && !isReadOnly ? [restore] : []),
      ],
    }))
    .reverse();
  const notes = [
    ...(oldest > 1 ? [l10n.t('Compacted before revision {0}.', oldest)] : []),
    ...(forgotten > 0 ? [l10n.t('{0} older states are left out.', forgotten)] : []),
    ...(isProven ? [] : [l10n.t('etcd may have more.')]),
  ];
  const pick = window.createQuickPick<(typeof items)[number]>();
  pick.title = l10n.t('History of {0}', name);
  pick.placeholder = [l10n.t('Open a revision, compare it, or bring it back.'), ...notes].join(' ');
  pick.matchOnDescription = pick.matchOnDetail = true;
  pick.items = items;

  const now = states.at(-1)!;
  const uriAt = (state: KeyState) => valueUri(clusters, cluster, key, state.revision);
  const diff = (from: KeyState, to: KeyState) =>
    commands.executeCommand(
      'vscode.diff',
      uriAt(from),
      uriAt(to),
      l10n.t('{0}: revision {1} ↔ {2}', name, from.revision, to.revision),
    );
  const bringBack = async ({ kv, revision }: KeyState) => {
    if (!kv) return;
    const question = l10n.t('Restore {0} as it was at revision {1}?', name, revision);
    const go = l10n.t('Restore');
    if ((await window.showWarningMessage(question, { modal: true }, go)) !== go) return;
    await permission.ask(cluster, question);
    const ifRevision = now.kv?.modRevision ?? 0;
    const result = await connection.put(key, kv.value, { ...options, ifRevision });
    if (!result.ok)
      throw new MusterError('CONFLICT', l10n.t('{0} was changed meanwhile. Nothing was written.', name));
    written(cluster, key);
  };
  await new Promise<void>((resolve, reject) => {
    const act = (work: () => PromiseLike<unknown>) => {
      pick.hide();
      work().then(() => resolve(), reject);
    };
    pick.onDidTriggerItemButton(({ item, button }) => {
      if (button === compare) act(() => diff(item.state, now));
      else if (button === before && item.previous) act(() => diff(item.previous!, item.state));
      else if (button === restore) act(() => bringBack(item.state));
    });
    pick.onDidAccept(() => {
      const [item] = pick.activeItems;
      if (item) act(async () => window.showTextDocument(await workspace.openTextDocument(uriAt(item.state))));
    });
    pick.onDidHide(() => {
      pick.dispose();
      resolve();
    });
    pick.show();
  });
}

function firstLine({ kv }: KeyState): string {
  if (!kv) return '';
  const text = valueText(kv.value);
  return text === undefined ? l10n.t('no text') : printable(text.slice(0, 500), 100);
}
