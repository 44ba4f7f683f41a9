import { type Command, commands } from 'vscode';
import type { shellContribution } from '../contributions';
import type { ArgumentsIn } from '../manifest/contribution';

/** What each command takes; the contributions of features add theirs. */
export interface MusterCommands extends ArgumentsIn<typeof shellContribution.commands> {}

export type CommandId = keyof MusterCommands;

/** What a command takes. */
export type ArgumentsOf<Id extends CommandId> = MusterCommands[Id];

/** Runs a command of Muster; what it fails with is shown by the registry. */
export async function runMuster<Id extends CommandId>(id: Id, ...given: ArgumentsOf<Id>): Promise<void> {
  await commands.executeCommand(id, ...given);
}

/** A command of Muster for a row or a lens. */
export function linkTo<Id extends CommandId>(id: Id, title: string, ...given: ArgumentsOf<Id>): Command {
  return { command: id, title, arguments: [...given] };
}
