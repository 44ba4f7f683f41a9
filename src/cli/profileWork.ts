import type { Cli } from './cli';

/** What a command on profiles does; resolves to the exit status. */
export type ProfileWork<Options> = (
  operands: readonly string[],
  options: Options,
  cli: Cli,
) => Promise<number>;
