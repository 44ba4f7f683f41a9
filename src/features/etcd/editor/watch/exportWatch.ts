import { l10n, ProgressLocation, Uri, window, workspace } from 'vscode';
import { exportRows } from '../../core/watch/watchExport';
import type { WatchRow } from '../../core/watch/watchLog';
import type { WatchView } from '../../core/watch/watchView';
import { keyText } from '../../core/keys/keyText';
import { writeChosenFile } from '../../../../shell/editor/documents/writeChosenFile';
import type { WatchSession } from './watchSession';

/** UTF-16 units that are written at once. */
const chunkLength = 64 * 1024;

/** Writes the rows that a view shows, the oldest first, to a file that the user chooses. */
export async function exportWatch({ target }: WatchSession, view: WatchView): Promise<void> {
  const name = `${target.cluster}-${keyText(target.prefix, 60)}`.replace(/[^\p{L}\p{N}._-]+/gu, '-');
  const fileName = `${name.replace(/^-+|-+$/g, '')}.ndjson`;
  const folder = workspace.workspaceFolders?.[0]?.uri;
  const uri = await window.showSaveDialog({
    title: l10n.t('Export Changes'),
    ...(folder && { defaultUri: Uri.joinPath(folder, fileName) }),
    filters: { NDJSON: ['ndjson', 'jsonl'] },
  });
  if (!uri) return;
  const rows = view
    .rows(view.first, view.end)
    .map(({ row }) => row)
    .reverse();
  const title = l10n.t('Exporting {0} rows', rows.length.toLocaleString('en'));
  await window.withProgress({ location: ProgressLocation.Notification, title }, () =>
    writeChosenFile(uri, chunks(rows)),
  );
  const open = l10n.t('Open');
  const done = l10n.t('{0} rows were exported.', rows.length.toLocaleString('en'));
  if ((await window.showInformationMessage(done, open)) === open)
    await window.showTextDocument(await workspace.openTextDocument(uri));
}

function* chunks(rows: readonly WatchRow[]): Generator<string> {
  let chunk = '';
  for (const line of exportRows(rows)) {
    chunk += line;
    if (chunk.length < chunkLength) continue;
    yield chunk;
    chunk = '';
  }
  yield chunk;
}
