import { ConfigurationTarget, workspace } from 'vscode';
import { defineSetting } from '../../../../shell/editor/settings';
import { readSnippets, type Snippet } from './snippet';

export const snippetsSetting = defineSetting('snippets', readSnippets);

/** Writes the snippets back to the settings that they come from: the workspace's if it has some, else the user's. */
export async function updateSnippets(change: (snippets: readonly Snippet[]) => Snippet[]): Promise<void> {
  const settings = workspace.getConfiguration('muster');
  const target =
    settings.inspect('snippets')?.workspaceValue === undefined
      ? ConfigurationTarget.Global
      : ConfigurationTarget.Workspace;
  await settings.update('snippets', change(snippetsSetting.get()), target);
}
