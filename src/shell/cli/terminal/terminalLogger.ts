import type { Logger } from '../../../platform/host/host';
import type { Terminal } from './terminal';

/** Tells warnings and errors on stderr; with `verbose` the rest, too. */
export function terminalLogger(terminal: Terminal, verbose: boolean): Logger {
  const { colors } = terminal.stderr;
  const note = (label: string) => (message: string) => terminal.note(`${label}: ${message}`);
  return {
    debug: verbose ? note(colors.dim('debug')) : () => {},
    info: verbose ? note(colors.dim('info')) : () => {},
    warn: note(colors.yellow('warning')),
    error: note(colors.red('error')),
  };
}
