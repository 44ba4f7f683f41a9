import { commands } from 'vscode';

/** Gives a key of `when` clauses its value. */
export async function setContext(key: `muster.${string}`, value: boolean): Promise<void> {
  await commands.executeCommand('setContext', key, value);
}
