import { basename } from 'node:path';
import { l10n, type Selection, type TextDocument, type Uri, window, workspace } from 'vscode';
import { MusterError } from '../../../../platform/errors/errors';
import { withShebang } from './shebang';

/** A script and what to call it. */
export interface Script {
  script: string;
  label: string;
}

const mostCharacters = 1024 * 1024;

/** The file, or the one in front, as it is in the editor, saved or not. @throws MusterError USAGE */
export async function openScript(uri?: Uri): Promise<Script> {
  const document = uri ? await workspace.openTextDocument(uri) : window.activeTextEditor?.document;
  if (!document) throw nothingOpen();
  return scriptOf(document, document.getText(), basename(document.fileName));
}

/** What is selected in the editor in front. @throws MusterError USAGE */
export function selectedScript(): Script {
  const editor = window.activeTextEditor;
  if (!editor) throw nothingOpen();
  const { document, selections } = editor;
  const chosen = selections.filter((selection) => !selection.isEmpty);
  const text = chosen.map((selection: Selection) => document.getText(selection)).join('\n');
  if (text.trim() === '') throw new MusterError('USAGE', l10n.t('Nothing is selected.'));
  return scriptOf(document, text, l10n.t('selection of {0}', basename(document.fileName)));
}

function scriptOf(document: TextDocument, text: string, label: string): Script {
  if (text.trim() === '') throw new MusterError('USAGE', l10n.t('The script is empty.'));
  if (text.length > mostCharacters)
    throw new MusterError('USAGE', l10n.t('The script is too long to be sent to hosts.'));
  return { script: withShebang(text, document.lineAt(0).text, document.languageId), label };
}

function nothingOpen(): MusterError {
  return new MusterError('USAGE', l10n.t('No script is open.'));
}
