import { commands, type ExtensionContext } from 'vscode';

/** `npm start` sets it, which opens the editor for somebody who has never seen Muster. */
const isAskedFor = process.env.MUSTER_TOUR === '1';

/** The Hosts view in front, and the walkthrough beside it, where that was asked for. */
export async function beginTour({ extension }: ExtensionContext): Promise<void> {
  if (!isAskedFor) return;
  await commands.executeCommand('muster.hosts.focus');
  await commands.executeCommand('workbench.action.openWalkthrough', `${extension.id}#start`, false);
}
