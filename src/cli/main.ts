import type { Cli } from './cli';
import { exitStatus, UsageError } from './exitStatus';
import { Interruption } from './interruption';
import { configureLanguage, t } from './l10n';
import { MusterError } from '../core/errors';
import { runProgram } from './program';
import { Terminal } from './terminal';

let cli: Cli | undefined;

/** Says what went wrong and tells how to exit. */
function reportError(error: unknown): number {
  const say = (text: string) => (cli ? cli.terminal.note(text) : process.stderr.write(`${text}\n`));
  if (error instanceof UsageError || MusterError.is(error, 'INVENTORY')) {
    say(`muster: ${error.message}`);
    if (error instanceof MusterError && error.hint) say(error.hint);
    return exitStatus.usage;
  }
  if (MusterError.is(error, 'CANCELLED')) return cli?.interruption.exitStatus ?? exitStatus.interrupted;
  say(
    t('muster: internal error: {0}', error instanceof Error ? (error.stack ?? error.message) : String(error)),
  );
  return exitStatus.internal;
}

for (const event of ['uncaughtException', 'unhandledRejection']) {
  process.on(event, (error) => process.exit(reportError(error)));
}

configureLanguage(process.env);
void runProgram(process.argv.slice(2), ({ color }) => {
  const interruption = new Interruption();
  cli = {
    terminal: new Terminal(interruption, process.env, color),
    interruption,
    env: process.env,
    cwd: process.cwd(),
  };
  return cli;
})
  .catch(reportError)
  // Not exit(): what is still in the output must reach its reader.
  .then((status) => (process.exitCode = status));
