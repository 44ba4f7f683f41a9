import { l10n, type TextDocument, workspace } from 'vscode';

/** What to say of a document that Muster has changed and does not save, and whether the user is asked to save it. */
export function savingText({ isDirty, uri }: TextDocument): { text: string; isAsked: boolean } {
  if (!isDirty) return { text: '', isAsked: false };
  const isAutomatic = workspace.getConfiguration('files', uri).get('autoSave', 'off') !== 'off';
  return isAutomatic
    ? { text: l10n.t('VS Code saves it by itself, as Auto Save is on.'), isAsked: false }
    : { text: l10n.t('Nothing is saved yet.'), isAsked: true };
}
