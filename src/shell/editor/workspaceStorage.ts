import { basename, dirname, join } from 'node:path';
import type { ExtensionContext } from 'vscode';

/**
 * The folder of the open workspace in VS Code's storage; undefined when none is open. VS Code gives each extension host
 * its own, `ID`, `ID-1` … `ID-9`, while another holds the first: after a reload in a browser that is often the one
 * before, which has not ended, and what it kept would be gone from view. All of them share the first here, so who
 * writes there expects others to write, too.
 */
export function workspaceStorage({ storageUri }: Pick<ExtensionContext, 'storageUri'>): string | undefined {
  if (!storageUri) return undefined;
  const ofWorkspace = dirname(storageUri.fsPath);
  return join(ofWorkspace.replace(/-[1-9]$/, ''), basename(storageUri.fsPath));
}
