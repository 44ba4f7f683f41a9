import { TabInputCustom, TabInputText, type Uri, window } from 'vscode';
import { profileName } from './profileName';

/** Names that a profile may have, such as those of Chrome traces and of pictures of flame graphs. */
const perhapsProfile = /\.(json|svg|txt|out|gz|trace)$/i;

/** The file of the tab in front, whatever editor shows it; surely a profile by its name, or perhaps one. */
export function shownProfile(): { uri: Uri; isSure: boolean } | undefined {
  const input = window.tabGroups.activeTabGroup.activeTab?.input;
  if (!(input instanceof TabInputText || input instanceof TabInputCustom)) return undefined;
  const { uri } = input;
  const isSure = isFlameGraph(input) || profileName.test(uri.path);
  return isSure || perhapsProfile.test(uri.path) ? { uri, isSure } : undefined;
}

export const isFlameGraph = (input: unknown): input is TabInputCustom =>
  input instanceof TabInputCustom && input.viewType.startsWith('muster.flameGraph');
