import type { Command } from 'commander';
import type { CommonOptions } from './options';

/** Resolves to the exit status. */
export type CarryOut<Options> = (operands: string[], options: Options) => Promise<number>;

/** Those that every command has; what one calls `--json` may be its own. */
export type SomeOptions = Omit<CommonOptions, 'json'> & { json?: unknown };

/** Adds a command that is carried out with what commander read. */
export type DefineCommand = <Options extends SomeOptions>(
  name: string,
  description: string,
  carryOut: CarryOut<Options>,
) => Command;

/** Adds the commands of a feature. `remote` is what comes after `--`. */
export type DefineCommands = (define: DefineCommand, remote: readonly string[]) => void;

/** Commands below a word of their own, such as `muster etcd …`. */
export interface CommandGroup {
  name: string;
  description: () => string;
  define: DefineCommands;
}
