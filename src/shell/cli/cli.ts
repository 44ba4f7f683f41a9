import type { Authority } from '../../platform/host/host';
import type { Interruption } from './terminal/interruption';
import type { Terminal } from './terminal/terminal';

/** The surroundings of a command. */
export interface Cli {
  readonly terminal: Terminal;
  readonly interruption: Interruption;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** Who is asked, one for all engines of the command: what was answered is not asked again. */
  readonly person: (acceptNew: boolean) => Authority;
}
