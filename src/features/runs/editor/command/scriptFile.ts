import { isAbsolute } from 'node:path';
import { l10n, Uri, workspace, type WorkspaceFolder } from 'vscode';
import { MusterError } from '../../../../platform/errors/errors';

/** The script that a path means, absolute or below the folder. @throws MusterError USAGE */
export function scriptFile(path: string, folder?: WorkspaceFolder): Uri {
  if (isAbsolute(path)) return Uri.file(path);
  const root = folder ?? workspace.workspaceFolders?.[0];
  if (root) return Uri.joinPath(root.uri, path);
  throw new MusterError(
    'USAGE',
    l10n.t('“{0}” is below no folder: open one, or write the whole path.', path),
  );
}
