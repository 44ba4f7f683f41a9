import type { Memento } from 'vscode';
import { holdsSecret } from '../../core/holdsSecret';

const historyKey = 'muster.commandHistory';
const historyLength = 30;

/** The command lines that ran in this workspace, the last one first; never one that seems to hold a secret. */
export class CommandHistory {
  constructor(private readonly memento: Memento) {}

  get commands(): readonly string[] {
    return this.memento.get<string[]>(historyKey, []);
  }

  async remember(command: string): Promise<void> {
    if (holdsSecret(command)) return;
    const others = this.commands.filter((other) => other !== command);
    await this.memento.update(historyKey, [command, ...others].slice(0, historyLength));
  }

  async forget(command: string): Promise<void> {
    await this.memento.update(
      historyKey,
      this.commands.filter((other) => other !== command),
    );
  }
}
