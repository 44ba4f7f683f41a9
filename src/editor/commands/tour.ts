import { commands, type ExtensionContext } from 'vscode';

/** `npm start` sets it, which opens the editor for somebody who has never seen Muster. */
const isAskedFor = process.env.MUSTER_TOUR === '1';

/** The Hosts view in front, and the walkthrough beside it, where that was asked for. */
export async function beginTour({ extension }: ExtensionContext): Promise<void> {
  if (!isAskedFor) return;
  await commands.executeCommand('muster.hosts.focus');
  // The lab is up already: its step is done, and the next one is opened.
  await commands.executeCommand('setContext', 'muster.onTour', true);
  const category = `${extension.id}#start`;
  await commands.executeCommand(
    'workbench.action.openWalkthrough',
    { category, step: `${category}#inventory` },
    false,
  );
}
