import { commands, l10n, window, workspace } from 'vscode';
import type { KeyState } from '../../core/watch/keyStates';
import { keyText } from '../../core/keys/keyText';
import { MusterError } from '../../../../platform/errors/errors';
import type { KeyWritten } from '../config/configWatch';
import type { EtcdClusters } from '../clusters/etcdClusters';
import { valueUri } from './etcdValueDocuments';
import type { KeyPlace, RevisionNode } from '../config/configNodes';
import type { WritePermission } from '../clusters/writePermission';
import { askBefore } from '../../../../shell/editor/prompts/askBefore';

/** What the rows of the Key History view can do. */
export class RevisionCommands {
  constructor(
    private readonly clusters: EtcdClusters,
    private readonly permission: WritePermission,
    private readonly written: KeyWritten,
  ) {}

  readonly open = async ({ state, ...place }: RevisionNode): Promise<void> => {
    await window.showTextDocument(await workspace.openTextDocument(this.uriOf(place, state)));
  };

  /** With the state before it. */
  readonly compare = (node: RevisionNode) => this.diff(node, node.previous, node.state);
  readonly compareWithNext = (node: RevisionNode) => this.diff(node, node.state, node.next);
  readonly compareWithNow = (node: RevisionNode) => this.diff(node, node.state, node.now);

  /** Writes the value as it was, guarded by what the view shows as the state now; a deleted key comes back. */
  readonly restore = async ({ cluster, key, state, now }: RevisionNode): Promise<void> => {
    const { kv, revision } = state;
    if (!kv) return;
    const name = keyText(key);
    const question = l10n.t('Restore {0} as it was at revision {1}?', name, revision);
    const go = l10n.t('Restore');
    const detail = now.kv
      ? l10n.t('The value of revision {0} is replaced; it stays in the history.', now.revision)
      : l10n.t('The key was deleted at revision {0}.', now.revision);
    if (!(await askBefore(question, { refusal: l10n.t("Don't Restore"), detail }, go))) return;
    await this.permission.ask(cluster, question);
    const connection = await cluster.open();
    const result = await connection.put(key, kv.value, {
      ...{ signal: cluster.gone, timeoutMs: cluster.settings.timeoutMs },
      ifRevision: now.kv?.modRevision ?? 0,
    });
    this.written(cluster, key, result.ok ? result.revision : undefined);
    if (!result.ok)
      throw new MusterError('CONFLICT', l10n.t('{0} was changed meanwhile. Nothing was written.', name), {
        hint: l10n.t('Look at it, and try again.'),
      });
  };

  private async diff(place: KeyPlace, from: KeyState | undefined, to: KeyState | undefined): Promise<void> {
    if (!from || !to) return;
    const title = l10n.t('{0}: revision {1} ↔ {2}', keyText(place.key), from.revision, to.revision);
    await commands.executeCommand('vscode.diff', this.uriOf(place, from), this.uriOf(place, to), title);
  }

  private uriOf({ cluster, key }: KeyPlace, { revision }: KeyState) {
    return valueUri(this.clusters, cluster, key, revision);
  }
}
