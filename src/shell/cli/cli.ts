import type { Interruption } from './terminal/interruption';
import type { Terminal } from './terminal/terminal';

/** The surroundings of a command. */
export interface Cli {
  readonly terminal: Terminal;
  readonly interruption: Interruption;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
}
