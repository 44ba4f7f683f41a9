import { type CancellationToken, env, l10n, ProgressLocation, Uri, window, workspace } from 'vscode';
import type { LogView } from '../core/logView';
import { writeChosenFile } from '../../../shell/editor/documents/writeChosenFile';
import { sizeText } from '../../../shell/editor/text/sizeText';

/** Rows of a view by position, `to` not among them. */
export interface Rows {
  from: number;
  to: number;
}

/** UTF-16 units of a document, and of the clipboard: beyond it the editor would freeze. */
const mostInDocument = 20_000_000;

/** Opens the lines as a document; what is too much for one is offered to be saved. */
export async function openInEditor(view: LogView, { from, to }: Rows, prefixed: boolean): Promise<void> {
  const text = await collect(
    l10n.t('Reading {0} lines', count(to - from)),
    view.text(from, to, { prefixed }),
  );
  if (text === undefined) return;
  if (text === tooMuch) {
    const save = l10n.t('Save As…');
    const message = l10n.t(
      'These lines are more than {0}, which no editor shows well.',
      sizeText(mostInDocument),
    );
    if ((await window.showWarningMessage(message, save)) === save)
      await saveLines(view, { from, to }, prefixed, 'log');
    return;
  }
  await window.showTextDocument(await workspace.openTextDocument({ content: text, language: 'log' }), {
    preview: false,
  });
}

export async function copyLines(view: LogView, { from, to }: Rows): Promise<void> {
  const text = await collect(l10n.t('Copying {0} lines', count(to - from)), view.text(from, to));
  if (text === tooMuch)
    void window.showWarningMessage(
      l10n.t('These lines are more than {0}: save them instead.', sizeText(mostInDocument)),
    );
  else if (text !== undefined)
    await env.clipboard.writeText(to - from === 1 ? text.replace(/\r?\n$/, '') : text);
}

/** Writes the lines to a file that the user chooses. */
export async function saveLines(
  view: LogView,
  { from, to }: Rows,
  prefixed: boolean,
  name: string,
): Promise<void> {
  const folder = workspace.workspaceFolders?.[0]?.uri;
  const uri = await window.showSaveDialog({
    title: l10n.t('Save Log'),
    ...(folder && { defaultUri: Uri.joinPath(folder, `${name.replace(/[^\p{L}\p{N}._-]+/gu, '-')}.log`) }),
    filters: { [l10n.t('Logs')]: ['log', 'txt'] },
  });
  if (!uri) return;
  const title = l10n.t('Saving {0} lines', count(to - from));
  const options = { location: ProgressLocation.Notification, title, cancellable: true };
  const isWhole = await window.withProgress(options, async (progress, token) => {
    const chunks = counted(view.text(from, to, { prefixed }), token, (size) =>
      progress.report({ message: sizeText(size) }),
    );
    await writeChosenFile(uri, chunks);
    return !token.isCancellationRequested;
  });
  if (!isWhole) {
    void window.showWarningMessage(l10n.t('Saving was cancelled: the file holds a part of the lines.'));
    return;
  }
  const open = l10n.t('Open');
  const { total } = view.state;
  const done =
    to - from < total
      ? l10n.t('{0} of {1} lines were saved.', count(to - from), count(total))
      : l10n.t('All {0} lines were saved.', count(to - from));
  if ((await window.showInformationMessage(done, open)) === open)
    await window.showTextDocument(await workspace.openTextDocument(uri));
}

const tooMuch = Symbol('too much');

/** undefined when the user cancelled. */
async function collect(
  title: string,
  chunks: AsyncIterable<string>,
): Promise<string | typeof tooMuch | undefined> {
  const options = { location: ProgressLocation.Notification, title, cancellable: true };
  return window.withProgress(options, async (_progress, token) => {
    const kept: string[] = [];
    let length = 0;
    for await (const chunk of chunks) {
      if (token.isCancellationRequested) return undefined;
      kept.push(chunk);
      length += chunk.length;
      if (length > mostInDocument) return tooMuch;
    }
    return kept.join('');
  });
}

/** The chunks until the user cancels. */
async function* counted(
  chunks: AsyncIterable<string>,
  token: CancellationToken,
  onSize: (size: number) => void,
): AsyncGenerator<string> {
  let size = 0;
  for await (const chunk of chunks) {
    if (token.isCancellationRequested) return;
    yield chunk;
    size += chunk.length;
    onSize(size);
  }
}

function count(lines: number): string {
  return lines.toLocaleString('en');
}
