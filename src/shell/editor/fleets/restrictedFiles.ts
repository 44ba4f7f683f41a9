import { l10n, workspace } from 'vscode';
import { FolderBounds } from '../../../platform/files/folderBounds';
import { isElsewhere } from '../../../platform/files/isElsewhere';
import type { FileOptions, PathRefusal } from '../../../platform/inventory/fileAccess';

/**
 * What is not read in Restricted Mode on behalf of `file`, undefined where all is. What the workspace brings reads files
 * of the workspace only, wherever links lead; what the user keeps elsewhere reads no files of other machines.
 */
export function restrictedFiles(file: string): FileOptions['refuse'] {
  if (workspace.isTrusted) return undefined;
  const bounds = workspaceBounds();
  const isOfWorkspace = bounds.holds(file);
  const warning = (reason: string): PathRefusal => ({ reason, severity: 'warning' });
  return async (target) => {
    if (isOfWorkspace || bounds.holds(target)) {
      if (await bounds.has(target)) return undefined;
      return warning(
        l10n.t(
          'it is not in the workspace, and Restricted Mode reads nothing else. Trust the workspace to read it.',
        ),
      );
    }
    if (!isElsewhere(target)) return undefined;
    return warning(l10n.t('it is on another machine. Trust the workspace to read it.'));
  };
}

/** The folders of the workspace on this machine. */
export function workspaceBounds(): FolderBounds {
  const folders = (workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
  return new FolderBounds(folders.map(({ uri }) => uri.fsPath));
}
