import { commands, l10n, ProgressLocation, Uri, window, workspace } from 'vscode';
import { exportPrefix } from '../../core/compare/exportPrefix';
import { keyText } from '../../core/keys/keyText';
import { formatOfFile } from '../../core/compare/prefixFile';
import { writeChosenFile } from '../../../../shell/editor/documents/writeChosenFile';
import { sizeText } from '../../../../shell/editor/text/sizeText';
import { keyCount } from '../config/configItem';
import { type ClusterPlace, sideLabel } from './comparisonSide';

/** Writes the keys below a prefix to a file that is asked for, unless it is given. */
export async function exportPrefixFile(place: ClusterPlace, to: Uri | undefined): Promise<void> {
  const file =
    to ??
    (await window.showSaveDialog({
      saveLabel: l10n.t('Export'),
      filters: { YAML: ['yaml', 'yml'], JSON: ['json'] },
      ...defaultUri(place),
    }));
  if (!file) return;
  const { cluster, prefix, revision } = place;
  const connection = await cluster.open();
  const written = await window.withProgress(
    {
      ...{ location: ProgressLocation.Notification, cancellable: true },
      title: l10n.t('Exporting {0}', sideLabel(place)),
    },
    async (progress, token) => {
      const controller = new AbortController();
      token.onCancellationRequested(() => controller.abort());
      const signal = AbortSignal.any([controller.signal, cluster.gone]);
      let keys = 0;
      try {
        const exported = await exportPrefix(connection, prefix, {
          ...{ format: formatOfFile(file.path), cluster: cluster.name },
          ...(revision !== undefined && { revision }),
          call: { signal, timeoutMs: cluster.settings.timeoutMs },
          onProgress: (count) => {
            keys = count;
            progress.report({ message: keyCount(count) });
          },
        });
        const parts: Buffer[] = [];
        for await (const part of exported.text) parts.push(Buffer.from(part));
        const content = Buffer.concat(parts);
        // The file is there whole, or as it was.
        signal.throwIfAborted();
        await writeChosenFile(file, content);
        return { keys, bytes: content.length, revision: exported.revision };
      } catch (error) {
        if (controller.signal.aborted) return undefined;
        throw error;
      }
    },
  );
  if (!written) return;
  const open = l10n.t('Open File');
  void window
    .showInformationMessage(
      l10n.t(
        'Exported {0} ({1}) of {2} at revision {3}.',
        keyCount(written.keys),
        sizeText(written.bytes),
        sideLabel({ kind: 'cluster', cluster, prefix }),
        written.revision,
      ),
      open,
    )
    .then((answer) => (answer === open ? commands.executeCommand('vscode.open', file) : undefined));
}

/** Named for the last folder of the prefix. */
function defaultUri({ cluster, prefix }: ClusterPlace): { defaultUri?: Uri } {
  const folder = workspace.workspaceFolders?.[0]?.uri;
  const words = [cluster.name, ...keyText(prefix).split('/')].filter((word) => /^[\w.-]+$/.test(word));
  return folder ? { defaultUri: Uri.joinPath(folder, `${words.join('-') || 'etcd'}.yaml`) } : {};
}
