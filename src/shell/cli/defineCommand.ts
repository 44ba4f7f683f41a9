import type { Command } from 'commander';
import type { CommonOptions } from './options';

/** Resolves to the exit status. */
export type CarryOut<Options> = (operands: string[], options: Options) => Promise<number>;

/** Adds a command that is carried out with what commander read. */
export type DefineCommand = <Options extends CommonOptions>(
  name: string,
  description: string,
  carryOut: CarryOut<Options>,
) => Command;
