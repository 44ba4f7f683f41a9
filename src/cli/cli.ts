import type { Interruption } from './interruption';
import type { Terminal } from './terminal';

/** The surroundings of a command. */
export interface Cli {
  readonly terminal: Terminal;
  readonly interruption: Interruption;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
}
